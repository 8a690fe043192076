import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type BacktestResult,
  listMetrics,
  type RunOptions,
  readArtifact,
  runBacktest,
  signals,
  toPlainJson,
  writeArtifacts,
} from '@omega/native'
import { describe, expect, it } from 'vitest'
import { parseArtifactJson, stringifyArtifact } from '../api/artifacts/json.ts'
import { NAMES, schemaErrors } from './artifact-files.ts'
import { command } from './refusal.ts'
import {
  dig,
  EXAMPLE,
  entriesOf,
  failureOf,
  MONDAY_NS,
  NO_COSTS,
  type Ohlc,
  SPECS,
  smallDataset,
  tempFolder,
} from './support.ts'

const FILE = 'metrics_extended.json'

/** Closes of the bid, one M5 bar each; highs and lows stay close enough to touch nothing. */
const CLOSES = [1.1, 1.101, 1.1, 1.098, 1.099, 1.1, 1.102, 1.101, 1.103, 1.1]
const bars = (closes: readonly number[]): Ohlc[] => closes.map((close) => [close, close, close, close])

/** Long on the first bar, stop 100 pips away, closed with the data. Minutes put every bar on a day of its own. */
async function run(options: RunOptions = {}, closes = CLOSES, everyMinutes = 1_440): Promise<BacktestResult> {
  const n = closes.length
  const data = smallDataset(
    bars(closes),
    0,
    closes.map((_, i) => i * everyMinutes),
  )
  const direction = new Int8Array(n)
  const stopLoss = new Float64Array(n)
  direction[0] = 1
  stopLoss[0] = 1.09
  return runBacktest(EXAMPLE, {
    data,
    strategy: signals({ direction, stopLoss }),
    costs: NO_COSTS,
    symbolSpecs: SPECS,
    ...options,
  })
}

