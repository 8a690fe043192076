import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type BacktestConfigInput,
  createDataset,
  type Dataset,
  generateData,
  importData,
  indicators,
  loadDataset,
  type OmegaError,
  type RunOptions,
  runBacktest,
  safeRunBacktest,
  signals,
} from '@omega/native'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  dig,
  EXAMPLE,
  entriesOf,
  failureOf,
  filesOf,
  issuesOf,
  MONDAY_NS,
  NO_COSTS,
  type Ohlc,
  omega,
  omegaJson,
  REPOSITORY,
  SPECS,
  smallDataset,
  stopped,
  tempFolder,
} from './support.ts'

const BARS: readonly Ohlc[] = [
  [1.1, 1.1005, 1.0998, 1.1002],
  [1.1002, 1.102, 1.099, 1.1015],
  [1.1015, 1.1043, 1.101, 1.104],
]

const RUN = {
  schema_version: '2',
  strategy_name: 'mean_reversion_z_score',
  symbol: 'EURUSD',
  start_date: '2020-02-01',
  end_date: '2020-03-31',
  run_mode: 'dev',
  data_mode: 'candle',
  warmup_bars: 100,
  timeframes: { primary: 'H1' },
  strategy_parameters: { enabled_scenarios: [1] },
} as const satisfies BacktestConfigInput

let root: string

beforeAll(async () => {
  root = tempFolder()
  await generateData({ symbol: 'EURUSD', timeframe: 'H1', bars: 2_000, seed: 5, root })
})

/** The failure of a run with output folder; fails if anything is left behind. */
async function refused(config: object, options: RunOptions = {}): Promise<OmegaError> {
  const outputDir = join(tempFolder(), 'out')
  const untyped: BacktestConfigInput = Object.assign({ ...RUN }, config)
  const error = await failureOf(() => runBacktest(untyped, { data: root, outputDir, ...options }))
  expect(entriesOf(outputDir)).toEqual([])
  return error
}

/** One call of `omega run` on a configuration file with changes; what it printed and left. */
function command(config: object | string, ...args: string[]) {
  const folder = tempFolder()
  const text = typeof config === 'string' ? config : JSON.stringify({ ...RUN, ...config })
  writeFileSync(join(folder, 'config.json'), text)
  const done = omegaJson(['run', 'config.json', '--data-root', root, '--out', 'out', ...args], { cwd: folder })
  return { ...done, left: entriesOf(join(folder, 'out')) }
}

interface Case {
  config: object
  issue: string
  says: string[]
}

const CONFIGURATIONS: Record<string, Case> = {
  'an unknown strategy parameter': {
    config: { strategy_parameters: { ema_lenght: 30 } },
    issue: 'strategy_parameters.ema_lenght: CFG_STRATEGY_PARAM',
    says: ['ema_lenght', 'ema_length'],
  },
  'a strategy parameter out of range': {
    config: { strategy_parameters: { b_b_length: 1 } },
    issue: 'strategy_parameters.b_b_length: CFG_STRATEGY_PARAM',
    says: ['b_b_length', '2'],
  },
  'a day that does not exist': {
    config: { start_date: '2020-02-30' },
    issue: 'start_date: CFG_DATE_INVALID',
    says: ['start_date', '2020-02-30'],
  },
  'a start after the end': {
    config: { start_date: '2020-04-01' },
    issue: 'end_date: CFG_DATE_ORDER',
    says: ['start_date', 'end_date'],
  },
  'an unknown strategy': {
    config: { strategy_name: 'mean_reversion' },
    issue: 'strategy_name: CFG_UNKNOWN_STRATEGY',
    says: ['mean_reversion', 'mean_reversion_z_score'],
  },
  'a timeframe that does not exist': {
    config: { timeframes: { primary: 'M7' } },
    issue: 'timeframes.primary: CFG_TIMEFRAME',
    says: ['M7', 'M15'],
  },
  'a negative balance': {
    config: { account: { initial_balance: -5 } },
    issue: 'account.initial_balance: CFG_RANGE',
    says: ['initial_balance', '0'],
  },
  'a balance that is text': {
    config: { account: { initial_balance: '10000' } },
    issue: 'account.initial_balance: CFG_TYPE',
    says: ['initial_balance'],
  },
  'a balance that is not a number': {
    config: { account: { initial_balance: Number.NaN } },
    issue: 'account.initial_balance: CFG_TYPE',
    says: ['initial_balance'],
  },
  'a currency of two letters': {
    config: { account: { account_currency: 'EU' } },
    issue: 'account.account_currency: CFG_FORMAT',
    says: ['account_currency'],
  },
  'a session that is no time': {
    config: { sessions: [{ start: '7:00', end: '25:00' }] },
    issue: 'sessions[0].end: CFG_FORMAT',
    says: ['sessions[0]'],
  },
  'a symbol that climbs out of the data root': {
    config: { symbol: '../EURUSD' },
    issue: 'symbol: CFG_FORMAT',
    says: ['symbol'],
  },
  'a missing symbol': { config: { symbol: undefined }, issue: 'symbol: CFG_REQUIRED', says: ['symbol'] },
  'parity in prod': {
    config: { execution_variant: 'v1_parity', run_mode: 'prod' },
    issue: 'execution_variant: CFG_CONFLICT',
    says: ['v1_parity', 'dev'],
  },
  'an unknown rule': {
    config: { trade_management: { rules: { brake_even: { enabled: true } } } },
    issue: 'trade_management.rules.brake_even: CFG_UNKNOWN_RULE',
    says: ['brake_even'],
  },
  'a configuration of Omega V1': {
    config: { strategy: { module: 'x', class: 'Y' }, strategy_name: undefined },
    issue: ': CFG_V1_CONFIG',
    says: [],
  },
}

