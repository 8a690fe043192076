import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  type BacktestConfigInput,
  generateData,
  importData,
  loadDataset,
  type ResampleInput,
  resample,
  runBacktest,
  safeParseConfig,
} from '@omega/native'
import { beforeAll, describe, expect, it } from 'vitest'
import { dig, entriesOf, failureOf, HAS_REAL, issuesOf, omega, omegaJson, real, tempFolder } from './support.ts'

/** Scenario 2 with a trend filter on H1; signals in both directions. */
const CONFIG = {
  schema_version: '2',
  strategy_name: 'mean_reversion_z_score',
  symbol: 'EURUSD',
  start_date: '2020-02-03',
  end_date: '2020-07-31',
  run_mode: 'dev',
  data_mode: 'candle',
  warmup_bars: 100,
  timeframes: { primary: 'M15', additional: ['H4'] },
  account: { account_currency: 'USD', max_positions: 3 },
  strategy_parameters: {
    enabled_scenarios: [2],
    window_length: 30,
    z_score_long: -1.5,
    z_score_short: 1.5,
    htf_tf: 'H1',
    htf_ema: 20,
    htf_filter: 'above',
    extra_htf_tf: 'NONE',
  },
} as const satisfies BacktestConfigInput

const AGGREGATED = {
  ...CONFIG,
  timeframes: { ...CONFIG.timeframes, additional_source: 'aggregate_from_primary' },
} as const satisfies BacktestConfigInput

let root = ''

beforeAll(async () => {
  root = tempFolder()
  await generateData({ symbol: 'EURUSD', timeframe: 'M15', bars: 15_000, seed: 4, root })
})

describe('resample', () => {
  it('makes files that give the same run as candles aggregated within it', async () => {
    const within = await runBacktest(AGGREGATED, { data: root })
    expect(within.trades.length).toBeGreaterThan(20)
    expect(dig(within.meta, 'dataset', 'timeframes')).toMatchObject([
      { timeframe: 'M15', role: 'primary', source: 'separate_parquet' },
      { timeframe: 'H4', role: 'additional', source: 'aggregated', anchor: 'ny17' },
      { timeframe: 'H1', role: 'strategy', source: 'aggregated', anchor: 'ny17' },
    ])
    // Nothing but M15 lies there, and a run on files of their own says so.
    expect(await failureOf(() => runBacktest(CONFIG, { data: root }))).toMatchObject({ code: 'DATA_FILE_NOT_FOUND' })

    const report = await resample({ symbol: 'eurusd', from: 'M15', to: ['H1', 'H4'], root })
    expect(report).toMatchObject({ symbol: 'EURUSD', from: 'M15', quotes: 'bid_ask', anchor: 'ny17', bars: 15_000 })
    expect(report.files.map((file) => file.relative_path)).toEqual([
      'EURUSD/EURUSD_H1_BID.parquet',
      'EURUSD/EURUSD_H1_ASK.parquet',
      'EURUSD/EURUSD_H4_BID.parquet',
      'EURUSD/EURUSD_H4_ASK.parquet',
    ])
    expect(report.warnings.map(({ code }) => code)).toEqual(['DATA_W_SYNTHETIC'])
    const files = await runBacktest(CONFIG, { data: root })
    expect([...files.trades]).toEqual([...within.trades])
    expect(files.equity.columns.equity).toEqual(within.equity.columns.equity)
    expect(files.metrics).toEqual(within.metrics)
    expect(files.warnings).toEqual(within.warnings)
    expect(dig(files.meta, 'dataset', 'timeframes', 1)).toMatchObject({ source: 'separate_parquet' })
    expect(dig(files.meta, 'dataset', 'timeframes', 1, 'anchor')).toBeUndefined()

    const dataset = await loadDataset({ symbol: 'EURUSD', timeframes: ['M15'], root })
    const shared = await runBacktest(AGGREGATED, { data: dataset })
    expect([...shared.trades]).toEqual([...within.trades])
    expect(shared.manifestSha256).toBe(within.manifestSha256)
    dataset.close()
  })

  it('sums, and keeps first, last and extremes', async () => {
    const other = tempFolder()
    await generateData({ symbol: 'EURUSD', timeframe: 'M1', bars: 300, seed: 9, root: other })
    const report = await resample({ symbol: 'EURUSD', from: 'M1', to: 'H1', root: other })
    expect(report.timeframes).toEqual([{ timeframe: 'H1', bars: 5, left_out: 0, last_is_partial: false }])
    const { series } = await loadDataset({ symbol: 'EURUSD', timeframes: ['M1', 'H1'], root: other }).then(
      (dataset) => ({ series: [dataset.series('M1'), dataset.series('H1')] as const }),
    )
    const [minutes, hours] = series
    for (let hour = 0; hour < 5; hour += 1) {
      const part = (column: Float64Array) => column.slice(60 * hour, 60 * (hour + 1))
      expect(hours.time[hour]).toBe(minutes.time[60 * hour])
      expect(hours.bid.open[hour]).toBe(part(minutes.bid.open)[0])
      expect(hours.bid.high[hour]).toBe(Math.max(...part(minutes.bid.high)))
      expect(hours.bid.low[hour]).toBe(Math.min(...part(minutes.bid.low)))
      expect(hours.ask?.close[hour]).toBe(part(minutes.ask?.close ?? new Float64Array())[59])
      expect(hours.bid.volume?.[hour]).toBe(part(minutes.bid.volume ?? new Float64Array()).reduce((a, b) => a + b, 0))
    }
  })

  it.each([
    [{ from: 'M7' }, 'M7'],
    [{ to: [] }, 'M1, M5'],
    [{ to: 'M15' }, 'M15'],
    [{ to: ['H1', 'M5'] }, 'M5'],
    [{ anchor: 'london' }, 'ny17, utc'],
    [{ timeframe: 'H1' }, "unknown resample option 'timeframe'"],
    [{ symbol: '../x' }, '../X'],
  ])('refuses %j', async (change, says) => {
    const input: ResampleInput = Object({ symbol: 'EURUSD', from: 'M15', to: 'H1', root: tempFolder(), ...change })
    const error = await failureOf(() => resample(input))
    expect(error).toMatchObject({ code: 'ARG_INVALID', category: 'usage' })
    expect(error.message).toContain(says)
  })

  it('writes nothing if it is aborted', async () => {
    const other = tempFolder()
    await generateData({ symbol: 'EURUSD', timeframe: 'M1', bars: 1_000, seed: 9, root: other })
    const before = entriesOf(join(other, 'EURUSD'))
    const signal = AbortSignal.abort()
    const input = { symbol: 'EURUSD', from: 'M1', to: ['M5', 'H1'], root: other } as const
    expect(await failureOf(() => resample(input, { signal }))).toMatchObject({ code: 'ABORTED' })
    expect(entriesOf(join(other, 'EURUSD'))).toEqual(before)
  })
})

