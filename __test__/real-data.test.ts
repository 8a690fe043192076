import { type BacktestConfigInput, importData, inspectData, runBacktest } from '@omega/native'
import { beforeAll, describe, expect, it } from 'vitest'
import { at, dig, entriesOf, failureOf, HAS_REAL, omega, real, tempFolder } from './support.ts'

const EURUSD = {
  schema_version: '2',
  strategy_name: 'mean_reversion_z_score',
  symbol: 'EURUSD',
  start_date: '2008-01-01',
  end_date: '2018-12-31',
  run_mode: 'dev',
  data_mode: 'candle',
  warmup_bars: 500,
  timeframes: { primary: 'H1' },
  account: { account_currency: 'EUR' },
  strategy_parameters: { enabled_scenarios: [1] },
} as const satisfies BacktestConfigInput

const GBPUSD_M1 = { bid: real('gbpusd-m1-bid-2012.csv.gz'), ask: real('gbpusd-m1-ask-2012.csv.gz') }

describe.skipIf(!HAS_REAL)('EURUSD hours and days, 2008 to 2018', () => {
  let root: string

  beforeAll(async () => {
    root = tempFolder()
    for (const timeframe of ['H1', 'D1'] as const) {
      const files = { bid: real(`EURUSD_${timeframe}_BID.csv.gz`), ask: real(`EURUSD_${timeframe}_ASK.csv.gz`) }
      const report = await importData({ symbol: 'EURUSD', timeframe, ...files, root })
      // Rows as the description of the data states them.
      expect(dig(report, 'files', 0, 'rows')).toBe(timeframe === 'H1' ? 74_439 : 3_738)
      expect(dig(report, 'crossed', 'bars')).toBe(0)
    }
  })

  it('scenario 1 trades hundreds of times at plausible prices', async () => {
    const result = await runBacktest(EURUSD, { data: root })
    expect(result.trades.length).toBeGreaterThan(200)
    // The first hour of 2008 in the file.
    expect(dig(result.meta, 'dataset', 'start_time')).toBe('2008-01-01T09:00:00Z')
    expect(dig(result.meta, 'dataset', 'end_time')).toBe('2018-12-31T21:00:00Z')
    expect(result.warnings.filter(({ code }) => code === 'DATA_W_WARMUP_DEFICIT')).toEqual([])
    for (const trade of result.trades) {
      // EURUSD moved between 1.03 and 1.61 in these years; a stop costs about the risk, a gap may cost more.
      expect(trade.entry_price).toBeGreaterThan(1.03)
      expect(trade.entry_price).toBeLessThan(1.61)
      const d = trade.direction === 'long' ? 1 : -1
      expect((trade.entry_price - (trade.initial_stop_loss ?? 0)) * d).toBeGreaterThan(0)
      expect(trade.entry_fee).toBeCloseTo(2.5 * trade.size, 9)
      if (trade.reason === 'stop_loss') expect(trade.result).toBeLessThan(0)
      expect(trade.mae).toBeLessThanOrEqual(Math.min(0, trade.result) + 1e-9)
      expect(trade.mfe).toBeGreaterThanOrEqual(Math.max(0, trade.result) - 1e-9)
    }
  })

  it('scenario 2 with a daily filter trades hundreds of times and tells the missing daily history', async () => {
    const config = {
      ...EURUSD,
      strategy_parameters: {
        enabled_scenarios: [2],
        htf_tf: 'D1',
        extra_htf_tf: 'NONE',
        long: { htf_filter: 'above' },
        short: { htf_filter: 'below' },
      },
    }
    const result = await runBacktest(config, { data: root })
    expect(result.trades.length).toBeGreaterThan(200)
    const deficit = result.warnings.filter(({ code }) => code === 'DATA_W_WARMUP_DEFICIT')
    expect(deficit.length).toBe(1)
    // Counted in the file: 313 days before 2008-01-01, all of them completed.
    expect(at(deficit, 0).message).toContain('D1')
    expect(at(deficit, 0).message).toContain('313')
    expect(at(deficit, 0).message).toContain('500')
    expect(dig(result.meta, 'dataset', 'timeframes')).toMatchObject([
      { timeframe: 'H1', role: 'primary', warmup_bars: 500 },
      { timeframe: 'D1', role: 'strategy', warmup_bars: 313 },
    ])
    expect([...result.trades].every((trade) => trade.scenario_id === 2)).toBe(true)
  })

  it('the daily filter lets trend-side trades through only', async () => {
    const run = (parameters: object) =>
      runBacktest(
        { ...EURUSD, strategy_parameters: { enabled_scenarios: [2], extra_htf_tf: 'NONE', ...parameters } },
        { data: root },
      )
    const above = await run({ htf_tf: 'D1', htf_filter: 'above' })
    const below = await run({ htf_tf: 'D1', htf_filter: 'below' })
    const both = await run({ htf_tf: 'D1', htf_filter: 'both' })
    // Every entry hour has the day either above or below its average.
    const signals = (result: typeof above) =>
      result.trades.length + Object.values(result.rejectionCounts).reduce((sum, count) => sum + count, 0)
    expect(signals(above) + signals(below)).toBe(signals(both))
    expect(signals(above)).toBeGreaterThan(100)
    expect(signals(below)).toBeGreaterThan(100)
  })

  it('a missing daily file is named together with the setting that needs it', async () => {
    const alone = tempFolder()
    const files = { bid: real('EURUSD_H1_BID.csv.gz'), ask: real('EURUSD_H1_ASK.csv.gz') }
    await importData({ symbol: 'EURUSD', timeframe: 'H1', ...files, root: alone })
    const config = {
      ...EURUSD,
      strategy_parameters: { enabled_scenarios: [2], htf_tf: 'D1', htf_filter: 'above', extra_htf_tf: 'NONE' },
    }
    const error = await failureOf(() => runBacktest(config, { data: alone }))
    expect(error).toMatchObject({ code: 'DATA_FILE_NOT_FOUND', details: { required_by: 'strategy_parameters.htf_tf' } })
    expect(error.message).toContain('EURUSD_D1_BID.parquet')
  })

  it('the same file gives the same bytes, and an existing one is not overwritten', async () => {
    const other = tempFolder()
    const input = {
      symbol: 'EURUSD',
      timeframe: 'D1',
      bid: real('EURUSD_D1_BID.csv.gz'),
      ask: real('EURUSD_D1_ASK.csv.gz'),
      root: other,
    } as const
    const first = await importData(input)
    const error = await failureOf(() => importData(input))
    expect(error).toMatchObject({ code: 'IMPORT_EXISTS' })
    expect(error.message).toContain('EURUSD_D1_BID.parquet')
    const second = await importData({ ...input, overwrite: true })
    expect(dig(second, 'files', 0, 'sha256')).toBe(dig(first, 'files', 0, 'sha256'))
  })

  it('inspect counts what is there', async () => {
    const report = await inspectData({ symbol: 'EURUSD', timeframe: 'H1', root })
    expect(JSON.stringify(report)).toContain('74439')
    expect(dig(report, 'symbol')).toBe('EURUSD')
  })
})

