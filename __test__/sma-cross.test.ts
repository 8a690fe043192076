import {
  type BacktestConfigInput,
  type Dataset,
  importData,
  indicators,
  loadDataset,
  runBacktest,
  signals,
} from '@omega/native'
import { beforeAll, describe, expect, it } from 'vitest'
import { expectSame } from './oracle/compare.ts'
import { type OracleInput, simulate } from './oracle/market-orders.ts'
import { at, HAS_REAL, real, SPECS, tempFolder } from './support.ts'

const COSTS = {
  defaults: {
    slippage: { model: 'fixed', fixed_pips: 0.2 },
    schema: 'per_lot',
    side: 'both',
    per_lot: 2.5,
    pip_buffer_factor: 0.5,
  },
}

const CONFIG = {
  schema_version: '2',
  run_mode: 'dev',
  data_mode: 'candle',
  symbol: 'EURUSD',
  start_date: '2008-01-01',
  end_date: '2018-12-31',
  warmup_bars: 500,
  timeframes: { primary: 'H1' },
  account: { account_currency: 'EUR', initial_balance: 10_000, risk_per_trade: 100 },
} as const satisfies BacktestConfigInput

// Real EURUSD hours, SMA 10/50 cross with ATR stops and targets, against the independent implementation in
// oracle/market-orders.ts.
describe.skipIf(!HAS_REAL)('A moving-average cross on eleven years of EURUSD hours', () => {
  let data: Dataset

  beforeAll(async () => {
    const root = tempFolder()
    const files = { bid: real('EURUSD_H1_BID.csv.gz'), ask: real('EURUSD_H1_ASK.csv.gz') }
    await importData({ symbol: 'EURUSD', timeframe: 'H1', ...files, root })
    data = await loadDataset({ symbol: 'EURUSD', timeframes: ['H1'], root })
  })

  /** The signals of the cross and the series they come from. */
  function cross() {
    const { time, bid, ask } = data.series('H1')
    if (!ask) throw new Error('no ask side')
    const fast = indicators.sma(bid.close, { period: 10 })
    const slow = indicators.sma(bid.close, { period: 50 })
    const range = indicators.atr(bid, { period: 14 })
    const n = time.length
    const [direction, exit] = [new Int8Array(n), new Uint8Array(n)]
    const [stopLoss, takeProfit] = [new Float64Array(n).fill(Number.NaN), new Float64Array(n).fill(Number.NaN)]
    for (let i = 1; i < n; i += 1) {
      const above = at(fast, i) > at(slow, i) && at(fast, i - 1) <= at(slow, i - 1)
      const below = at(fast, i) < at(slow, i) && at(fast, i - 1) >= at(slow, i - 1)
      if (above) {
        direction[i] = 1
        exit[i] = 2
        stopLoss[i] = at(bid.low, i) - 2 * at(range, i)
        takeProfit[i] = at(ask.close, i) + 3 * at(range, i)
      }
      if (below) {
        direction[i] = -1
        exit[i] = 1
        stopLoss[i] = at(bid.high, i) + 2 * at(range, i)
        takeProfit[i] = at(bid.close, i) - 3 * at(range, i)
      }
    }
    return { time, bid, ask, direction, exit, stopLoss, takeProfit }
  }

  function oracleInput(changes: Partial<OracleInput>): OracleInput {
    const { exit: _, ...columns } = cross()
    const start = BigInt(Date.UTC(2008, 0, 1)) * 1_000_000n
    const end = BigInt(Date.UTC(2019, 0, 1)) * 1_000_000n - 1n
    return {
      ...columns,
      duration: 3_600_000_000_000n,
      first: columns.time.findIndex((t) => t >= start),
      last: columns.time.findLastIndex((t) => t <= end),
      contractSize: SPECS.EURUSD.contract_size,
      tick: SPECS.EURUSD.tick_size,
      pip: SPECS.EURUSD.pip_size,
      volumeMin: 0.01,
      volumeStep: 0.01,
      volumeMax: 200,
      minStopPips: 0.1,
      balance: 10_000,
      risk: 100,
      maxPositions: 1,
      account: 'base',
      perLot: 2.5,
      minFee: 0,
      slippagePips: 0.2,
      bufferFactor: 0.5,
      cooldownBars: 0,
      cooldownMinutes: 0,
      cooldownMinutesAfterExit: 0,
      sessions: [],
      directions: 'both',
      closeAtEnd: true,
      ...changes,
    }
  }

  it('averages what it says it averages', () => {
    const { bid } = data.series('H1')
    const fast = indicators.sma(bid.close, { period: 10 })
    expect(at(fast, 8)).toBeNaN()
    for (const i of [9, 5_000, bid.close.length - 1]) {
      // Arithmetic mean of ten closes.
      const mean = bid.close.slice(i - 9, i + 1).reduce((sum, x) => sum + x, 0) / 10
      expect(at(fast, i)).toBeCloseTo(mean, 12)
    }
  })

  it('gives the trades and the equity of the oracle with stops and targets', async () => {
    const { direction, stopLoss, takeProfit, time } = cross()
    const strategy = signals({ direction, stopLoss, takeProfit, time })
    const result = await runBacktest(CONFIG, { data, strategy, costs: COSTS, symbolSpecs: SPECS })
    const oracle = simulate(oracleInput({}))
    expect(oracle.trades.length).toBeGreaterThan(500)
    expectSame(result, oracle)
  })

  it('gives the trades of the oracle when the opposite cross exits and enters on one bar', async () => {
    const { direction, stopLoss, exit } = cross()
    const strategy = signals({ direction, stopLoss, exit })
    const result = await runBacktest(CONFIG, { data, strategy, costs: COSTS, symbolSpecs: SPECS })
    const oracle = simulate(oracleInput({ exit, takeProfit: new Float64Array(direction.length) }))
    const reversals = oracle.trades.filter(
      (trade, i) => trade.reason === 'signal' && oracle.trades[i + 1]?.entry_time_ns === trade.exit_time_ns,
    )
    expect(reversals.length).toBeGreaterThan(200)
    expectSame(result, oracle)
  })

  it('gives the trades of the oracle with three positions, cooldowns, sessions and an account in the quote currency', async () => {
    const { direction, stopLoss, takeProfit } = cross()
    const strategy = signals({ direction, stopLoss, takeProfit })
    const config = {
      ...CONFIG,
      account: { account_currency: 'USD', max_positions: 3 },
      execution: {
        cooldown_bars: 12,
        cooldown_minutes: 900,
        cooldown_minutes_after_exit: 120,
        close_open_at_end: false,
      },
      sessions: [
        { start: '07:00', end: '16:00' },
        { start: '22:00', end: '02:00' },
      ],
    } as const
    const result = await runBacktest(config, { data, strategy, costs: COSTS, symbolSpecs: SPECS })
    const oracle = simulate(
      oracleInput({
        account: 'quote',
        maxPositions: 3,
        cooldownBars: 12,
        cooldownMinutes: 900,
        cooldownMinutesAfterExit: 120,
        closeAtEnd: false,
        sessions: [
          [420, 960],
          [1320, 120],
        ],
      }),
    )
    expect(new Set(oracle.rejections.map(({ reason }) => reason))).toContain('cooldown')
    expect(oracle.trades.some((t, i) => i > 0 && t.position_id < at(oracle.trades, i - 1).position_id)).toBe(true)
    expectSame(result, oracle)
  })
})
