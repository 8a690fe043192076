import { runBacktest, signals } from '@omega/native'
import { expect, it } from 'vitest'
import { EXAMPLE, MONDAY_NS, NO_COSTS, SPECS, smallDataset } from './support.ts'

/** Ask is bid + 0.0001. */
const BARS = [
  [1.1, 1.1005, 1.0998, 1.1002],
  [1.1002, 1.1008, 1.0994, 1.1],
  [1.1, 1.102, 1.0999, 1.1015],
] as const

const opens = (bar: number) => MONDAY_NS + BigInt(bar) * 300_000_000_000n
const run = (columns: Parameters<typeof signals>[0]) =>
  runBacktest(EXAMPLE, { data: smallDataset(BARS), strategy: signals(columns), costs: NO_COSTS, symbolSpecs: SPECS })

// One order on the first bar, a long. By hand: the ask of bar 1 goes from 1.0995 to 1.1009, that of bar 2 up to 1.1021.
const order = (orderType: number, price: number, bars: number) => ({
  direction: Int8Array.of(1, 0, 0),
  orderType: Uint8Array.of(orderType, 0, 0),
  price: Float64Array.of(price, 0, 0),
  expireAfterBars: Uint32Array.of(bars, 0, 0),
  stopLoss: Float64Array.of(1.098, 0, 0),
})

it('a limit order fills at its price when the ask comes down to it', async () => {
  const { trades } = await run(order(1, 1.0996, 0))
  expect(trades.row(0)).toMatchObject({ order_type: 'limit', entry_price: 1.0996, entry_time_ns: opens(1) })
})

it('a stop order fills when the ask rises to it', async () => {
  const { trades } = await run(order(2, 1.1015, 0))
  expect(trades.row(0)).toMatchObject({ order_type: 'stop', entry_price: 1.1015, entry_time_ns: opens(2) })
})

it('an order expires after its bars', async () => {
  const expired = await run(order(2, 1.1015, 1))
  expect(expired.trades.length).toBe(0)
  const inTime = await run(order(2, 1.1015, 2))
  expect(inTime.trades.length).toBe(1)
})

it('the columns are part of the identity of the run', async () => {
  const identity = (columns: Parameters<typeof signals>[0]) => signals(columns).sha256
  const plain = identity(order(2, 1.1015, 1))
  expect(identity(order(2, 1.1015, 1))).toBe(plain)
  for (const other of [order(1, 1.1015, 1), order(2, 1.1016, 1), order(2, 1.1015, 2)]) {
    expect(identity(other)).not.toBe(plain)
  }
})
