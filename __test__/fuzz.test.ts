import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parseConfigText } from '../api/config/config-file.ts'
import { parseConfig } from '../api/config/parse.ts'
import { OmegaError } from '../api/errors.ts'
import { readSmallInput } from '../api/inputs.ts'
import { checkRun, prepareRun } from '../api/run-backtest.ts'
import { anyValue, changedText, changedValue, Dice } from './mutations.ts'
import { REPOSITORY, SPECS } from './support.ts'

// Every case has a seed; a failure names it with the input. A run of npm test takes the same few thousand seeds each
// time, OMEGA_FUZZ_SECONDS=600 goes on from a seed of its own for that long. docs/fuzzing.md says more.
const SECONDS = Number(process.env.OMEGA_FUZZ_SECONDS ?? 0)
const folder = mkdtempSync(join(tmpdir(), 'omega-fuzz-'))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Calls `attempt` with one seed after the other. */
async function withSeeds(count: number, attempt: (dice: Dice) => Promise<void>): Promise<void> {
  const first = SECONDS > 0 ? Date.now() % 2 ** 31 : 1
  const deadline = performance.now() + SECONDS * 1_000
  let seed = first
  const goesOn = () => (SECONDS > 0 ? performance.now() < deadline : seed < first + count)
  for (; goesOn(); seed++) {
    try {
      await attempt(new Dice(seed))
    } catch (cause) {
      throw new Error(`seed ${seed}: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`)
    }
  }
  if (SECONDS > 0) console.log(`${seed - first} cases from seed ${first}`)
}

/** What `work` gives, or the error that it may throw: an `OmegaError` that says something and is nobody's bug. */
async function outcome<T>(work: () => T | Promise<T>, shown: unknown): Promise<T | OmegaError> {
  try {
    return await work()
  } catch (error) {
    const text = typeof shown === 'string' ? shown : JSON.stringify(shown)
    if (!(error instanceof OmegaError)) throw new Error(`${text} throws ${String(error)}`, { cause: error })
    if (['INTERNAL', 'CFG_ENGINE_REJECTED'].includes(error.code))
      throw new Error(`${text} is ${error.code}: ${error.message}`)
    expect(error.message.trim(), text).not.toBe('')
    expect(JSON.parse(JSON.stringify(error)), text).toMatchObject({ code: error.code })
    for (const issue of issuesOf(error)) expect(['CFG_ENGINE_REJECTED', text]).not.toContain(issue)
    return error
  }
}

/** Codes of the single things that are wrong. */
function issuesOf({ details }: OmegaError): unknown[] {
  return Array.isArray(details.issues) ? details.issues.map((issue: { code?: unknown }) => issue.code) : []
}

const RULES = {
  break_even: { trigger: { mode: 'r', value: 1 }, buffer_pips: 1 },
  trailing_stop: { distance: { mode: 'atr', value: 2 }, activation: { mode: 'pips', value: 5 }, reference: 'extreme' },
  partial_close: { levels: [{ trigger: { mode: 'r', value: 1 }, fraction: 0.5 }] },
  session_end: { minutes_before: 5, weekend_close_utc: '20:00' },
  news_exit: { mode: 'close' },
  kill_switch: { max_daily_loss: 500, reset: 'next_day' },
  max_holding_time: { max_holding_minutes: 60 },
}
const CONFIGS: readonly object[] = [
  JSON.parse(readFileSync(join(REPOSITORY, 'examples', 'config.json'), 'utf8')),
  {
    ...JSON.parse(readFileSync(join(REPOSITORY, 'examples', 'config.json'), 'utf8')),
    rng_seed: 7,
    warmup_bars: 100,
    sessions: [
      { start: '08:00', end: '17:00', timezone: 'Europe/London' },
      { start: '22:00', end: '02:00' },
    ],
    account: {
      initial_balance: 1e4,
      account_currency: 'USD',
      fx: { mode: 'static', hub: 'EUR', static_rates: { EURUSD: 1.1 } },
      sizing: { kind: 'risk' },
    },
    costs: { enabled: true, fee_multiplier: 2, pip_size: 0.0001 },
    execution: { cooldown_bars: 3, allowed_order_types: ['market'], pending_expiry_bars: 5 },
    news_filter: { enabled: true, currencies: ['USD'] },
    trade_management: { enabled: true, rules: RULES },
    metrics: {},
  },
]
const V1 = { symbol: 'EURUSD', mode: 'candle', strategy: { name: 'x', parameters: {} } }
const CONFIG_WORDS = [
  ...new Set([...JSON.stringify(CONFIGS).matchAll(/"([^"]*)"/g)].map(([, word]) => word ?? '')),
  ...[
    '__proto__',
    'constructor',
    'toString',
    'x-note',
    '_note',
    '',
    '0',
    'M1',
    'W1',
    'v1_parity',
    'v2',
    'prod',
    'tick',
  ],
  ...['2024-02-30', '2024-01-01', '1600-01-01', '9999-12-31', '24:00', '00:00', 'Nowhere/Else', 'percent', 'lots'],
  ...['overrides', 'EURUSD/M5', '*/*', 'long', 'short', 'enabled_scenarios', 'garch_alpha', 'scenario6_params', 'usd'],
]
const JSON_TOKENS = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  ':',
  '\\',
  '\\u0000',
  '\\ud800',
  '1e999',
  '-',
  'null',
  '\ufeff',
  '/*',
  '{"a":',
  '[[',
]

