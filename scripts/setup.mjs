// Everything that a fresh clone needs before it can run: npm packages, the addon, the compiled TypeScript.
// Plain Node, no dependency. A step runs only if what it reads has changed since it last succeeded.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const stamps = join(root, 'dist', '.stamps.json')

/** Runs a command in the project, its output on our stderr, and ends the process with its code if it fails. */
export function sh(command, args, options = {}) {
  const done = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', process.env.OMEGA_STDOUT === 'keep' ? 'inherit' : 2, 2],
    shell: process.platform === 'win32',
    ...options,
  })
  if (done.error) {
    process.stderr.write(`cannot run ${command}: ${done.error.message}\n`)
    process.exit(1)
  }
  if (done.status !== 0) process.exit(done.status ?? 1)
}

/** The target triple of this machine. */
export function hostTarget() {
  const { stdout } = spawnSync('rustc', ['-vV'], { cwd: root, encoding: 'utf8' })
  return /^host: (.*)$/m.exec(stdout ?? '')?.[1] ?? ''
}

/** A digest of files and folders, by content and name. */
function digest(entries) {
  const hash = createHash('sha256')
  const visit = (path) => {
    const full = join(root, path)
    if (!existsSync(full)) return
    const children = tryList(full)
    if (children) {
      for (const child of children.sort()) if (child !== 'node_modules' && child !== 'target') visit(`${path}/${child}`)
    } else {
      hash.update(path).update('\0').update(readFileSync(full)).update('\0')
    }
  }
  entries.forEach(visit)
  return hash.digest('hex')
}

function tryList(path) {
  try {
    return readdirSync(path)
  } catch {
    return undefined
  }
}

function read() {
  try {
    return JSON.parse(readFileSync(stamps, 'utf8'))
  } catch {
    return {}
  }
}

/** Runs `work` unless `inputs` and `variant` are as they were when it last succeeded and all `outputs` exist. */
function step(name, inputs, outputs, variant, work) {
  const now = digest(inputs) + variant
  if (read()[name] === now && outputs.every((output) => existsSync(join(root, output)))) return
  process.stderr.write(`\n» ${name}\n`)
  const start = Date.now()
  work()
  mkdirSync(dirname(stamps), { recursive: true })
  writeFileSync(stamps, JSON.stringify({ ...read(), [name]: now }, null, 2))
  process.stderr.write(`» ${name}: ${((Date.now() - start) / 1000).toFixed(1)} s\n`)
}

/** Makes the project runnable. */
export function setup() {
  const npm = process.env.npm_execpath
  const runNpm = (...args) => (npm ? sh(process.execPath, [npm, ...args]) : sh('npm', args))
  step('install npm packages', ['package-lock.json'], ['node_modules/typescript/package.json'], '', () => runNpm('ci'))
  step(
    'build the native addon',
    ['crates', 'Cargo.toml', 'Cargo.lock', 'rust-toolchain.toml', 'scripts/build-native.mjs'],
    ['dist/binding.cjs'],
    process.env.OMEGA_PROFILE ?? 'release',
    () => sh(process.execPath, ['scripts/build-native.mjs']),
  )
  step('compile TypeScript', ['index.ts', 'api', 'tsconfig.json', 'tsconfig.build.json'], ['dist/index.js'], '', () => {
    rmSync(join(root, 'dist', 'api'), { recursive: true, force: true })
    sh(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'])
  })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setup()