describe('An invalid configuration', () => {
  it.each(Object.entries(CONFIGURATIONS))('with %s is refused and says where', async (_, { config, issue, says }) => {
    const error = await refused(config)
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', category: 'config' })
    expect(issuesOf(error)).toContain(issue)
    const text = `${error.message} ${error.hint ?? ''} ${JSON.stringify(error.details)}`
    for (const part of says) expect(text).toContain(part)
    expect(error.message.length).toBeLessThan(301)
  })

  it.each([
    'an unknown strategy parameter',
    'a day that does not exist',
    'a start after the end',
    'an unknown strategy',
  ])('with %s ends the command line with 3', (name) => {
    const wanted = CONFIGURATIONS[name]
    const { status, document, left } = command(wanted?.config ?? {})
    expect(status).toBe(3)
    expect(document).toMatchObject({ ok: false, error: { code: 'CONFIG_INVALID', category: 'config' } })
    expect(JSON.stringify(document)).toContain(wanted?.issue.split(': ').at(-1))
    expect(left).toEqual([])
  })

  it('reports every problem at once, sorted by path', async () => {
    const error = await refused({
      start_date: 'x',
      account: { initial_balance: 0, max_positions: 1.5 },
      warmup_bars: -1,
    })
    expect(issuesOf(error)).toEqual([
      'account.initial_balance: CFG_RANGE',
      'account.max_positions: CFG_TYPE',
      'start_date: CFG_DATE_INVALID',
      'warmup_bars: CFG_RANGE',
    ])
    expect(error.message).toContain('3 further issues')
  })

  it('that does not exist ends the command line with 2 and names the file', () => {
    const { status, document } = omegaJson(['run', 'no-such-config.json'], { cwd: tempFolder() })
    expect(status).toBe(2)
    expect(JSON.stringify(document)).toContain('CFG_FILE_NOT_FOUND')
    expect(JSON.stringify(document)).toContain('no-such-config.json')
  })

  it('that is not JSON ends the command line with 3 and tells line and column', () => {
    const { status, document, left } = command('{\n  "symbol": "EURUSD",\n  "start_date" "2020-01-01"\n}')
    expect(status).toBe(3)
    expect(JSON.stringify(document)).toContain('CFG_PARSE')
    // The colon is missing after the twelve characters of the key and two blanks.
    expect(JSON.stringify(document)).toMatch(/line 3, column 16/)
    expect(left).toEqual([])
  })

  it('that is a list or nothing is refused too', async () => {
    for (const input of [[], null, 7, 'no-such-file.json'] as unknown[]) {
      const given: BacktestConfigInput = Object(input)
      const error = await failureOf(() => runBacktest(typeof input === 'string' ? input : given, { data: root }))
      expect(error.code).toBe('CONFIG_INVALID')
    }
  })
})

