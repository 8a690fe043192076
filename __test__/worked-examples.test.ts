import { type BacktestConfigInput, type BacktestResult, type RunOptions, runBacktest, signals } from '@omega/native'
import { describe, expect, it } from 'vitest'
import { at, EXAMPLE, NO_COSTS, type Ohlc, PER_LOT, SPECS, smallDataset } from './support.ts'

interface Entry {
  bar: number
  direction: 1 | -1
  stop?: number
  target?: number
  size?: number
}

/** A run of the worked examples of the execution rules: M5, ask = bid + 0.0001, USD account, 10 000, risk 100. */
async function run(
  bars: readonly Ohlc[],
  entries: readonly Entry[],
  changes: Partial<BacktestConfigInput> = {},
  options: RunOptions = {},
): Promise<BacktestResult> {
  const column = () => new Float64Array(bars.length)
  const direction = new Int8Array(bars.length)
  const [stopLoss, takeProfit, size] = [column(), column(), column()]
  for (const entry of entries) {
    direction[entry.bar] = entry.direction
    stopLoss[entry.bar] = entry.stop ?? Number.NaN
    takeProfit[entry.bar] = entry.target ?? 0
    size[entry.bar] = entry.size ?? 0
  }
  const strategy = signals({ direction, stopLoss, takeProfit, size })
  const config = { ...EXAMPLE, ...changes }
  return runBacktest(config, { data: smallDataset(bars), strategy, costs: NO_COSTS, symbolSpecs: SPECS, ...options })
}

/** Money is printed with 6 decimals at most in the examples. */
function column(values: Float64Array): number[] {
  return Array.from(values, (value) => Math.round(value * 1e6) / 1e6)
}