// metrics.md 5, by an independent computation over the public columns: position 0.10 lots (100 / 0.01 / 100 000), so
// equity = 10 000 + 10 000 × (close − 1.1).
describe('Extended metrics', () => {
  it('are those of the equity and the trades of the result', async () => {
    const result = await run()
    const { metrics, tables } = result.extended
    const equity = [...result.equity.columns.equity]
    for (const [i, close] of CLOSES.entries()) expect(equity[i]).toBeCloseTo(10_000 + 1e4 * (close - 1.1), 6)

    const returns = equity.slice(1).map((e, i) => (e - Number(equity[i])) / Number(equity[i]))
    const mean = returns.reduce((sum, r) => sum + r, 0) / returns.length
    const sd = Math.sqrt(returns.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (returns.length - 1))
    expect(metrics.volatility_annual).toBeCloseTo(sd * Math.sqrt(252), 6)
    expect(metrics.best_day).toBeCloseTo(Math.max(...returns), 6)
    expect(metrics.worst_day).toBeCloseTo(Math.min(...returns), 6)
    const gains = returns.filter((r) => r > 0).reduce((sum, r) => sum + r, 0)
    const losses = returns.filter((r) => r < 0).reduce((sum, r) => sum - r, 0)
    expect(metrics.omega_ratio).toBeCloseTo(gains / losses, 6)
    expect(metrics.total_return).toBe(0)
    expect(metrics.buy_hold_return).toBe(0)
    // Equity moves with the price, so the correlation is 1.
    expect(metrics.benchmark_correlation).toBeCloseTo(1, 3)
    expect(metrics.exposure_time).toBe(1)
    expect(metrics.avg_trade_duration_bars).toBe(9)
    expect(metrics.max_trade_duration_minutes).toBe(9 * 1_440)
    expect(metrics.trades_without_r).toBe(0)

    // By hand: high 10 010 on bar 1, low 9 980 on bar 3, recovery on bar 6; 10 020 to 10 010 on bars 6 to 8; then
    // 10 030 on bar 8 and 10 000 at the end.
    const day = (i: number) => MONDAY_NS + BigInt(i) * 86_400_000_000_000n
    expect(tables.drawdowns.map((d) => [d.depth_abs, d.duration_bars, d.peak_time_ns, d.recovery_time_ns])).toEqual([
      [30, 5, day(1), day(6)],
      [30, 1, day(8), null],
      [10, 2, day(6), day(8)],
    ])
    expect(tables.drawdowns[0]).toMatchObject({ peak_time: '2024-01-09T00:00:00Z', valley_time_ns: day(3) })
    expect(metrics.time_in_drawdown).toBe(0.6) // bars 2 3 4 5, 7, 9
    expect(metrics.max_drawdown_duration_days).toBe(5)
    expect(tables.monthly_returns).toEqual([{ year: 2024, month: 1, return: 0 }])
    expect(tables.yearly_returns).toEqual([{ year: 2024, return: 0 }])
  })

  it('count 365 days with the calendar always, and say so', async () => {
    const [fx, always] = [await run(), await run({ calendar: 'always' })]
    const ratio = Number(always.extended.metrics.volatility_annual) / Number(fx.extended.metrics.volatility_annual)
    expect(ratio).toBeCloseTo(Math.sqrt(365 / 252), 4) // both are rounded to six digits
    expect(fx.extended.definitions.volatility_annual.description).toContain('252')
    expect(always.extended.definitions.volatility_annual.description).toContain('365')
    expect(always.metrics).toEqual(fx.metrics)
  })

  it('are null where they cannot be computed, and every one has a definition and a place in the catalogue', async () => {
    const { extended } = await run({}, [1.1, 1.1], 5)
    expect(extended.metrics.skew).toBeNull()
    expect(extended.metrics.cagr).toBe(0)
    const keys = listMetrics().filter((m) => m.file === FILE)
    expect(Object.keys(extended.metrics).sort()).toEqual(keys.map((m) => m.key).sort())
    for (const { key, unit, type, source, domain } of keys) {
      expect(dig(extended.definitions, key)).toMatchObject({ unit, type, source, domain })
    }
  })

  it('cannot be changed by who reads them, and stand in plain JSON', async () => {
    const result = await run()
    const { extended } = result
    expect(result.extended).toBe(extended)
    expect(Object.isFrozen(extended.metrics) && Object.isFrozen(extended.tables.drawdowns[0])).toBe(true)
    const plain = toPlainJson(result)
    expect(dig(plain, 'extended', 'metrics', 'sqn')).toBe(extended.metrics.sqn)
    expect(dig(plain, 'extended', 'tables', 'drawdowns', 0, 'peak_time_ns')).toBe(
      String(extended.tables.drawdowns[0]?.peak_time_ns),
    )
  })

  it('do not need the curve', async () => {
    expect((await run({ curve: false })).extended).toEqual((await run()).extended)
  })
})

