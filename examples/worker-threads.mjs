// One dataset, several worker threads: candles are loaded once and attached without a copy. Run first-backtest.ts before.
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { attachDataset, loadDataset, runBacktest } from '@omega/native'

const config = {
  strategy_name: 'mean_reversion_z_score',
  symbol: 'EURUSD',
  start_date: '2020-03-01',
  end_date: '2021-06-30',
  timeframes: { primary: 'H1' },
}

if (isMainThread) {
  const data = await loadDataset({ symbol: 'EURUSD', timeframes: ['H1'] })
  const runs = [20, 30, 40].map((length) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { token: data.token, length } })
    return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
  })
  console.log(await Promise.all(runs))
  data.close()
} else {
  const data = attachDataset(workerData.token)
  const strategy_parameters = { enabled_scenarios: [1], ema_length: workerData.length }
  const { metrics } = await runBacktest({ ...config, strategy_parameters }, { data })
  parentPort.postMessage({ length: workerData.length, trades: metrics.total_trades, profit: metrics.profit_net })
}