// Examples of execution.md 12; the numbers are those printed there.
describe('The worked examples of the execution rules', () => {
  it('2: a stop in an account of the base currency', async () => {
    const bars: Ohlc[] = [
      [1.1, 1.1005, 1.0998, 1.1002],
      [1.1002, 1.1004, 1.099, 1.0992],
      [1.0992, 1.0993, 1.0975, 1.0978],
      [1.0978, 1.098, 1.097, 1.0975],
    ]
    const changes = { account: { account_currency: 'EUR' } }
    const { trades, equity } = await run(bars, [{ bar: 0, direction: 1, stop: 1.0983, target: 1.1043 }], changes, {
      costs: PER_LOT,
    })
    expect(trades.row(0)).toMatchObject({
      entry_price: 1.1003,
      exit_price: 1.0983,
      size: 0.55,
      reason: 'stop_loss',
      entry_fee: 1.375,
    })
    expect(trades.row(0).result).toBeCloseTo(-100.154785, 6)
    expect(trades.row(0).r_multiple).toBeCloseTo(-1, 9)
    expect(column(equity.columns.equity)).toEqual([9_993.625909, 9_943.584971, 9_897.095215, 9_897.095215])
  })

  it('7: a gap through the stop is filled at the open', async () => {
    const bars: Ohlc[] = [
      [1.1, 1.1008, 1.0995, 1.1002],
      [1.1002, 1.101, 1.0998, 1.1008],
      [1.104, 1.1045, 1.103, 1.1035],
      [1.1035, 1.1036, 1.1034, 1.1035],
    ]
    const { trades, equity } = await run(bars, [{ bar: 0, direction: -1, stop: 1.1022, target: 1.096 }])
    expect(trades.row(0)).toMatchObject({ entry_price: 1.1002, exit_price: 1.1041, size: 0.5, reason: 'stop_loss' })
    expect(trades.row(0).result).toBeCloseTo(-195, 6)
    expect(trades.row(0).r_multiple).toBeCloseTo(-1.95, 9)
    expect(trades.meta(0)).toMatchObject({ gap_exit: true, stop_loss_kind: 'initial', in_entry_candle: false })
    expect(column(equity.columns.equity)).toEqual([9_995, 9_965, 9_805, 9_805])
    expect(at(equity.columns.drawdown, 2)).toBeCloseTo(0.0195, 9)
  })

  describe('8: slippage', () => {
    const bars: Ohlc[] = [
      [1.1, 1.1008, 1.0995, 1.1002],
      [1.1002, 1.101, 1.0978, 1.0985],
      [1.0985, 1.0986, 1.0955, 1.096],
      [1.096, 1.0961, 1.0959, 1.096],
    ]
    const entry: Entry = { bar: 0, direction: -1, stop: 1.1022, target: 1.096 }
    const costs = (random_pips: number) => ({
      defaults: { slippage: { model: 'fixed_random', fixed_pips: 0.2, random_pips }, pip_buffer_factor: 0.5 },
    })

    it('with seed 42 is drawn fill by fill', async () => {
      const { trades } = await run(bars, [entry], { rng_seed: 42 }, { costs: costs(0.3) })
      const trade = trades.row(0)
      expect(trade.entry_price).toBeCloseTo(1.1001595431142308, 14)
      expect(trade.exit_price).toBeCloseTo(1.0960415037495752, 14)
      expect(trade.size).toBe(0.49)
      expect(trade.result).toBeCloseTo(201.783929, 6)
      expect(trade.r_multiple).toBeCloseTo(2.018195, 6)
    })

    it('with seed 43 is another draw: 0.0798… for the first fill', async () => {
      // Example: pips 0.2 + 0.3 × 0.07986965224866338 = 0.223960895674599, sold at 1.1002 less that.
      const { trades } = await run(bars, [entry], { rng_seed: 43 }, { costs: costs(0.3) })
      expect(trades.row(0).entry_price).toBeCloseTo(1.1002 - 0.0000223960895674599, 14)
    })

    it('without a random share is the same for every fill', async () => {
      const { trades } = await run(bars, [entry], {}, { costs: costs(0) })
      expect(trades.row(0).entry_price).toBeCloseTo(1.10018, 12)
      expect(trades.row(0).exit_price).toBeCloseTo(1.09602, 12)
      expect(trades.row(0).size).toBe(0.49)
      expect(trades.row(0).result).toBeCloseTo(203.84, 6)
    })

    it('is scaled by the multiplier, and gone without costs', async () => {
      const double = await run(bars, [entry], { costs: { slippage_multiplier: 2 } }, { costs: costs(0) })
      expect(double.trades.row(0).entry_price).toBeCloseTo(1.10016, 12)
      const none = await run(bars, [entry], { costs: { enabled: false } }, { costs: costs(0.3) })
      expect(none.trades.row(0)).toMatchObject({ entry_price: 1.1002, exit_price: 1.096, entry_fee: 0 })
    })
  })

  it('12: gates and the end of the data', async () => {
    const bars: Ohlc[] = [
      [1.1, 1.1005, 1.0998, 1.1002],
      [1.1002, 1.101, 1.0995, 1.1006],
      [1.1006, 1.1012, 1.1004, 1.101],
    ]
    const long = { direction: 1, stop: 1.0953, target: 1.1103 } as const
    const entries: Entry[] = [
      { bar: 0, ...long },
      { bar: 1, ...long },
      { bar: 2, direction: -1, stop: 1.12 },
    ]
    const { trades, equity, rejections, metrics } = await run(bars, entries, {}, { costs: PER_LOT })
    expect([...rejections].map(({ order_id, reason }) => [order_id, reason])).toEqual([
      [2, 'max_positions_reached'],
      [3, 'end_of_data'],
    ])
    expect(trades.length).toBe(1)
    expect(trades.row(0)).toMatchObject({
      size: 0.2,
      exit_price: 1.101,
      reason: 'end_of_data',
      entry_fee: 0.5,
      exit_fee: 0.5,
    })
    expect(trades.row(0).result).toBeCloseTo(14, 6)
    expect(trades.meta(0)).toMatchObject({ labels: ['end_of_data'] })
    expect(column(equity.columns.equity)).toEqual([9_997.5, 10_005.5, 10_013])
    expect(metrics.profit_net).toBe(13)
  })

  it.each([
    [0.29, 0.29],
    [0.57, 0.57],
    [0.305, 0.3],
    [250, 200],
    [0.0099, undefined],
  ])('14: %f lots are traded as %s', async (size, traded) => {
    const bars: Ohlc[] = [
      [1.1, 1.1005, 1.0998, 1.1002],
      [1.1002, 1.101, 1.0995, 1.1006],
    ]
    const { trades, rejectionCounts } = await run(bars, [{ bar: 0, direction: 1, stop: 1.09, size }])
    if (traded === undefined) {
      expect(rejectionCounts).toEqual({ volume_below_minimum: 1 })
      return
    }
    expect(trades.row(0).size).toBe(traded)
    expect(trades.meta(0).volume_capped ?? false).toBe(size > 200)
  })

  it('14: a stop between bid and ask is on the wrong side', async () => {
    const bars: Ohlc[] = [
      [1.1, 1.1005, 1.0998, 1.1002],
      [1.1002, 1.101, 1.0995, 1.1006],
    ]
    const { rejectionCounts } = await run(bars, [{ bar: 0, direction: 1, stop: 1.10029 }])
    expect(rejectionCounts).toEqual({ stop_loss_wrong_side: 1 })
  })
})

