// How long does `omega run` take from nothing on a small file?
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generateData } from '@omega/native'

const ROUNDS = 9
const omega = fileURLToPath(new URL('../dist/api/cli/main.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'omega-bench-'))
try {
  const root = join(folder, 'data')
  await generateData({ symbol: 'EURUSD', timeframe: 'H1', bars: 2_000, seed: 1, root })
  const config = join(folder, 'config.json')
  writeFileSync(
    config,
    JSON.stringify({
      strategy_name: 'mean_reversion_z_score',
      symbol: 'EURUSD',
      start_date: '2020-01-01',
      end_date: '2021-01-01',
      timeframes: { primary: 'H1' },
      strategy_parameters: { enabled_scenarios: [1] },
    }),
  )
  const run = ['run', config, '--data-root', root, '--out', join(folder, 'out'), '--if-exists', 'replace', '--quiet']
  console.log(`bare node: ${time([process.execPath, '-e', '0'])}`)
  console.log(`omega --version: ${time([process.execPath, omega, '--version'])}`)
  console.log(`omega run, 2 000 bars: ${time([process.execPath, omega, ...run])}`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function time([command, ...args]) {
  const rounds = []
  for (let i = 0; i < ROUNDS; i += 1) {
    const start = performance.now()
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    rounds.push(performance.now() - start)
  }
  rounds.sort((a, b) => a - b)
  return `median ${rounds[Math.floor(ROUNDS / 2)].toFixed(0)} ms, fastest ${rounds[0].toFixed(0)} ms`
}
