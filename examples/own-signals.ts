// A moving-average cross as arrays: one entry per bar of the dataset. Run first-backtest.ts before, it makes the candles.
import { indicators, loadDataset, runBacktest, signals } from '@omega/native'

const data = await loadDataset({ symbol: 'EURUSD', timeframes: ['H1'] })
const { bid } = data.series('H1')
const [fast, slow] = [indicators.sma(bid.close, { period: 10 }), indicators.sma(bid.close, { period: 50 })]
const range = indicators.atr(bid, { period: 14 })
const above = Array.from(fast, (value, i) => value > (slow[i] ?? Number.NaN))
const direction = Int8Array.from(above, (now, i) => (i < 51 || now === above[i - 1] ? 0 : now ? 1 : -1))
const stopLoss = Float64Array.from(bid.close, (close, i) => close - 2 * (direction[i] ?? 0) * (range[i] ?? Number.NaN))
const exit = Uint8Array.from(direction, (side) => (side === 1 ? 2 : side === -1 ? 1 : 0))
const config = {
  symbol: 'EURUSD',
  start_date: '2020-03-01',
  end_date: '2021-06-30',
  timeframes: { primary: 'H1' },
} as const
const result = await runBacktest(config, { data, strategy: signals({ direction, stopLoss, exit }) })
console.log(result.metrics.total_trades, result.metrics.profit_net, result.rejectionCounts)
