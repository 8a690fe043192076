import { createDataset, runBacktest, signals } from '@omega/native'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expectSame } from './oracle/compare.ts'
import { type OracleInput, simulate } from './oracle/market-orders.ts'
import { EXAMPLE, MONDAY_NS, SPECS } from './support.ts'

const M5_NS = 300_000_000_000n
const price = (ticks: number) => ticks / 1e5

const spread = fc.integer({ min: 0, max: 15 })

/** A bar in ticks: gap from the last close, body, wicks, and the spread of each field. */
const bar = fc.record({
  gap: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: -60, max: 60 }) }),
  body: fc.integer({ min: -40, max: 40 }),
  up: fc.integer({ min: 0, max: 25 }),
  down: fc.integer({ min: 0, max: 25 }),
  spread: fc.tuple(spread, spread, spread, spread),
  skip: fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.integer({ min: 2, max: 30 }) }),
  direction: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 2, arbitrary: fc.constantFrom(-1, 1) }),
  // Distances in ticks; negative ones lie on the wrong side, `undefined` means absent.
  stop: fc.option(fc.integer({ min: -3, max: 60 }), { freq: 12, nil: undefined }),
  target: fc.option(fc.integer({ min: -3, max: 80 }), { freq: 4, nil: undefined }),
  size: fc.oneof({ weight: 6, arbitrary: fc.constant(Number.NaN) }, fc.constantFrom(0.37, 0.004, 250, 0.01)),
  exit: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.constantFrom(1, 2, 3)),
})

type RandomBar = typeof bar extends fc.Arbitrary<infer T> ? T : never

const setting = fc.record({
  bars: fc.array(bar, { minLength: 5, maxLength: 120, size: 'max' }),
  warmup: fc.integer({ min: 0, max: 4 }),
  account: fc.constantFrom('quote', 'base'),
  balance: fc.constantFrom(150, 10_000, 10_000),
  maxPositions: fc.constantFrom(1, 1, 2, 3),
  perLot: fc.constantFrom(0, 2.5),
  minFee: fc.constantFrom(0, 1.5),
  slippagePips: fc.constantFrom(0, 0.2),
  bufferFactor: fc.constantFrom(0, 0.5, 1),
  minStopPips: fc.constantFrom(0.1, 1, 2.5),
  cooldownBars: fc.constantFrom(0, 0, 1, 4),
  cooldownMinutes: fc.constantFrom(0, 0, 0, 20),
  cooldownMinutesAfterExit: fc.constantFrom(0, 0, 0, 5, 15),
  sessions: fc.constantFrom<readonly (readonly [number, number])[]>(
    [],
    [],
    [],
    [[30, 180]],
    [[120, 60]],
    [
      [0, 45],
      [90, 100],
    ],
  ),
  directions: fc.constantFrom('both', 'both', 'long', 'short'),
  closeAtEnd: fc.boolean(),
})

/** The market and the signals of a setting as columns. */
function columnsOf({ bars }: { bars: readonly RandomBar[] }) {
  const n = bars.length
  const column = () => new Float64Array(n)
  const side = () => ({ open: column(), high: column(), low: column(), close: column() })
  const [bid, ask, time] = [side(), side(), new BigInt64Array(n)]
  const [direction, exit] = [new Int8Array(n), new Uint8Array(n)]
  const [stopLoss, takeProfit, size] = [column(), column(), column()]
  let [last, now] = [110_000, MONDAY_NS]
  for (const [i, b] of bars.entries()) {
    const open = last + b.gap
    const close = open + b.body
    const [high, low] = [Math.max(open, close) + b.up, Math.min(open, close) - b.down]
    const [so, sh, sl, sc] = b.spread
    const set = (target: typeof bid, o: number, h: number, l: number, c: number) => {
      target.open[i] = price(o)
      target.high[i] = price(Math.max(h, o, c))
      target.low[i] = price(Math.min(l, o, c))
      target.close[i] = price(c)
    }
    set(bid, open, high, low, close)
    set(ask, open + so, high + sh, low + sl, close + sc)
    if (i > 0) now += BigInt(b.skip) * M5_NS
    time[i] = now
    direction[i] = b.direction
    exit[i] = b.exit
    // Distances count from the closing side, the side on which levels are judged.
    const mark = b.direction === 1 ? close : close + sc
    stopLoss[i] = b.stop === undefined ? Number.NaN : price(mark - b.direction * b.stop)
    takeProfit[i] = b.target === undefined ? Number.NaN : price(mark + b.direction * b.target)
    size[i] = b.size
    last = close
  }
  return { time, bid, ask, direction, stopLoss, takeProfit, size, exit }
}