describe('Configurations of any shape', { timeout: (SECONDS + 60) * 1_000 }, () => {
  /** Everything that happens to a configuration before candles are read. */
  async function read(value: unknown): Promise<void> {
    const parsed = await outcome(() => parseConfig(value), value)
    if (parsed instanceof OmegaError) return
    const again = parseConfig(structuredClone(parsed.config))
    expect(again.hash, JSON.stringify(value)).toBe(parsed.hash)
    const options = { symbolSpecs: SPECS, costs: {}, fxRates: {}, data: folder, news: 'none.parquet' }
    const config = structuredClone(parsed.config)
    await outcome(async () => checkRun(await prepareRun(config, options)), value)
  }

  it('give an OmegaError or a normal form that gives itself and that the core takes', async () => {
    await withSeeds(700, (dice) =>
      read(changedValue(dice, dice.roll(16) === 0 ? V1 : dice.pick(CONFIGS), CONFIG_WORDS)),
    )
    await withSeeds(200, (dice) => read(anyValue(dice, CONFIG_WORDS, 4)))
  })

  it('give an OmegaError or a value as JSON text', async () => {
    const texts = CONFIGS.map((config) => JSON.stringify(config, undefined, 1))
    await withSeeds(700, async (dice) => {
      const text = changedText(dice, dice.pick(texts), JSON_TOKENS)
      const value = await outcome(() => parseConfigText(text, 'config.json'), text)
      if (!(value instanceof OmegaError)) await read(value)
    })
  })
})

const YAML_TEXTS = [
  readFileSync(join(REPOSITORY, 'configs', 'execution_costs.yaml'), 'utf8').split('\ndefaults:')[1] ?? '',
  'defaults: &base\n  schema: per_lot\n  per_lot: 2.5\n  slippage: { model: fixed, fixed_pips: 0.2 }\nper_symbol:\n  EURUSD: *base\n',
  '%YAML 1.1\n---\na: &x {b: 1}\nc: {<<: *x}\nd: !!binary aGVsbG8=\ne: 2001-12-14\nf: !!set {x, y}\n...\n',
  'EURUSD: { contract_size: 100000, tick_size: 0.00001, pip_size: 0.0001, volume_max: 200 }\n"US500": {tick_size: .1}\n',
  'rates:\n  EURUSD: 1.1\n  ? USDJPY\n  : 1.5e2\n  text: >-\n    folded\n    lines\n',
]
const YAML_TOKENS = [
  ...[
    '&a ',
    '*a',
    '!!binary ',
    '!!float ',
    '!!set ',
    '!!omap ',
    '!x ',
    '.inf',
    '-.inf',
    '.nan',
    '~',
    '<<: ',
    '? ',
    ': ',
    '- ',
  ],
  ...[
    '[',
    ']',
    '{',
    '}',
    '|\n',
    '>-\n',
    '"',
    "'",
    '\t',
    '\n',
    '\n  ',
    '---\n',
    '...\n',
    '%YAML 1.1\n',
    '#',
    ',',
    '\u0000',
    '\ufeff',
  ],
  ...[
    '1e999',
    '0x1F',
    '0o17',
    '190:20:30',
    '2001-12-14',
    '__proto__: ',
    '123456789012345678901234567890',
    '- - - ',
    '{a: ',
  ],
]

describe('YAML of any shape', { timeout: (SECONDS + 60) * 1_000 }, () => {
  it('gives an OmegaError or a value that JSON can hold', async () => {
    const file = join(folder, 'costs.yaml')
    await withSeeds(700, async (dice) => {
      const text = changedText(dice, dice.pick(YAML_TEXTS), YAML_TOKENS)
      writeFileSync(file, text)
      const read = await outcome(() => readSmallInput('costs', file, undefined), text)
      // Anything else would change on its way to the core, an infinite fee into none.
      if (!(read instanceof OmegaError))
        expect(JSON.parse(JSON.stringify(read?.content.value)), text).toStrictEqual(read?.content.value)
    })
  })
})
