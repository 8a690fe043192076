import { runBacktest, signals } from '@omega/native'
import { expect, it } from 'vitest'
import { dig, EXAMPLE, MONDAY_NS, NO_COSTS, SPECS, smallDataset } from './support.ts'

const BARS = [
  [1.1, 1.1005, 1.0998, 1.1002],
  [1.1002, 1.1008, 1.0994, 1.1],
  [1.1, 1.102, 1.0999, 1.1015],
] as const

// decisions.md 30: the count, the details, and pending orders by state and cause. By hand: bought at the ask of 1.1003, 200
// a lot at risk, 0.50 lots; the bid closes 12 pips above at the end: 60. The stop order at 1.2 never triggers.
it.each([
  [false, { open: 1, orders: { pending: 1 }, balance: 10_000, equity: 10_060 }],
  [true, { open: 0, orders: { 'cancelled:end_of_data': 1 }, balance: 10_060, equity: 10_060 }],
])('the end of the data with close_open_at_end %s', async (close, expected) => {
  const result = await runBacktest(
    {
      ...EXAMPLE,
      account: { account_currency: 'USD', max_positions: 2 },
      execution: { close_open_at_end: close },
    },
    {
      data: smallDataset(BARS),
      strategy: signals({
        direction: Int8Array.of(1, 1, 0),
        orderType: Uint8Array.of(0, 2, 0),
        price: Float64Array.of(Number.NaN, 1.2, 0),
        stopLoss: Float64Array.of(1.0983, 1.1, 0),
      }),
      costs: NO_COSTS,
      symbolSpecs: SPECS,
    },
  )
  const run = (...path: (string | number)[]) => dig(result.meta, 'run', ...path)
  expect([run('open_positions'), run('order_counts')]).toEqual([expected.open, expected.orders])
  expect(run('open_position_list')).toHaveLength(expected.open)
  if (!close) {
    const found = { order_id: 1, entry_price: 1.1003, size: 0.5, stop_loss: 1.0983, mark_price: 1.1015 }
    expect(run('open_position_list', 0)).toMatchObject({ ...found, entry_time_ns: MONDAY_NS })
    expect(result.openPositions[0]?.unrealised).toBeCloseTo(60, 6)
  }
  const last = result.equity.columns
  expect(last.balance.at(-1)).toBeCloseTo(expected.balance, 6)
  expect(last.equity.at(-1)).toBeCloseTo(expected.equity, 6)
})
