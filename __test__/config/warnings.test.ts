import { describe, expect, it } from 'vitest'
import { WARNING_CODES } from '../../api/config/issue.ts'
import type { StrategyCheck } from '../../api/config/strategy-check.ts'
import { codesOf, parsed, warningsOf } from './support.ts'

const CASES: [changes: object, expected: string[]][] = [
  [{}, []],
  [{ typo: 1 }, ['typo: CFG_W_UNKNOWN_KEY']],
  [
    { schema_version: undefined, run_mode: undefined, data_mode: undefined, timeframes: {} },
    [
      'data_mode: CFG_W_DEFAULTED',
      'run_mode: CFG_W_DEFAULTED',
      'schema_version: CFG_W_DEFAULTED',
      'timeframes.primary: CFG_W_DEFAULTED',
    ],
  ],
  [{ schema_version: 2 }, ['schema_version: CFG_W_ALIAS']],
  [{ timeframes: { primary: 'm5', additional: ['H1', 'h1', 'H4'] } }, ['timeframes.additional: CFG_W_NORMALISED']],
  [{ timeframes: { primary: 'M5', additional: ['M5', 'H1'] } }, ['timeframes.additional: CFG_W_NORMALISED']],
  [{ news_filter: { currencies: ['usd', 'USD'] } }, ['news_filter.currencies: CFG_W_NORMALISED']],
  [{ sessions: [] }, ['sessions: CFG_W_EMPTY_SESSIONS']],
  [{ sessions: [{ start: '00:00', end: '24:00' }] }, ['sessions: CFG_W_FULL_DAY_SESSION']],
  [{ execution_costs_file: 'a.yaml' }, ['execution_costs_file: CFG_W_PATH_IGNORED']],
  [{ symbol_specs_file: 'a.yaml' }, ['symbol_specs_file: CFG_W_PATH_IGNORED']],
  [{ data_path: 'a' }, ['data_path: CFG_W_PATH_IGNORED']],
  [{ news_filter: { calendar_path: 'a' } }, ['news_filter.calendar_path: CFG_W_PATH_IGNORED']],
  [
    { strategy_parameters: { use_position_manager: true }, trade_management: { enabled: false } },
    ['trade_management.enabled: CFG_W_CONFLICT_RESOLVED'],
  ],
  [
    { costs: { enabled: false, fee_multiplier: 2, slippage_multiplier: 0, spread_multiplier: 1.5 } },
    [
      'costs.fee_multiplier: CFG_W_NO_EFFECT',
      'costs.slippage_multiplier: CFG_W_NO_EFFECT',
      'costs.spread_multiplier: CFG_W_NO_EFFECT',
    ],
  ],
  [{ costs: { enabled: false } }, []],
  [
    { execution_variant: 'v1_parity', execution: { limit_gap_fill: 'better' } },
    ['execution.limit_gap_fill: CFG_W_NO_EFFECT'],
  ],
  [{ data: { spread_pips: 1 } }, ['data.spread_pips: CFG_W_NO_EFFECT']],
]

describe('warnings', () => {
  it.each(CASES)('%j', (changes, expected) => {
    expect(warningsOf(changes)).toEqual(expected)
  })

  it('cover every code of this layer', () => {
    const tested = new Set(CASES.flatMap(([, expected]) => expected).map((text) => text.split(': ').at(-1)))
    expect([...tested, 'CFG_W_STRATEGY', 'CFG_W_MIGRATION'].sort()).toEqual(Object.keys(WARNING_CODES).sort())
  })

  it('say what is assumed, what is removed and what to do', () => {
    expect(parsed({ run_mode: undefined }).warnings).toEqual([
      { path: 'run_mode', code: 'CFG_W_DEFAULTED', message: 'run_mode is not set; "dev" is used' },
    ])
    expect(parsed({ execution_costs_file: 'a' }).warnings[0]?.hint).toBe(
      "give it as option 'costs' or OMEGA_EXECUTION_COSTS_FILE",
    )
  })

  it('pass on what the strategy remarks', () => {
    const checkStrategy: StrategyCheck = () => ({
      issues: [],
      warnings: [{ path: 'strategy_parameters', code: 'CFG_W_STRATEGY', message: 'no', reason: 'W-SHADOW' }],
    })
    expect(parsed({}, { checkStrategy }).warnings).toMatchObject([{ code: 'CFG_W_STRATEGY', reason: 'W-SHADOW' }])
  })

  it('become errors in strict mode where something should be written', () => {
    const bare = { schema_version: undefined, run_mode: undefined, data_mode: undefined, timeframes: {} }
    expect(codesOf(bare, { strict: true })).toEqual([
      'data_mode: CFG_REQUIRED',
      'run_mode: CFG_REQUIRED',
      'schema_version: CFG_REQUIRED',
      'timeframes.primary: CFG_REQUIRED',
    ])
    expect(codesOf({}, { strict: true })).toEqual([])
  })
})