describe('Fees', () => {
  const bars: Ohlc[] = [
    [1.1, 1.1005, 1.0998, 1.1002],
    [1.1002, 1.101, 1.0995, 1.1006],
  ]
  const entry: Entry = { bar: 0, direction: 1, stop: 1.0903 }
  const fees = async (defaults: object, changes: Partial<BacktestConfigInput> = {}) => {
    const { trades } = await run(bars, [entry], changes, {
      costs: { defaults: { slippage: { model: 'none' }, ...defaults } },
    })
    return trades.row(0)
  }

  // By hand: fill 1.1003, distance 0.01, 100 / 1000 → 0.1 lots; closed at 1.1006.
  it('are charged per lot, per million and as a share, once per side', async () => {
    expect(await fees({ schema: 'per_lot', per_lot: 3 })).toMatchObject({
      size: 0.1,
      entry_fee: 0.1 * 3,
      exit_fee: 0.1 * 3,
    })
    const million = await fees({ schema: 'per_million_notional', rate_per_million: 30 })
    // 10 000 × 1.1003 = 11 003 USD, × 30 / 1 000 000 = 0.33009.
    expect(million.entry_fee).toBeCloseTo(0.33009, 9)
    expect(million.exit_fee).toBeCloseTo(0.33018, 9)
    const share = await fees({ schema: 'percent_of_notional', pct: 0.0002 })
    expect(share.entry_fee).toBeCloseTo(2.2006, 9)
  })

  it('have a minimum, sides and a multiplier', async () => {
    expect(await fees({ schema: 'per_lot', per_lot: 3, min_fee: 1 })).toMatchObject({ entry_fee: 1, exit_fee: 1 })
    expect(await fees({ schema: 'per_lot', per_lot: 30, side: 'exit' })).toMatchObject({ entry_fee: 0, exit_fee: 3 })
    const scaled = await fees({ schema: 'per_lot', per_lot: 3, min_fee: 1 }, { costs: { fee_multiplier: 1.5 } })
    expect(scaled).toMatchObject({ entry_fee: 1.5, exit_fee: 1.5 })
  })

  it('in another currency are converted', async () => {
    const rates = { account_currency: 'USD', fx: { static_rates: { GBPUSD: 1.25 } } }
    const trade = await fees({ schema: 'per_lot', per_lot: 8, fee_ccy: 'GBP' }, { account: rates })
    // 0.8 GBP × 1.25 = 1 USD.
    expect(trade.entry_fee).toBeCloseTo(1, 12)
  })
})

describe('An explicit size', () => {
  it('has the risk that its stop implies', async () => {
    const bars: Ohlc[] = [
      [1.1, 1.1005, 1.0998, 1.1002],
      [1.1002, 1.101, 1.0995, 1.1006],
    ]
    const { trades, metrics } = await run(bars, [{ bar: 0, direction: 1, stop: 1.0903, size: 0.3 }])
    // 0.01 × 100 000 × 0.3 = 300; the result is 0.0003 × 30 000 = 9, so R is 0.03.
    expect(trades.row(0).risk).toBeCloseTo(300, 9)
    expect(trades.row(0).result).toBeCloseTo(9, 9)
    expect(metrics.avg_r_multiple).toBeCloseTo(0.03, 6)
  })
})