describe('timeframes.additional_source aggregate_from_primary', () => {
  const timeframes = (value: object) => {
    const config: BacktestConfigInput = Object.assign({ ...AGGREGATED }, { timeframes: value })
    return config
  }

  it('refuses shorter timeframes of the configuration and of the strategy', async () => {
    const additional_source = 'aggregate_from_primary'
    const checked = safeParseConfig(timeframes({ primary: 'M15', additional: ['H1', 'm5'], additional_source }))
    expect(checked).toMatchObject({ ok: false, issues: [{ path: 'timeframes.additional', code: 'CFG_CONFLICT' }] })
    expect(safeParseConfig(timeframes({ primary: 'M15', additional: ['M5'] })).ok).toBe(true)
    const error = await failureOf(() =>
      runBacktest(timeframes({ primary: 'H4', additional_source }), { data: tempFolder() }),
    )
    expect(error).toMatchObject({ code: 'CFG_CONFLICT', category: 'config' })
    expect(issuesOf(error)).toEqual(['strategy_parameters.htf_tf: CFG_CONFLICT'])
  })
})

describe('omega data resample', () => {
  it('makes the timeframes of a list and prints a report', () => {
    const folder = tempFolder()
    const generate = ['data', 'generate', '--symbol', 'EURUSD', '--timeframe', 'M1', '--bars', '5000', '--seed', '1']
    expect(omega(generate, { cwd: folder }).status).toBe(0)
    const args = ['data', 'resample', '--symbol', 'EURUSD', '--from', 'm1', '--to', 'M5,h1,D1']
    const { status, document } = omegaJson(args, { cwd: folder })
    expect(status).toBe(0)
    expect(dig(document, 'data', 'files', 5, 'relative_path')).toBe('EURUSD/EURUSD_D1_ASK.parquet')
    expect(existsSync(join(folder, 'data', 'parquet', 'EURUSD', 'EURUSD_D1_ASK.parquet'))).toBe(true)
    const again = omega(args, { cwd: folder })
    expect(again.status).toBe(1)
    expect(again.stderr).toMatch(/^error IMPORT_EXISTS: .*EURUSD_M5_BID\.parquet/)
    const anchored = omega([...args, '--overwrite', '--anchor', 'utc'], { cwd: folder })
    expect(anchored.status).toBe(0)
    expect(anchored.stdout).toContain('utc')
  })

  it.each([
    [['--from', 'H1', '--to', 'M5'], 5, 'M5'],
    [['--from', 'M1', '--to', 'M5,,H1'], 5, 'M1, M5'],
    [['--from', 'M1', '--to', 'H1', '--anchor', 'x'], 5, 'ny17'],
    [['--from', 'M1'], 5, '--to'],
    [['--from', 'M1', '--to', 'H1'], 1, 'EURUSD_M1_BID.parquet'],
  ])('ends with a message for %j', (args, status, says) => {
    const done = omega(['data', 'resample', '--symbol', 'EURUSD', ...args], { cwd: tempFolder() })
    expect(done.status).toBe(status)
    expect(done.stderr).toContain(says)
  })
})

describe.skipIf(!HAS_REAL)('Twelve years of real hours', () => {
  it('become the daily candles of the same source', async () => {
    const [hours, days] = [tempFolder(), tempFolder()]
    const files = (name: string) => ({ bid: real(`EURUSD_${name}_BID.csv.gz`), ask: real(`EURUSD_${name}_ASK.csv.gz`) })
    await importData({ symbol: 'EURUSD', timeframe: 'H1', ...files('H1'), root: hours })
    await importData({ symbol: 'EURUSD', timeframe: 'D1', ...files('D1'), root: days })
    await resample({ symbol: 'EURUSD', from: 'H1', to: 'D1', anchor: 'utc', root: hours })
    const series = async (folder: string) =>
      (await loadDataset({ symbol: 'EURUSD', timeframes: ['D1'], root: folder })).series('D1')
    const [made, given] = [await series(hours), await series(days)]
    // The hours begin at 21:00 of the first day, which is therefore not a whole one.
    expect(made.time).toEqual(given.time.slice(1))
    expect(made.bid.high).toEqual(given.bid.high.slice(1))
    expect(made.ask?.open).toEqual(given.ask?.open.slice(1))
  })
})
