// Line coverage per crate by the Rust tests, against the goals of docs/correctness.md. Needs a nightly toolchain with the
// component llvm-tools, whose LLVM fits its compiler.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { hostTarget, root } from './setup.mjs'

const GOALS = { types: 95, data: 90, execution: 90, portfolio: 90, strategy: 85, backtest: 80, metrics: 85 }

const target = process.env.OMEGA_COVERAGE_TARGET ?? join(root, 'target', 'coverage')
const profiles = join(target, 'profiles')
rmSync(profiles, { recursive: true, force: true })
mkdirSync(profiles, { recursive: true })

function out(command, args, env = {}) {
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 1 << 30, env: { ...process.env, ...env } }
  const done = spawnSync(command, args, options)
  if (done.status !== 0) {
    process.stderr.write(`${command} ${args.slice(0, 4).join(' ')} failed:\n${done.stdout}${done.stderr}`)
    process.exit(1)
  }
  return done.stdout
}

const host = hostTarget()
const tools = join(out('rustc', ['+nightly', '--print', 'sysroot']).trim(), 'lib', 'rustlib', host, 'bin')
if (!existsSync(join(tools, 'llvm-cov'))) {
  process.stderr.write('llvm-cov is missing: rustup component add --toolchain nightly llvm-tools\n')
  process.exit(1)
}

const env = {
  CARGO_TARGET_DIR: target,
  CARGO_PROFILE_DEV_OPT_LEVEL: '1',
  CARGO_PROFILE_DEV_DEBUG: '0',
  RUSTFLAGS: '-C instrument-coverage',
  LLVM_PROFILE_FILE: join(profiles, '%p-%m.profraw'),
  // Numbers of cases decide how long it takes, hardly what is reached.
  OMEGA_ORACLE_CASES: process.env.OMEGA_ORACLE_CASES ?? '1000',
  PROPTEST_CASES: process.env.PROPTEST_CASES ?? '64',
}
const scope = ['+nightly', 'test', '--workspace', '--exclude', 'omega-node', '--tests', '--target', host]
const built = out('cargo', [...scope, '--no-run', '--message-format', 'json'], env)
out('cargo', [...scope, '--no-fail-fast', '--quiet'], env)

const binaries = built
  .split('\n')
  .filter((line) => line.startsWith('{'))
  .map((line) => JSON.parse(line))
  .filter(({ reason, executable }) => reason === 'compiler-artifact' && executable)
  .map(({ executable }) => executable)
const merged = join(target, 'merged.profdata')
const raw = readdirSync(profiles).map((name) => join(profiles, name))
out(join(tools, 'llvm-profdata'), ['merge', '-sparse', ...raw, '-o', merged])
const objects = binaries.flatMap((path) => ['-object', path])
const report = JSON.parse(
  out(join(tools, 'llvm-cov'), ['export', '-summary-only', `-instr-profile=${merged}`, ...objects]),
)

const crates = new Map()
for (const { filename, summary } of report.data[0].files) {
  const [, crate] = /\/crates\/([a-z_]+)\/src\//.exec(filename) ?? []
  if (crate === undefined) continue
  const sum = crates.get(crate) ?? { count: 0, covered: 0, files: [] }
  sum.count += summary.lines.count
  sum.covered += summary.lines.covered
  sum.files.push([filename.split('/src/')[1], summary.lines.percent, summary.lines.count - summary.lines.covered])
  crates.set(crate, sum)
}
for (const [crate, { count, covered, files }] of [...crates].sort()) {
  const percent = (100 * covered) / count
  const goal = GOALS[crate]
  const verdict = goal === undefined ? '' : ` (goal ${goal}${percent < goal ? ', MISSED' : ''})`
  process.stdout.write(`${crate.padEnd(12)} ${percent.toFixed(1)} % of ${count} lines${verdict}\n`)
  const weakest = files.sort((a, b) => b[2] - a[2]).slice(0, 3)
  for (const [file, share, missing] of weakest) {
    if (missing > 0) process.stdout.write(`    ${file}: ${share.toFixed(1)} %, ${missing} lines not reached\n`)
  }
}