describe('A feature that is not built', () => {
  it.each([
    ['execution.market_fill', { execution: { market_fill: 'next_open' } }],
    ['execution.on_opposite', { execution: { on_opposite: 'reverse' } }],
    ['account.sizing', { account: { sizing: { kind: 'fixed_lots', lots: 1 } } }],
    ['news_filter.enabled', { news_filter: { enabled: true } }],
    [
      'timeframes.additional_source',
      { timeframes: { primary: 'H1', additional: ['H4'], additional_source: 'aggregate_from_primary' } },
    ],
    ['logging.enable_entry_logging', { logging: { enable_entry_logging: true } }],
    ['trade_management', { trade_management: { rules: { break_even: { trigger: { mode: 'r', value: 1 } } } } }],
    ['strategy_parameters.enabled_scenarios', { strategy_parameters: { enabled_scenarios: [4] } }],
  ])('%s is CFG_UNSUPPORTED before any data is read', async (path, config) => {
    const error = await refused(config, { data: join(root, 'not-there') })
    expect([error.code, ...issuesOf(error)].join(' ')).toContain('CFG_UNSUPPORTED')
    expect(issuesOf(error).some((issue) => issue.startsWith(path))).toBe(true)
    expect(error.category).toBe('config')
  })

  it('is refused by the command line with 3, by run and by validate', () => {
    const config = { execution: { market_fill: 'next_open' } }
    expect(command(config)).toMatchObject({ status: 3, left: [] })
    const folder = tempFolder()
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...RUN, ...config }))
    const { status, document } = omegaJson(['validate', 'config.json'], { cwd: folder })
    expect(status).toBe(3)
    expect(JSON.stringify(document)).toContain('execution.market_fill')
  })

  it('counts as an option or a key of the costs file as well', async () => {
    const options: RunOptions = Object({ extendedMetrics: true })
    expect(issuesOf(await refused({}, options)).join()).toContain('extendedMetrics')
    const costs = { defaults: { schema: 'tiered', tiers: [{ volume_from: 0, per_lot: 1 }] } }
    expect((await refused({}, { costs })).code).toBe('CFG_UNSUPPORTED')
  })
})

describe('An option or command', () => {
  it('that does not exist is ARG_INVALID and says what may be meant', async () => {
    const options: RunOptions = Object({ outputdir: 'x' })
    const error = await refused({}, options)
    expect(error).toMatchObject({ code: 'ARG_INVALID', category: 'usage' })
    expect(`${error.message} ${error.hint}`).toContain('outputDir')
  })

  it.each([
    ['threads', { threads: 0 }],
    ['ifExists', { ifExists: 'overwrite' }],
    ['runId', { runId: '../x' }],
    ['curve', { curve: false }],
    ['data', { data: 7 }],
    ['maxGapLoss', { maxGapLoss: 2 }],
    ['strategy', { strategy: {} }],
  ])('%s with a wrong value is ARG_INVALID', async (_, wrong) => {
    const options: RunOptions = Object(wrong)
    expect(await refused({}, options)).toMatchObject({ code: 'ARG_INVALID', category: 'usage' })
  })

  it.each([
    [['run', 'config.json', '--treads', '2'], '--threads'],
    [['rnu', 'config.json'], 'run'],
    [['run'], 'config'],
    [['run', 'config.json', '--threads', 'two'], 'two'],
    [['data', 'import', '--symbol', 'EURUSD'], '--timeframe'],
    [['data', 'reimport'], 'import'],
  ])('%j ends the command line with 5', (args, says) => {
    const { status, stderr, stdout } = omega(args, { cwd: tempFolder() })
    expect(status).toBe(5)
    expect(stderr).toContain(says)
    expect(stdout).toBe('')
  })

  it('with a malformed --set ends with 5, with a wrong value with 3', () => {
    expect(command({}, '--set', 'symbol')).toMatchObject({ status: 5, left: [] })
    expect(command({}, '--set', 'account.initial_balance=-1')).toMatchObject({ status: 3, left: [] })
  })
})