const clock = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

describe('Any small market with any signals', () => {
  // Property, against the independent implementation in oracle/market-orders.ts.
  it('gives the trades, refusals and equity of the oracle', async () => {
    const seen = { trades: 0, rejections: new Set<string>(), reasons: new Set<string>() }
    await fc.assert(
      fc.asyncProperty(setting, async (s) => {
        fc.pre(s.bars.length > s.warmup)
        const { time, bid, ask, ...columns } = columnsOf(s)
        const input: OracleInput = {
          ...s,
          ...columns,
          time,
          bid,
          ask,
          duration: M5_NS,
          first: s.warmup,
          last: s.bars.length - 1,
          contractSize: 100_000,
          tick: 0.00001,
          pip: 0.0001,
          volumeMin: 0.01,
          volumeStep: 0.01,
          volumeMax: 200,
          risk: 100,
        }
        const config = {
          ...EXAMPLE,
          warmup_bars: s.warmup,
          sessions:
            s.sessions.length === 0
              ? null
              : s.sessions.map(([start, end]) => ({ start: clock(start), end: clock(end) })),
          account: {
            account_currency: s.account === 'quote' ? 'USD' : 'EUR',
            initial_balance: s.balance,
            max_positions: s.maxPositions,
          },
          execution: {
            cooldown_bars: s.cooldownBars,
            cooldown_minutes: s.cooldownMinutes,
            cooldown_minutes_after_exit: s.cooldownMinutesAfterExit,
            allowed_directions: s.directions,
            close_open_at_end: s.closeAtEnd,
          },
        }
        const costs = {
          defaults: {
            slippage: { model: 'fixed', fixed_pips: s.slippagePips },
            schema: 'per_lot',
            per_lot: s.perLot,
            min_fee: s.minFee,
            pip_buffer_factor: s.bufferFactor,
          },
        }
        using data = createDataset({ symbol: 'EURUSD', series: { M5: { time, bid, ask } } })
        const result = await runBacktest(config, {
          data,
          strategy: signals({ ...columns, time }),
          costs,
          symbolSpecs: { EURUSD: { ...SPECS.EURUSD, min_sl_distance_pips: s.minStopPips } },
        })
        const oracle = simulate(input)
        expectSame(result, oracle)
        seen.trades += oracle.trades.length
        for (const { reason } of oracle.trades) seen.reasons.add(reason)
        for (const { reason } of oracle.rejections) seen.rejections.add(reason)
      }),
      { numRuns: 200, seed: 20_240_108 },
    )
    // The generator reaches every way out and every gate that market orders have.
    expect(seen.trades).toBeGreaterThan(500)
    expect([...seen.reasons].sort()).toEqual(['end_of_data', 'signal', 'stop_loss', 'take_profit'])
    expect([...seen.rejections].sort()).toEqual([
      'account_depleted',
      'cooldown',
      'direction_not_allowed',
      'end_of_data',
      'max_positions_reached',
      'missing_stop_loss',
      'session_closed',
      'stop_distance_below_minimum',
      'stop_loss_wrong_side',
      'take_profit_wrong_side',
      'volume_below_minimum',
    ])
  })
})