describe.skipIf(!HAS_REAL)('GBPUSD minutes of 2012, crossed quotes', () => {
  it('are refused by default with counts and options', async () => {
    const root = tempFolder()
    const error = await failureOf(() => importData({ symbol: 'GBPUSD', timeframe: 'M1', ...GBPUSD_M1, root }))
    expect(error).toMatchObject({ code: 'IMPORT_CROSSED', category: 'market_data' })
    expect(error.message).toMatch(/676 of 30[  ,.]?117/)
    for (const option of ['fail', 'drop', 'clamp']) expect(`${error.message} ${error.hint}`).toContain(option)
    expect(entriesOf(root)).toEqual([])
  })

  it('are refused when dropping would drop more than one percent, and dropped when that is allowed', async () => {
    const root = tempFolder()
    const input = { symbol: 'GBPUSD', timeframe: 'M1', ...GBPUSD_M1, onCrossed: 'drop', root } as const
    expect(await failureOf(() => importData(input))).toMatchObject({ code: 'IMPORT_DROP_LIMIT' })
    expect(entriesOf(root)).toEqual([])
    const report = await importData({ ...input, maxDrop: 0.05 })
    expect(dig(report, 'files', 0, 'rows')).toBe(30_117 - 676)
  })

  it('are repaired with clamp, and every run says so', async () => {
    const root = tempFolder()
    const report = await importData({ symbol: 'GBPUSD', timeframe: 'M1', ...GBPUSD_M1, onCrossed: 'clamp', root })
    // decisions.md 1: 676 bars crossed at open or close; the description of the data counts 1 203 in any field.
    expect(dig(report, 'crossed', 'bars')).toBe(676)
    expect(dig(report, 'crossed', 'changed_bars')).toBe(1_203)
    const config = {
      ...EURUSD,
      symbol: 'GBPUSD',
      start_date: '2012-02-01',
      end_date: '2012-02-29',
      timeframes: { primary: 'M1' },
      account: { account_currency: 'USD' },
    } as const
    const result = await runBacktest(config, { data: root })
    expect(result.trades.length).toBeGreaterThan(50)
    expect(result.warnings.map(({ code }) => code)).toContain('DATA_W_CLAMPED')
    expect(JSON.stringify(dig(result.meta, 'dataset', 'governance'))).toContain('clamp')
    expect(JSON.stringify(dig(result.meta, 'dataset', 'governance'))).toContain('676')

    const error = await failureOf(() =>
      runBacktest({ ...config, account: { account_currency: 'EUR' } }, { data: root }),
    )
    expect(error).toMatchObject({ code: 'fx_path_missing', category: 'execution' })
    expect(`${error.message} ${error.hint}`).toContain('EURUSD')
    expect(error.hint).toContain('static_rates')
    expect(error.hint).toContain('account_currency')
    const rates = { account_currency: 'EUR', fx: { static_rates: { EURUSD: 1.3 } } } as const
    const converted = await runBacktest({ ...config, account: rates }, { data: root })
    expect(converted.trades.length).toBeGreaterThan(50)
  })

  it('stand beside the net profit on the command line', async () => {
    const root = tempFolder()
    await importData({ symbol: 'GBPUSD', timeframe: 'M1', ...GBPUSD_M1, onCrossed: 'clamp', root })
    const { writeFileSync } = await import('node:fs')
    const folder = tempFolder()
    const config = {
      ...EURUSD,
      symbol: 'GBPUSD',
      start_date: '2012-02-01',
      end_date: '2012-02-29',
      timeframes: { primary: 'M1' },
    }
    writeFileSync(`${folder}/config.json`, JSON.stringify({ ...config, account: { account_currency: 'USD' } }))
    const { status, stdout, stderr } = omega(['run', 'config.json', '--data-root', root, '--out', 'out'], {
      cwd: folder,
    })
    expect(status).toBe(0)
    expect(stderr).toContain('DATA_W_CLAMPED')
    const lines = stdout.split('\n')
    const profit = lines.findIndex((line) => line.includes('net profit'))
    expect(lines.slice(profit, profit + 2).join(' ')).toContain('clamped')
  })
})

