import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BacktestConfigInput, createDataset, type Dataset, OmegaError } from '@omega/native'
import { afterAll } from 'vitest'

/** Root of the repository. */
export const REPOSITORY = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '')

/** The compiled command line. */
export const OMEGA = join(REPOSITORY, 'dist', 'api', 'cli', 'main.js')

/** Real candles beside the clone; suites that need them are skipped where they are missing. */
export const REAL = join(REPOSITORY, '..', 'shared', 'data', 'real')
export const HAS_REAL = existsSync(REAL)

/** A file of real data. */
export function real(name: string): string {
  return join(REAL, name)
}

const folders: string[] = []

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** A fresh folder that disappears after the tests of the file. */
export function tempFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'omega-test-')))
  folders.push(folder)
  return folder
}

/** The environment without settings of whoever runs the tests. */
export function cleanEnv(extra: Record<string, string> = {}): Record<string, string> {
  const own = Object.entries(process.env).filter((entry): entry is [string, string] => {
    const [name, value] = entry
    return value !== undefined && !/^(OMEGA_|VITEST|NODE_OPTIONS|FORCE_COLOR|NO_COLOR|CI$)/.test(name)
  })
  return { ...Object.fromEntries(own), ...extra }
}

/** What a finished command left. */
export interface Finished {
  status: number | null
  stdout: string
  stderr: string
}

/** Where and with which environment a command runs. */
export interface RunCommand {
  cwd?: string
  env?: Record<string, string>
}

/** Runs `omega` to its end. */
export function omega(args: readonly string[], { cwd = REPOSITORY, env }: RunCommand = {}): Finished {
  const { status, stdout, stderr } = spawnSync(process.execPath, [OMEGA, ...args], {
    cwd,
    env: cleanEnv(env),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  return { status, stdout, stderr }
}

/** Runs `omega --json` to its end; fails unless stdout is exactly one JSON document. */
export function omegaJson(args: readonly string[], command: RunCommand = {}): Finished & { document: unknown } {
  const done = omega(['--json', ...args], command)
  return { ...done, document: JSON.parse(done.stdout) }
}

/** Starts `omega` and stops it with a signal after `ms`; resolves when it is gone. */
export function stopped(
  args: readonly string[],
  signal: NodeJS.Signals,
  ms: number,
  cwd: string,
): Promise<{ status: number | null; signal: NodeJS.Signals | null; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [OMEGA, ...args], {
      cwd,
      env: cleanEnv(),
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const timer = setTimeout(() => child.kill(signal), ms)
    child.on('error', reject)
    child.on('close', (status, by) => {
      clearTimeout(timer)
      resolve({ status, signal: by, stderr })
    })
  })
}

/** The `OmegaError` that a call fails with; anything else fails the test. */
export async function failureOf(work: () => unknown): Promise<OmegaError> {
  try {
    await work()
  } catch (error) {
    if (error instanceof OmegaError) return error
    throw new Error(`not an OmegaError: ${String(error)}`, { cause: error })
  }
  throw new Error('the call succeeded')
}

/** The single issue codes of a `CONFIG_INVALID` or `CFG_UNSUPPORTED`, with their paths. */
export function issuesOf(error: OmegaError): string[] {
  const { issues } = error.details
  if (!Array.isArray(issues)) return []
  return issues.map((issue: { path: string; code: string }) => `${issue.path}: ${issue.code}`)
}

/** A value deep inside JSON; `undefined` where the way ends. */
export function dig(value: unknown, ...path: (string | number)[]): unknown {
  let here = value
  for (const step of path) {
    if (typeof here !== 'object' || here === null) return undefined
    here = Reflect.get(here, step)
  }
  return here
}

/** An element that must be there. */
export function at<T>(list: ArrayLike<T>, index: number): T {
  const value = list[index]
  if (value === undefined) throw new RangeError(`no element ${index} of ${list.length}`)
  return value
}

/** Files of a folder by name, or nothing if there is no folder. */
export function filesOf(folder: string): Map<string, string> {
  const names = existsSync(folder) ? readdirSync(folder).sort() : []
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
}

/** Names in a folder, hidden ones included; empty if it does not exist. */
export function entriesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : []
}

/** A bid bar: open, high, low, close. */
export type Ohlc = readonly [open: number, high: number, low: number, close: number]

const MINUTE_NS = 60_000_000_000n

/** 2024-01-08T00:00Z, a Monday. */
export const MONDAY_NS = 1_704_672_000_000_000_000n

/** M5 candles of EURUSD from {@link MONDAY_NS} on; ask = bid + 0.0001, as in the examples of the execution rules. */
export function smallDataset(bars: readonly Ohlc[], spread = 0.0001, minutes?: readonly number[]): Dataset {
  const column = (field: number, shift: number) =>
    Float64Array.from(bars, (bar) => Math.round((at(bar, field) + shift) * 1e5) / 1e5)
  const side = (shift: number) => ({
    open: column(0, shift),
    high: column(1, shift),
    low: column(2, shift),
    close: column(3, shift),
  })
  const time = BigInt64Array.from(bars, (_, i) => MONDAY_NS + BigInt(minutes?.[i] ?? 5 * i) * MINUTE_NS)
  return createDataset({ symbol: 'EURUSD', series: { M5: { time, bid: side(0), ask: side(spread) } } })
}

/** The configuration of the worked examples of the execution rules. */
export const EXAMPLE = {
  schema_version: '2',
  symbol: 'EURUSD',
  start_date: '2024-01-08',
  end_date: '2024-01-31',
  run_mode: 'dev',
  data_mode: 'candle',
  warmup_bars: 0,
  timeframes: { primary: 'M5' },
  account: { account_currency: 'USD' },
} as const satisfies BacktestConfigInput

/** No slippage, no fees, a buffer of half a pip. */
export const NO_COSTS = { defaults: { slippage: { model: 'none' }, pip_buffer_factor: 0.5 } } as const

/** 2.5 per lot and side, no slippage. */
export const PER_LOT = {
  defaults: { slippage: { model: 'none' }, schema: 'per_lot', side: 'both', per_lot: 2.5, pip_buffer_factor: 0.5 },
} as const

/** EURUSD as in the worked examples. */
export const SPECS = {
  EURUSD: {
    contract_size: 100_000,
    tick_size: 0.00001,
    pip_size: 0.0001,
    volume_min: 0.01,
    volume_step: 0.01,
    volume_max: 200,
  },
} as const
