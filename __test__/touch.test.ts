import { runBacktest, signals } from '@omega/native'
import { describe, expect, it } from 'vitest'
import { at, EXAMPLE, NO_COSTS, type Ohlc, SPECS, smallDataset } from './support.ts'

const LEVELS = 1_200
const price = (ticks: number) => ticks / 1e5

// Example, by hand in ticks: with a buffer of half a pip (5 ticks) a level 50 ticks away acts at 45 ticks and not at 44.
// Sums such as `stop + buffer` are not exact in binary, so a plain comparison misses some of these touches.
describe('A level that is touched exactly', () => {
  it.each([
    ['stop of a long', 1, 'stop_loss'],
    ['target of a long', 1, 'take_profit'],
    ['stop of a short', -1, 'stop_loss'],
    ['target of a short', -1, 'take_profit'],
  ] as const)('acts at every price: %s', async (_, d, reason) => {
    const bars: Ohlc[] = []
    const n = LEVELS * 3
    const [direction, stopLoss, takeProfit] = [new Int8Array(n), new Float64Array(n), new Float64Array(n)]
    // The side that price moves to: +1 up, −1 down.
    const way = reason === 'take_profit' ? d : -d
    const levels: number[] = []
    for (let k = 0; k < LEVELS; k += 1) {
      const base = 90_000 + 73 * k
      const level = base + way * 50
      const reach = (distance: number): Ohlc => [
        price(base),
        price(Math.max(base, base + way * distance)),
        price(Math.min(base, base + way * distance)),
        price(base),
      ]
      bars.push(reach(0), reach(44), reach(45))
      direction[3 * k] = d
      stopLoss[3 * k] = reason === 'stop_loss' ? price(level) : price(base - d * 500)
      takeProfit[3 * k] = reason === 'take_profit' ? price(level) : 0
      levels.push(price(level))
    }
    using data = smallDataset(bars, 0)
    const strategy = signals({ direction, stopLoss, takeProfit })
    const config = { ...EXAMPLE, account: { account_currency: 'USD', initial_balance: 1_000_000 } } as const
    const { trades } = await runBacktest(config, { data, strategy, costs: NO_COSTS, symbolSpecs: SPECS })
    expect(trades.length).toBe(LEVELS)
    for (const [k, trade] of [...trades].entries()) {
      expect([k, trade.reason, trade.bars_held, trade.exit_price]).toEqual([k, reason, 2, at(levels, k)])
    }
    const plain = levels.filter((level, k) => {
      const touch = price(90_000 + 73 * k + way * 45)
      return way === 1 ? touch >= level - 0.00005 : touch <= level + 0.00005
    })
    expect(plain.length).toBeLessThan(LEVELS)
  })
})
