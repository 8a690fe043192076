// How many instructions does a bar cost on which nothing happens? Counted, not timed: needs valgrind.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { hostTarget } from '../scripts/setup.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
if (spawnSync('valgrind', ['--version']).status !== 0) {
  console.log('valgrind is not installed; nothing was counted')
  process.exit(0)
}
const target = hostTarget()
const built = spawnSync(
  'cargo',
  ['build', '--release', '--target', target, '-p', 'omega-backtest', '--example', 'idle_bars'],
  {
    cwd: root,
    stdio: 'inherit',
  },
)
if (built.status !== 0) process.exit(built.status ?? 1)

const folder = mkdtempSync(join(tmpdir(), 'omega-bench-'))
try {
  for (const mode of ['flat', 'open']) {
    const [few, many] = [100_000, 200_000].map((bars) => instructions(bars, mode))
    console.log(
      `${mode === 'flat' ? 'no position' : 'position open'}: ${((many - few) / 100_000).toFixed(3)} instructions per idle bar (${few} for 100 000 bars, ${many} for 200 000)`,
    )
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function instructions(bars, mode) {
  const counted = spawnSync(
    'valgrind',
    [
      '--tool=callgrind',
      '--toggle-collect=*simulate_only*',
      `--callgrind-out-file=${join(folder, 'out')}`,
      join(root, 'target', target, 'release', 'examples', 'idle_bars'),
      String(bars),
      mode,
    ],
    { encoding: 'utf8' },
  )
  const found = counted.stderr.match(/Collected\s*:\s*(\d+)/)
  const expected = `${mode === 'open' ? 1 : 0} trades`
  if (!found || !counted.stdout.includes(expected)) throw new Error(`${counted.stdout}${counted.stderr}`)
  return Number(found[1])
}
