import { suggestion } from './suggest.ts'
import type { Warning } from './warning.ts'

const COST_KEYS = [
  'slippage',
  'schema',
  'side',
  'fee_ccy',
  'per_lot',
  'per_lot_maker',
  'rate_per_million',
  'rate_per_million_maker',
  'pct',
  'pct_maker',
  'min_fee',
  'tiers',
  'tier_reset',
  'pip_buffer_factor',
  'fees',
]
const NESTED_COST_KEYS: Readonly<Record<string, readonly string[]>> = {
  slippage: ['model', 'fixed_pips', 'random_pips', 'base_pips', 'jitter_factor', 'atr_factor', 'atr_period'],
  fees: ['per_million', 'lot_size', 'min_fee'],
}
const SPEC_KEYS = [
  'symbol',
  'contract_size',
  'tick_size',
  'tick_value',
  'pip_size',
  'volume_min',
  'volume_step',
  'volume_max',
  'base_currency',
  'quote_currency',
  'profit_currency',
  'min_sl_distance_pips',
]

/**
 * Keys of the costs content that nobody reads. The core ignores them, as the file format allows; a misspelt fee would
 * silently be no fee, so each is a warning.
 */
export function costsWarnings(costs: unknown, symbol: string): Warning[] {
  const root = record(costs)
  if (!root) return []
  const own = record(record(root.per_symbol)?.[symbol])
  const warnings = unknownKeys('costs', root, ['defaults', 'per_symbol'])
  if (!record(root.defaults) && !own) {
    const message = `the execution costs have neither 'defaults' nor an entry of ${symbol}: no fees, no slippage`
    warnings.push({ code: 'CFG_W_NO_EFFECT', path: 'costs', message })
  }
  for (const [path, block] of [
    ['costs.defaults', record(root.defaults)],
    [`costs.per_symbol.${symbol}`, own],
  ] as const) {
    if (!block) continue
    warnings.push(...unknownKeys(path, block, COST_KEYS))
    for (const [name, known] of Object.entries(NESTED_COST_KEYS)) {
      warnings.push(...unknownKeys(`${path}.${name}`, record(block[name]) ?? {}, known))
    }
  }
  return warnings
}

/** Keys of the symbol's specification that nobody reads. */
export function specsWarnings(specs: unknown, symbol: string): Warning[] {
  return unknownKeys(`symbol_specs.${symbol}`, record(record(specs)?.[symbol]) ?? {}, SPEC_KEYS)
}

function unknownKeys(path: string, block: Readonly<Record<string, unknown>>, known: readonly string[]): Warning[] {
  return Object.keys(block)
    .filter((key) => !known.includes(key) && !/^(_|x-)/.test(key))
    .map((key) => {
      const hint = suggestion(key, known)
      const message = `unknown key '${key}' is ignored`
      return { code: 'CFG_W_UNKNOWN_KEY', path: `${path}.${key}`, message, ...(hint === undefined ? {} : { hint }) }
    })
}

function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return isRecord(value) ? value : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