describe('Candle files', () => {
  it('that are missing are named, and end the command line with 1', async () => {
    const error = await refused({ symbol: 'GBPUSD', account: { account_currency: 'USD' } })
    expect(error).toMatchObject({ code: 'DATA_FILE_NOT_FOUND', category: 'market_data' })
    expect(error.message).toContain('GBPUSD/GBPUSD_H1_BID.parquet')
    const { status, document, left } = command({ timeframes: { primary: 'M5' } })
    expect(status).toBe(1)
    expect(document).toMatchObject({ ok: false, error: { code: 'DATA_FILE_NOT_FOUND' } })
    expect(left).toEqual([])
  })

  it.each([
    ['garbage', Buffer.from('this is not Parquet at all')],
    ['empty', Buffer.alloc(0)],
    ['the magic of Parquet and nothing else', Buffer.from('PAR1PAR1')],
    ['a length beyond the file', Buffer.from('PAR1aaaaaaaa\xff\xff\xff\x7fPAR1', 'latin1')],
  ])('with %s are DATA_PARSE and named', async (_, bytes) => {
    const folder = tempFolder()
    mkdirSync(join(folder, 'EURUSD'))
    for (const side of ['BID', 'ASK']) writeFileSync(join(folder, 'EURUSD', `EURUSD_H1_${side}.parquet`), bytes)
    const error = await refused({}, { data: folder })
    expect(error).toMatchObject({ code: 'DATA_PARSE', category: 'market_data' })
    expect(error.message).toContain('EURUSD_H1_BID.parquet')
  })

  it('outside the range of the run are told with both ranges', async () => {
    const error = await refused({ start_date: '1999-01-01', end_date: '1999-12-31' })
    expect(error.code).toBe('DATA_RANGE_EMPTY')
    expect(error.message).toContain('1999-01-01')
    expect(error.message).toContain('2020-01-06')
  })

  it('that are too short for the warm-up are DATA_INSUFFICIENT with both counts', async () => {
    const error = await refused({ start_date: '2020-01-06', warmup_bars: 100_000 })
    expect(error.code).toBe('DATA_INSUFFICIENT')
    expect(error.message).toContain('100001')
  })

  it('that cannot be imported are named with line and text', async () => {
    const folder = tempFolder()
    const file = join(folder, 'x.csv')
    const importing = (text: string, more: object = {}) => {
      writeFileSync(file, text)
      return failureOf(() =>
        importData({ symbol: 'EURUSD', timeframe: 'H1', single: file, root: join(folder, 'data'), ...more }),
      )
    }
    const header = 'UTC time,Open,High,Low,Close,Volume\n'
    const wrong = await importing(`${header}2020-01-06 00:00:00+00:00,1.1,1.2,1.0,abc,0\n`)
    expect(wrong.code).toBe('IMPORT_PARSE')
    expect(wrong.message).toMatch(/line 2.*abc/)
    expect((await importing('a,b\n1,2\n')).code).toBe('IMPORT_FORMAT')
    expect((await importing(`${header}2020-01-06 00:00:00+00:00,1.1,1.0,1.2,1.1,0\n`)).code).toBe('DATA_OHLC')
    const twice = '2020-01-06 00:00:00+00:00,1.1,1.2,1.0,1.1,0\n2020-01-06 00:00:00+00:00,1.1,1.2,1.0,1.15,0\n'
    expect((await importing(header + twice)).code).toBe('IMPORT_DUPLICATE_DIVERGENT')
    expect((await importing(`${header}2020-01-06 00:30:00+00:00,1.1,1.2,1.0,1.1,0\n`)).code).toBe('DATA_OFF_GRID')
    const missing = await failureOf(() =>
      importData({ symbol: 'EURUSD', timeframe: 'H1', bid: join(folder, 'none.csv'), root: folder }),
    )
    expect(missing.code).toBe('IMPORT_FILE_NOT_FOUND')
    expect(missing.message).toContain('none.csv')
    expect(entriesOf(join(folder, 'data'))).toEqual([])
    const { status } = omega(['data', 'import', '--symbol', 'X', '--timeframe', 'H1', '--single', 'none.csv'], {
      cwd: folder,
    })
    expect(status).toBe(2)
  })
})

