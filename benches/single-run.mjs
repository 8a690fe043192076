// How fast is one run of scenario 2 over a million M1 bars, stage by stage, and what memory does it take?
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { engineInfo, generateData, loadDataset, runBacktest } from '@omega/native'

const BARS = 1_000_000
const ROUNDS = 5
const STAGES = ['load', 'prepare', 'simulate', 'report']

const root = mkdtempSync(join(tmpdir(), 'omega-bench-'))
try {
  await generateData({ symbol: 'EURUSD', timeframe: 'M1', bars: BARS, seed: 1, root })
  const config = {
    strategy_name: 'mean_reversion_z_score',
    symbol: 'EURUSD',
    start_date: '2020-01-01',
    end_date: '2030-01-01',
    timeframes: { primary: 'M1' },
    account: { account_currency: 'EUR' },
    strategy_parameters: {
      enabled_scenarios: [2],
      htf_tf: 'NONE',
      htf_filter: 'none',
      extra_htf_tf: 'NONE',
      extra_htf_filter: 'none',
    },
  }
  const { target, profile } = engineInfo()
  console.log(`${cpus()[0]?.model}, ${cpus().length} cores; core for ${target}, ${profile}; Node ${process.version}`)
  await report('from files, all cores', config, { data: root })
  await report('from files, one thread', config, { data: root, threads: 1 })
  const data = await loadDataset({ symbol: 'EURUSD', timeframes: ['M1'], root })
  await report('from memory, all cores', config, { data })
  await report('from memory, one thread', config, { data, threads: 1 })
  console.log(`peak memory of the process: ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB`)
} finally {
  rmSync(root, { recursive: true, force: true })
}

async function report(title, config, options) {
  const rounds = []
  let result
  for (let i = 0; i < ROUNDS; i += 1) {
    result = await runBacktest(config, options)
    rounds.push(result.timings)
    globalThis.gc?.()
  }
  const { bars_processed: bars } = result.meta.run
  const cells = STAGES.map((stage) => {
    const ms = median(rounds.map((timings) => timings[stage]))
    return `${stage} ${ms.toFixed(1)} ms (${((ms * 1e6) / bars).toFixed(1)} ns/bar)`
  })
  const total = median(rounds.map((timings) => STAGES.reduce((sum, stage) => sum + timings[stage], 0)))
  const start = performance.now()
  const { length } = result.equity.columns.equity
  const curve = performance.now() - start
  console.log(
    `${title}: ${result.trades.length} trades, ${total.toFixed(0)} ms in all, ${(bars / total / 1000).toFixed(1)} million bars/s`,
  )
  console.log(`  ${cells.join(', ')}; curve of ${length} rows on first access ${curve.toFixed(1)} ms`)
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}
