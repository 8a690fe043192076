// npm run demo: everything from a fresh clone to a finished backtest.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { root, setup } from './setup.mjs'

setup()
const omega = join(root, 'dist', 'api', 'cli', 'main.js')
const run = spawnSync(process.execPath, [omega, 'demo', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' })
process.exit(run.status ?? 1)