describe.skipIf(!HAS_REAL)('A broker export in points and broker time', () => {
  const input = {
    symbol: 'GBPUSD',
    timeframe: 'H1',
    bid: real('mt5_GBPUSDh1.csv.gz'),
    format: 'generic',
    priceDivisor: 100_000,
  } as const

  it('is refused without a time zone', async () => {
    const root = tempFolder()
    const error = await failureOf(() => importData({ ...input, askFromSpread: 1.5, root }))
    expect(error).toMatchObject({ code: 'IMPORT_TIMEZONE_REQUIRED' })
    expect(error.message).toContain('2012-11-16 05:00:00')
    expect(error.hint).toContain('ny+7')
    expect(entriesOf(root)).toEqual([])
  })

  it('is refused without an ask side', async () => {
    const error = await failureOf(() => importData({ ...input, timezone: 'ny+7', root: tempFolder() }))
    expect(error).toMatchObject({ code: 'IMPORT_ASK_MISSING' })
  })

  it('runs with an invented ask side that stays visible', async () => {
    const root = tempFolder()
    const report = await importData({ ...input, timezone: 'ny+7', askFromSpread: 1.5, root })
    expect(dig(report, 'files', 0, 'rows')).toBe(57_600)
    // 05:00 at New York plus seven hours is 03:00 UTC in winter.
    expect(dig(report, 'files', 0, 'first_time')).toBe('2012-11-16T03:00:00Z')
    const config = {
      ...EURUSD,
      symbol: 'GBPUSD',
      start_date: '2014-01-01',
      end_date: '2016-12-31',
      account: { account_currency: 'USD' },
    } as const
    const result = await runBacktest(config, { data: root })
    expect(result.trades.length).toBeGreaterThan(50)
    expect(result.warnings.map(({ code }) => code)).toContain('DATA_W_SYNTHETIC_ASK')
    expect(JSON.stringify(dig(result.meta, 'dataset', 'governance'))).toContain('1.5')
  })

  it('runs as data without a spread, with the spread of the configuration', async () => {
    const root = tempFolder()
    const { bid: single, ...rest } = input
    await importData({ ...rest, single, timezone: 'ny+7', root })
    expect(entriesOf(`${root}/GBPUSD`)).toEqual(['GBPUSD_H1.parquet'])
    const config = {
      ...EURUSD,
      symbol: 'GBPUSD',
      start_date: '2014-01-01',
      end_date: '2016-12-31',
      account: { account_currency: 'USD' },
      data: { quotes: 'single', spread_pips: 1.5 },
    } as const
    const result = await runBacktest(config, { data: root })
    expect(result.trades.length).toBeGreaterThan(50)
    expect(dig(result.meta, 'dataset', 'quotes')).toBe('single')

    // The same quotes with the ask made at import are the same candles up to the last digit of the sum.
    const twoSided = tempFolder()
    await importData({ ...input, timezone: 'ny+7', askFromSpread: 1.5, root: twoSided })
    const { data: _, ...bidAsk } = config
    const other = await runBacktest(bidAsk, { data: twoSided })
    expect(other.trades.length).toBe(result.trades.length)
    expect(at(other.trades.columns.entry_price, 0)).toBeCloseTo(at(result.trades.columns.entry_price, 0), 9)

    const error = await failureOf(() => runBacktest(bidAsk, { data: root }))
    expect(error).toMatchObject({ code: 'DATA_FILE_NOT_FOUND' })
    expect(error.hint).toContain('single')
  })
})