describe(FILE, () => {
  it('is written with the option, valid against its schema, and says what the result says', async () => {
    const result = await run({ outputDir: tempFolder(), extendedMetrics: true })
    const dir = result.output?.dir ?? ''
    expect(entriesOf(dir)).toEqual([...NAMES, FILE].sort())
    expect(result.output?.files).toEqual(entriesOf(dir))
    const text = readFileSync(join(dir, FILE), 'utf8')
    expect(schemaErrors('metrics_extended', JSON.parse(text))).toEqual([])
    expect(stringifyArtifact(parseArtifactJson(text))).toBe(text)
    const content = await readArtifact(join(dir, FILE))
    expect(dig(content, 'tables')).toEqual(result.extended.tables)
    expect(dig(content, 'metrics', 'volatility_annual')).toBe(result.extended.metrics.volatility_annual)
    // One trade has no quality number.
    expect([dig(content, 'metrics', 'sqn'), result.extended.metrics.sqn]).toEqual(['n/a', null])
  })

  it('is left out without it', async () => {
    const { output } = await run({ outputDir: tempFolder() })
    expect(entriesOf(output?.dir ?? '')).toEqual(NAMES)
  })

  it('is added to the folder of the same run, compared when it is there, and left alone when nobody asks', async () => {
    const outputDir = tempFolder()
    const first = await run({ outputDir })
    const dir = first.output?.dir ?? ''
    expect((await run({ outputDir, extendedMetrics: true })).output).toMatchObject({ dir, written: true })
    expect(entriesOf(dir)).toEqual([...NAMES, FILE].sort())
    expect(entriesOf(join(outputDir, 'backtests'))).toEqual([first.runId])
    expect((await run({ outputDir, extendedMetrics: true })).output?.written).toBe(false)
    expect((await run({ outputDir })).output?.written).toBe(false)
    writeFileSync(join(dir, FILE), '{}\n')
    expect((await run({ outputDir })).output?.written).toBe(false)
    const error = await failureOf(() => run({ outputDir, extendedMetrics: true }))
    expect(error).toMatchObject({ code: 'OUT_NOT_REPRODUCIBLE', details: { file: FILE } })
  })

  it('is not added to a folder that differs', async () => {
    const outputDir = tempFolder()
    const dir = (await run({ outputDir })).output?.dir ?? ''
    writeFileSync(join(dir, 'metrics.json'), '{}\n')
    expect((await failureOf(() => run({ outputDir, extendedMetrics: true }))).code).toBe('OUT_NOT_REPRODUCIBLE')
    expect(entriesOf(dir)).toEqual(NAMES)
    rmSync(join(dir, 'metrics.json'))
    expect((await failureOf(() => run({ outputDir, extendedMetrics: true }))).code).toBe('OUT_NOT_REPRODUCIBLE')
  })

  it('is written by writeArtifacts and by the command line too', async () => {
    const dir = join(tempFolder(), 'mine')
    await writeArtifacts(await run(), dir, { extendedMetrics: true })
    expect(entriesOf(dir)).toEqual([...NAMES, FILE].sort())
    const { status, document } = command({}, '--extended-metrics')
    expect(status).toBe(0)
    expect(dig(document, 'data', 'output', 'files')).toContain(FILE)
  })
})

// decisions.md 56.
describe('Indicators of a run', () => {
  const config = {
    ...EXAMPLE,
    strategy_name: 'mean_reversion_z_score',
    warmup_bars: 2,
    strategy_parameters: {
      enabled_scenarios: [1],
      direction_filter: 'long',
      ema_length: 3,
      atr_length: 2,
      window_length: 4,
    },
  } as const
  const kept = (options: RunOptions) =>
    runBacktest(config, { data: smallDataset(bars(CLOSES)), costs: NO_COSTS, symbolSpecs: SPECS, ...options })

  it('are kept with keepIndicators, over the traded bars, and by a name that says what they are', async () => {
    const result = await kept({ keepIndicators: true })
    const { indicators } = result
    expect(Object.keys(indicators ?? {})).toContain('atr(M5 bid, period 2)')
    const ema = indicators?.['ema(M5 bid close, period 3)']
    // By hand, alpha = 2 / (3 + 1), from the first close on; two bars are warm-up.
    let value = CLOSES[0] ?? 0
    const expected = CLOSES.map((close) => {
      value += 0.5 * (close - value)
      return value
    }).slice(2)
    expect(ema?.length).toBe(result.equity.length)
    for (const [i, x] of expected.entries()) expect(ema?.[i]).toBeCloseTo(x, 12)
    // The rolling window of four is not full on the first traded bar.
    const zscore = Object.entries(indicators ?? {}).find(([name]) => name.startsWith('zscore('))?.[1]
    expect(zscore?.[0]).toBeNaN()
    expect(dig(toPlainJson(result), 'indicators', 'ema(M5 bid close, period 3)', 0)).toBe(ema?.[0])
  })

  it('are copies: writing to them changes nothing else, and they change no figure', async () => {
    const [a, b] = [await kept({ keepIndicators: true }), await kept({})]
    for (const values of Object.values(a.indicators ?? {})) values.fill(7)
    expect(b.indicators).toBeNull()
    expect([a.runId, a.metrics]).toEqual([b.runId, b.metrics])
    expect(Object.values((await kept({ keepIndicators: true })).indicators ?? {}).some((x) => x.includes(7))).toBe(
      false,
    )
  })

  it('of signals are none', async () => {
    expect((await run({ keepIndicators: true })).indicators).toEqual({})
  })
})