describe('Candles in memory', () => {
  const column = (...values: number[]) => Float64Array.from(values)
  const flat = (...values: number[]) => ({
    open: column(...values),
    high: column(...values),
    low: column(...values),
    close: column(...values),
  })
  const times = (...steps: number[]) => BigInt64Array.from(steps, (step) => MONDAY_NS + BigInt(step) * 300_000_000_000n)
  const make = (time: BigInt64Array, bid: ReturnType<typeof flat>, ask?: ReturnType<typeof flat>) => () =>
    createDataset({ symbol: 'EURUSD', series: { M5: { time, bid, ...(ask ? { ask } : {}) } } })

  it.each([
    ['not a number', 'DATA_NON_FINITE', make(times(0, 1), flat(1.1, Number.NaN)), 'row 1'],
    ['infinite', 'DATA_NON_FINITE', make(times(0, 1), flat(Number.POSITIVE_INFINITY, 1)), 'row 0'],
    ['zero', 'DATA_NON_POSITIVE_PRICE', make(times(0, 1), flat(1.1, 0)), 'row 1'],
    ['crossed', 'DATA_INVALID_SPREAD', make(times(0, 1), flat(1.1, 1.2), flat(1.2, 1.1)), '1.2'],
    ['out of order', 'DATA_OUT_OF_ORDER', make(times(1, 0), flat(1.1, 1.2)), 'row 1'],
    ['two for one time', 'DATA_DUPLICATE_DIVERGENT', make(times(0, 0), flat(1.1, 1.2)), 'row 1'],
    ['off the grid', 'DATA_OFF_GRID', make(BigInt64Array.of(MONDAY_NS + 1n), flat(1.1)), 'M5'],
    ['with a high below the low', 'DATA_OHLC', make(times(0), { ...flat(1.1), high: column(1) }), 'row 0'],
    ['none at all', 'DATA_EMPTY', make(times(), flat()), 'EURUSD'],
  ])('that are %s are %s', async (_, code, work, says) => {
    const error = await failureOf(work)
    expect(error).toMatchObject({ code, category: 'market_data' })
    expect(error.message).toContain(says)
    expect(error.message).toContain('EURUSD')
  })

  it('of unequal length are refused with both lengths', async () => {
    const error = await failureOf(make(times(0, 1), { ...flat(1.1, 1.2), close: column(1) }))
    expect(error.code).toBe('ARG_INVALID')
    expect(error.message).toMatch(/close/)
    expect(error.message).toMatch(/\b1\b.*\b2\b|\b2\b.*\b1\b/)
  })

  it('of the wrong type are refused by name', async () => {
    const time: BigInt64Array = Object([0, 1])
    const error = await failureOf(make(time, flat(1.1, 1.2)))
    expect(error).toMatchObject({ code: 'ARG_INVALID', details: { path: 'series.M5.time' } })
  })

  it('that are a single bar cannot be traded after a warm-up of one', async () => {
    const error = await refusedOn(make(times(0), flat(1.1), flat(1.2))(), { warmup_bars: 1 }, 1)
    expect(error.code).toBe('DATA_INSUFFICIENT')
    expect(error.message).toMatch(/need 2.*have 1/)
  })

  it('of another symbol or another kind of quotes than the run are a conflict', async () => {
    expect(issuesOf(await refusedOn(smallDataset(BARS), { symbol: 'GBPUSD' }))).toEqual(['symbol: CFG_CONFLICT'])
    const single = make(times(0, 1, 2), flat(1.1, 1.1, 1.1))()
    expect((await refusedOn(single, {})).code).toMatch(/CFG_CONFLICT|CONFIG_INVALID/)
    expect((await refusedOn(smallDataset(BARS), { timeframes: { primary: 'H1' } })).code).toBe('CFG_CONFLICT')
  })
})

async function refusedOn(data: Dataset, changes: object, bars = 3): Promise<OmegaError> {
  const config: BacktestConfigInput = Object.assign({ ...EXAMPLE }, changes)
  const strategy = signals({ direction: new Int8Array(bars) })
  return failureOf(() => runBacktest(config, { data, strategy, costs: NO_COSTS, symbolSpecs: SPECS }))
}

