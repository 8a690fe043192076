// The built-in strategy on candles that are made here.
import { generateData, runBacktest } from '@omega/native'

await generateData({ symbol: 'EURUSD', timeframe: 'H1', bars: 12_000, seed: 1, overwrite: true })
const { metrics, trades } = await runBacktest({
  strategy_name: 'mean_reversion_z_score',
  symbol: 'EURUSD',
  start_date: '2020-03-01',
  end_date: '2021-06-30',
  timeframes: { primary: 'H1' },
  strategy_parameters: { enabled_scenarios: [1] },
})
console.log(metrics.total_trades, metrics.profit_net, trades.row(0))
