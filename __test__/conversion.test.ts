import {
  type BacktestConfigInput,
  type BacktestResult,
  createDataset,
  type Dataset,
  generateData,
  loadDataset,
  runBacktest,
  type Series,
  signals,
} from '@omega/native'
import { beforeAll, describe, expect, it } from 'vitest'
import { failureOf, NO_COSTS, SPECS, tempFolder } from './support.ts'

/** Dollars of EURUSD in an account in francs: only USDCHF leads there. */
const CONFIG = {
  schema_version: '2',
  symbol: 'EURUSD',
  start_date: '2020-01-06',
  end_date: '2021-12-31',
  run_mode: 'dev',
  data_mode: 'candle',
  warmup_bars: 0,
  timeframes: { primary: 'H1' },
  // Invented candles of USDCHF lie around 100, so that results are large.
  account: { account_currency: 'CHF', initial_balance: 1e9 },
  costs: { pip_buffer_factor: 0 },
} as const satisfies BacktestConfigInput

let root: string
let eurusd: Dataset
let traded: Series
let usdchf: Series

/** A long every 40 bars, 30 pips of stop and target around the close, closed at the latest 20 bars later. */
function strategy(bars: Series) {
  const { close } = bars.bid
  const { length } = close
  return signals({
    direction: Int8Array.from({ length }, (_, bar) => (bar % 40 === 0 ? 1 : 0)),
    stopLoss: close.map((price) => price - 0.003),
    takeProfit: close.map((price) => price + 0.003),
    exit: Uint8Array.from({ length }, (_, bar) => (bar % 40 === 20 ? 1 : 0)),
    size: new Float64Array(length).fill(0.5),
  })
}

function withoutBigint(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

function run(data: string | Dataset, fx: object = {}): Promise<BacktestResult> {
  const config = { ...CONFIG, account: { ...CONFIG.account, fx } }
  return runBacktest(config, { data, strategy: strategy(traded), costs: NO_COSTS, symbolSpecs: SPECS })
}

beforeAll(async () => {
  root = tempFolder()
  await generateData({ symbol: 'EURUSD', timeframe: 'H1', bars: 2_000, seed: 3, root })
  await generateData({ symbol: 'USDCHF', timeframe: 'H1', bars: 2_000, seed: 4, root })
  eurusd = await loadDataset({ symbol: 'EURUSD', timeframes: ['H1'], root })
  traded = eurusd.series('H1')
  usdchf = (await loadDataset({ symbol: 'USDCHF', timeframes: ['H1'], root })).series('H1')
})

describe('An account in a third currency', () => {
  it('books every trade at the rate that its moment may know', async () => {
    const { trades } = await run(root)
    expect(trades.length).toBeGreaterThan(20)
    const mid = (field: 'open' | 'close', bar: number): number => {
      const [bid, ask] = [usdchf.bid[field][bar], usdchf.ask?.[field][bar]]
      if (bid === undefined || ask === undefined) throw new Error(`no candle ${bar}`)
      return (bid + ask) / 2
    }
    const reasons = new Set<string>()
    for (const trade of trades) {
      reasons.add(trade.reason)
      // execution.md 1.3: the open of USDCHF inside a bar, its close at the close. Both series have the same times.
      const bar = traded.time.indexOf(trade.exit_time_ns)
      expect(usdchf.time[bar]).toBe(trade.exit_time_ns)
      const rate = mid(trade.reason === 'stop_loss' || trade.reason === 'take_profit' ? 'open' : 'close', bar)
      const dollars = (trade.exit_price - trade.entry_price) * 100_000 * 0.5
      expect(trade.result).toBeCloseTo(dollars * rate, 9)
    }
    expect([...reasons].sort()).toEqual(['signal', 'stop_loss', 'take_profit'])
  })

  it('is the same run on a loaded dataset, which knows its folder', async () => {
    const [fromFolder, fromDataset] = [await run(root), await run(eurusd)]
    const described = ({ meta }: BacktestResult): string => JSON.stringify([meta.run, meta.dataset], withoutBigint)
    // The run id is made of the configuration and of the files read, those of USDCHF included.
    expect(fromDataset.runId).toBe(fromFolder.runId)
    expect(fromDataset.manifestSha256).not.toBe(
      (await run(eurusd, { static_rates: { USDCHF: 0.9 }, mode: 'static' })).manifestSha256,
    )
    expect(described(fromDataset)).toBe(described(fromFolder))
    expect(described(fromDataset)).toContain('{"operation":"multiply","pair":"USDCHF","source":"candles"}')
  })

  it('without the candles needs a constant and says so', async () => {
    const { time, bid, ask } = traded
    const inMemory = createDataset({ symbol: 'EURUSD', series: { H1: ask ? { time, bid, ask } : { time, bid } } })
    for (const [data, fx] of [
      [inMemory, {}],
      [inMemory, { mode: 'candles', static_rates: { USDCHF: 0.9 } }],
      [root, { mode: 'static' }],
    ] as const) {
      const error = await failureOf(() => run(data, fx))
      expect(error).toMatchObject({ code: 'fx_path_missing', category: 'execution' })
      expect(error.hint).toMatch(/USDCHF/)
    }
    const { trades } = await run(inMemory, { static_rates: { USDCHF: 0.9 } })
    const [first] = trades
    expect(first?.result).toBeCloseTo(((first?.exit_price ?? 0) - (first?.entry_price ?? 0)) * 45_000, 9)
  })

  it('stops at the first bar at which an open position cannot be valued', async () => {
    const short = tempFolder()
    await generateData({ symbol: 'EURUSD', timeframe: 'H1', bars: 2_000, seed: 3, root: short })
    await generateData({ symbol: 'USDCHF', timeframe: 'H1', bars: 500, seed: 4, root: short })
    const error = await failureOf(() => run(short, { stale_limit_bars: 5 }))
    expect(error).toMatchObject({ code: 'fx_rate_unavailable', category: 'execution' })
    expect(error.details).toMatchObject({ pair: 'USDCHF', timeframe: 'H1', stale_limit_bars: 5 })
    // The last candle is that of bar 499, so bar 505 is the first without one; a position is open at the first bar of
    // each forty until its end.
    expect(Number(error.details.bar)).toBeGreaterThanOrEqual(505)
    expect(Number(error.details.bar)).toBeLessThanOrEqual(520)
    expect(error.message).toContain('USDCHF')
    expect(error.hint).toContain('USDCHF H1')
  })
})