describe('Signals', () => {
  const run = (columns: Parameters<typeof signals>[0], changes: BacktestConfigInput = EXAMPLE) =>
    runBacktest(changes, { data: smallDataset(BARS), strategy: signals(columns), costs: NO_COSTS, symbolSpecs: SPECS })

  it('of the wrong length are refused with both lengths', async () => {
    const error = await failureOf(() => run({ direction: new Int8Array(2) }))
    expect(error).toMatchObject({ code: 'SIGNALS_LENGTH', category: 'strategy' })
    expect(error.message).toMatch(/direction.*2.*3/)
    const unequal = await failureOf(() => run({ direction: new Int8Array(3), stopLoss: new Float64Array(4) }))
    expect(unequal.code).toBe('SIGNALS_LENGTH')
    expect(unequal.message).toMatch(/stop_?loss.*4.*3/i)
  })

  it('with impossible values are refused with the row', async () => {
    const two = await failureOf(() => signals({ direction: Int8Array.of(0, 2, 0) }))
    expect(two.code).toBe('SIGNALS_VALUE')
    expect(two.message).toMatch(/direction.*2.*row 1/)
    const exit = await failureOf(() => signals({ direction: new Int8Array(3), exit: Uint8Array.of(0, 0, 4) }))
    expect(exit.message).toMatch(/exit.*4.*row 2/)
    const stop = await failureOf(() => signals({ direction: new Int8Array(1), stopLoss: Float64Array.of(-1) }))
    expect(stop.code).toBe('SIGNALS_VALUE')
  })

  it('of another series are refused with the row and both times', async () => {
    const time = BigInt64Array.from([0, 1, 3], (i) => MONDAY_NS + BigInt(i) * 300_000_000_000n)
    const error = await failureOf(() => run({ direction: new Int8Array(3), time }))
    expect(error.code).toBe('SIGNALS_TIME')
    expect(error.message).toContain('row 2')
  })

  it('of the wrong type or an unknown name are ARG_INVALID', async () => {
    const plain: Int8Array = Object([0, 1])
    expect((await failureOf(() => signals({ direction: plain }))).message).toContain('Int8Array')
    const columns: Parameters<typeof signals>[0] = Object.assign(
      { direction: new Int8Array(1) },
      { stoploss: new Float64Array(1) },
    )
    expect((await failureOf(() => signals(columns))).message).toContain('stoploss')
  })

  it('in columns that are not built yet are CFG_UNSUPPORTED if they would act', async () => {
    const direction = Int8Array.of(1, 0, 0)
    const error = await failureOf(() =>
      run({ direction, orderType: Uint8Array.of(1, 0, 0), price: Float64Array.of(1.1, 0, 0) }),
    )
    expect(issuesOf(error).join()).toMatch(/orderType.*CFG_UNSUPPORTED/)
    const { trades } = await run({ direction, stopLoss: Float64Array.of(1.05, 0, 0), orderType: new Uint8Array(3) })
    expect(trades.length).toBe(1)
  })

  it('without a stop are counted, and the run goes on', async () => {
    const result = await run({ direction: Int8Array.of(1, 1, 0), stopLoss: Float64Array.of(Number.NaN, 1.05, 0) })
    expect(result.rejectionCounts).toEqual({ missing_stop_loss: 1 })
    expect(result.rejections.row(0)).toMatchObject({ order_id: 1, bar_index: 0, reason: 'missing_stop_loss' })
    expect(result.trades.row(0)).toMatchObject({ order_id: 2, position_id: 1 })
  })

  it('together with another strategy name are a conflict', async () => {
    const error = await failureOf(() =>
      run({ direction: new Int8Array(3) }, { ...EXAMPLE, strategy_name: 'mean_reversion_z_score' }),
    )
    expect(issuesOf(error)).toContain('strategy_name: CFG_CONFLICT')
  })
})

describe('Costs, specifications and rates', () => {
  const file = (text: string, name = 'costs.yaml') => {
    const path = join(tempFolder(), name)
    writeFileSync(path, text)
    return path
  }

  it('that are not YAML are told with line and column', async () => {
    const error = await refused({}, { costs: file('defaults:\n  per_lot: [1, 2\n  side: both\n') })
    expect(error).toMatchObject({ code: 'costs_invalid', category: 'execution' })
    expect(error.message).toMatch(/costs\.yaml.*line \d+, column \d+/)
  })

  it.each([
    ['a negative fee', 'defaults: { schema: per_lot, per_lot: -2.5 }', ['per_lot', '-2.5']],
    ['a fee that is text', 'defaults: { schema: per_lot, per_lot: much }', ['per_lot', 'much']],
    ['an unknown model', 'defaults: { slippage: { model: gaussian } }', ['slippage.model', 'gaussian']],
    ['an unknown schema', 'defaults: { schema: per_share }', ['schema', 'per_share']],
    ['a list for a map', 'defaults: [1]', ['defaults']],
    ['fees without a schema', 'defaults: { per_lot: 2.5 }', ['schema']],
  ])('with %s are costs_invalid and name the key', async (_, yaml, says) => {
    const error = await refused({}, { costs: file(yaml) })
    expect(error.code).toBe('costs_invalid')
    for (const part of says) expect(error.message).toContain(part)
    expect(error.hint).toContain('costs.yaml')
  })

  it('without the symbol are symbol_spec_missing and guess nothing', async () => {
    const error = await refused({}, { symbolSpecs: file('GBPUSD: { contract_size: 100000 }', 'specs.yaml') })
    expect(error).toMatchObject({ code: 'symbol_spec_missing', category: 'execution' })
    expect(error.message).toContain('EURUSD')
    expect(error.message).toContain('specs.yaml')
  })

  it('with a wrong symbol are symbol_spec_invalid and name the key', async () => {
    const error = await refused({}, { symbolSpecs: { EURUSD: { ...SPECS.EURUSD, tick_size: 0 } } })
    expect(error.code).toBe('symbol_spec_invalid')
    expect(error.message).toContain('tick_size')
  })

  it('without a path to the account currency are fx_path_missing and name the remedies', async () => {
    const error = await refused({ account: { account_currency: 'CHF' } })
    expect(error.code).toBe('fx_path_missing')
    expect(error.message).toContain('CHF')
    expect(error.hint).toContain('static_rates')
    expect(error.hint).toContain('account_currency')
  })

  it('in a file that does not exist are named, and end the command line with 2', async () => {
    const error = await refused({}, { costs: 'no-such-costs.yaml' })
    expect(error.code).toBe('costs_file_missing')
    expect(error.message).toContain('no-such-costs.yaml')
    for (const flag of ['--costs', '--symbol-specs', '--fx-rates']) {
      const { status, left } = command({}, flag, 'no-such.yaml')
      expect([flag, status, left]).toEqual([flag, 2, []])
    }
  })
})

describe('An indicator', () => {
  it('with a wrong parameter or input names it', async () => {
    const close = new Float64Array(10)
    const period = await failureOf(() => indicators.sma(close, { period: 0 }))
    expect(period.code).toBe('IND_PARAM')
    expect(period.message).toContain('period')
    expect((await failureOf(() => indicators.sma(close, { period: Number.NaN }))).code).toBe('IND_PARAM')
    const input: Float64Array = Object('abc')
    expect((await failureOf(() => indicators.sma(input, { period: 3 }))).code).toBe('IND_INPUT')
    const bars = { high: close, low: close, close: new Float64Array(9) }
    expect((await failureOf(() => indicators.atr(bars, { period: 3 }))).code).toBe('IND_INPUT')
  })
})

describe('Numbers beyond measure', () => {
  it('are an error with a code, never a wrong figure', async () => {
    for (const account of [
      { initial_balance: 1e308, account_currency: 'USD' },
      { initial_balance: 10_000, risk_per_trade: 1e308, account_currency: 'USD' },
      { initial_balance: 5e-324, account_currency: 'USD' },
    ]) {
      const outcome = await safeRunBacktest({ ...RUN, account }, { data: root })
      if (!outcome.ok) {
        expect(outcome.error.code).toMatch(/^(non_finite_value|accounting_inconsistent)$/)
        continue
      }
      for (const value of outcome.result.equity.columns.equity)
        if (!Number.isFinite(value)) expect.fail(`equity ${value}`)
      for (const value of Object.values(outcome.result.metrics))
        expect(value === null || Number.isFinite(value)).toBe(true)
    }
  })

  it('in slippage stop the run when a fill price would not be positive', async () => {
    const costs = { defaults: { slippage: { model: 'fixed', fixed_pips: 1e6 } } }
    const error = await refused({}, { costs })
    expect(error).toMatchObject({ code: 'non_positive_fill_price', category: 'execution' })
    expect(error.hint).toBeDefined()
  })
})

describe('A folder that cannot be written', () => {
  it('is OUT_WRITE or MAN_WRITE and leaves what was there', async () => {
    const folder = tempFolder()
    const file = join(folder, 'out')
    writeFileSync(file, 'a file in the way')
    const error = await failureOf(() => runBacktest(RUN, { data: root, outputDir: file }))
    expect(error.code).toMatch(/^(OUT_WRITE|MAN_WRITE)$/)
    expect(error.message).toContain(file)
    expect([...filesOf(folder)]).toEqual([['out', 'a file in the way']])

    const other = tempFolder()
    writeFileSync(join(other, 'backtests'), 'in the way')
    expect(await failureOf(() => runBacktest(RUN, { data: root, outputDir: other }))).toMatchObject({
      code: 'OUT_WRITE',
    })
    const { status } = command({}, '--out', join(other, 'backtests'))
    expect(status).toBe(1)
  })
})

describe('The same command twice', () => {
  it('keeps the folder of the first and says so', () => {
    const folder = tempFolder()
    writeFileSync(join(folder, 'config.json'), JSON.stringify(RUN))
    const once = () => omegaJson(['run', 'config.json', '--data-root', root, '--out', 'out'], { cwd: folder })
    const [first, second] = [once(), once()]
    expect([first.status, second.status]).toEqual([0, 0])
    expect(dig(first.document, 'data', 'output', 'written')).toBe(true)
    expect(dig(second.document, 'data', 'output', 'written')).toBe(false)
    expect(entriesOf(join(folder, 'out', 'backtests'))).toEqual([dig(first.document, 'data', 'runId')])
  })
})

describe('Interruption', () => {
  let large: string
  const LONG = { ...RUN, start_date: '2020-01-08', end_date: '2022-12-31', timeframes: { primary: 'M1' } } as const

  beforeAll(async () => {
    large = tempFolder()
    await generateData({ symbol: 'EURUSD', timeframe: 'M1', bars: 1_000_000, seed: 9, root: large })
  }, 120_000)

  it('before the start rejects at once', async () => {
    const error = await refused({}, { signal: AbortSignal.abort(new Error('no longer wanted')) })
    expect(error).toMatchObject({ code: 'ABORTED', category: 'runtime', cause: { message: 'no longer wanted' } })
  })

  it.each([1, 30, 120])('after %i ms rejects within 200 ms and leaves nothing', async (ms) => {
    const outputDir = join(tempFolder(), 'out')
    const abort = new AbortController()
    let since = 0
    setTimeout(() => {
      since = performance.now()
      abort.abort()
    }, ms)
    const outcome = await safeRunBacktest(LONG, { data: large, outputDir, signal: abort.signal })
    if (outcome.ok) return
    expect(performance.now() - since).toBeLessThan(200)
    expect(outcome.error.code).toBe('ABORTED')
    expect(entriesOf(outputDir)).toEqual([])
  })

  it('works for loading, importing and generating', async () => {
    const load = new AbortController()
    setTimeout(() => load.abort(), 5)
    const pending = loadDataset({ symbol: 'EURUSD', timeframes: ['M1'], root: large }, { signal: load.signal })
    expect((await failureOf(() => pending)).code).toBe('ABORTED')
    const generate = new AbortController()
    setTimeout(() => generate.abort(), 50)
    const folder = tempFolder()
    const input = { symbol: 'EURUSD', timeframe: 'M1', bars: 5_000_000, seed: 1, root: folder } as const
    const start = performance.now()
    expect((await failureOf(() => generateData(input, { signal: generate.signal }))).code).toBe('ABORTED')
    expect(performance.now() - start).toBeLessThan(1_000)
    expect(entriesOf(folder)).toEqual([])
  })

  it('by Ctrl-C ends the command line with 130', async () => {
    const folder = tempFolder()
    const args = [
      'data',
      'generate',
      '--symbol',
      'EURUSD',
      '--timeframe',
      'M1',
      '--bars',
      '9000000',
      '--seed',
      '1',
      '--data-root',
      'd',
    ]
    const done = await stopped(args, 'SIGINT', 700, folder)
    expect(done.status).toBe(130)
    expect(done.stderr).toContain('ABORTED')
    expect(entriesOf(join(folder, 'd', 'EURUSD'))).toEqual([])
  })

  it('by a kill never leaves a folder that looks finished and is not', async () => {
    const folder = tempFolder()
    writeFileSync(join(folder, 'config.json'), JSON.stringify(LONG))
    const args = ['run', 'config.json', '--data-root', large, '--out', 'out']
    const start = performance.now()
    expect(omega(args, { cwd: folder }).status).toBe(0)
    const whole = performance.now() - start
    const [name] = entriesOf(join(folder, 'out', 'backtests'))
    const finished = filesOf(join(folder, 'out', 'backtests', name ?? ''))
    expect(finished.size).toBe(4)
    for (const share of [0.3, 0.6, 0.8, 0.9, 0.95, 1]) {
      const out = `out-${share}`
      await stopped([...args.slice(0, -1), out], 'SIGKILL', whole * share, folder)
      for (const left of entriesOf(join(folder, out, 'backtests'))) {
        if (left.startsWith('.tmp-')) continue
        const files = filesOf(join(folder, out, 'backtests', left))
        expect([...files.keys()]).toEqual([...finished.keys()])
        for (const key of ['trades.json', 'equity.csv', 'metrics.json']) expect(files.get(key)).toBe(finished.get(key))
      }
    }
  }, 120_000)
})

describe('Every failure', () => {
  it('is a value with safeRunBacktest', async () => {
    const outcome = await safeRunBacktest({ ...RUN, symbol: 'NOSUCH' }, { data: root })
    expect(outcome.ok).toBe(false)
    if (!outcome.ok) expect(outcome.error.code).toBe('symbol_spec_missing')
  })

  it('prints one line with the code, then the hint', () => {
    const folder = tempFolder()
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...RUN, symbol: 'NOSUCH' }))
    const { status, stdout, stderr } = omega(['run', 'config.json', '--data-root', root, '--out', 'out'], {
      cwd: folder,
    })
    expect(status).toBe(1)
    expect(stdout).toBe('')
    const lines = stderr.trimEnd().split('\n')
    expect(lines[0]).toMatch(/^error symbol_spec_missing: /)
    expect(lines[1]).toMatch(/^hint: /)
    expect(REPOSITORY).not.toBe('')
  })
})
