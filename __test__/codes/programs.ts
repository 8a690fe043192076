import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type BacktestResult,
  indicators,
  OmegaError,
  type RunOptions,
  readArtifact,
  runBacktest,
  signals,
} from '@omega/native'
import { BARS } from '../refusal.ts'
import {
  cleanEnv,
  EXAMPLE,
  entriesOf,
  MONDAY_NS,
  NO_COSTS,
  REPOSITORY,
  SPECS,
  smallDataset,
  tempFolder,
} from '../support.ts'
import type { Cases } from './case.ts'

/** A run of three bars with one signal. */
function run(options: RunOptions = {}): Promise<BacktestResult> {
  const strategy = signals({ direction: Int8Array.of(1, 0, 0), stopLoss: Float64Array.of(1.05, 0, 0) })
  const given = { data: smallDataset(BARS), strategy, costs: NO_COSTS, symbolSpecs: SPECS }
  return runBacktest(EXAMPLE, { ...given, ...options })
}

const withSignals = (columns: Parameters<typeof signals>[0]) => run({ strategy: signals(columns) })

/** Runs once, spoils what was written, runs again. */
async function spoilt(spoil: (outputDir: string, runId: string) => void, options: RunOptions = {}): Promise<unknown> {
  const outputDir = tempFolder()
  const { runId } = await run({ outputDir })
  spoil(outputDir, runId)
  return run({ outputDir, ...options })
}

function inTheWay(name: string): string {
  const outputDir = tempFolder()
  writeFileSync(join(outputDir, name), 'a file in the way')
  return outputDir
}

/** Throws what a process gets that uses a copy of the package without its addon. */
function withoutAddon(): never {
  const copy = tempFolder()
  cpSync(join(REPOSITORY, 'dist'), join(copy, 'dist'), {
    recursive: true,
    filter: (path) => !path.endsWith('.node') && !path.endsWith('types'),
  })
  cpSync(join(REPOSITORY, 'package.json'), join(copy, 'package.json'))
  mkdirSync(join(copy, 'node_modules'))
  for (const name of readdirSync(join(REPOSITORY, 'node_modules')).filter((one) => !one.startsWith('.'))) {
    if (name !== '@omega')
      symlinkSync(join(REPOSITORY, 'node_modules', name), join(copy, 'node_modules', name), 'junction')
  }
  const script = `
    import { indicators } from './dist/index.js'
    try { indicators.sma([1, 2, 3], { period: 2 }) } catch (error) { console.log(JSON.stringify(error)) }`
  writeFileSync(join(copy, 'use.mjs'), script)
  const { stdout, stderr } = spawnSync(process.execPath, ['use.mjs'], { cwd: copy, env: cleanEnv(), encoding: 'utf8' })
  if (stdout === '') throw new Error(`the addon was loaded, or nothing was: ${stderr}`)
  throw OmegaError.fromFailure(JSON.parse(stdout))
}

/** Errors of arguments, signals, indicators, output, and of the package itself. */
export const PROGRAM_ERRORS: Cases = {
  ARG_INVALID: {
    error: () => run(Object({ threads: 0 })),
    says: ["option 'threads' must be a whole number from 1 to 1024, got 0"],
    hint: false,
  },
  STRAT_INVALID_SIGNAL: {
    because: 'a malformed signal is a counted rejection (decisions.md 35); the code stays reserved',
    tested: false,
  },
  STRAT_DUPLICATE_REGISTRATION: {
    because: 'the registry of the addon is fixed; only a crate of its own can register twice',
    tested: 'crates/strategy/src/registry.rs',
  },
  STRAT_API_VERSION: {
    because: 'the registry of the addon is fixed; only a crate of its own can have another version',
    tested: 'crates/strategy/src/registry.rs',
  },
  SIGNALS_LENGTH: {
    error: () => withSignals({ direction: new Int8Array(2) }),
    says: /direction.*2.*3/,
    hint: 'the whole aligned primary series',
  },
  SIGNALS_TIME: {
    error: () => {
      const time = BigInt64Array.from([0, 1, 3], (bar) => MONDAY_NS + BigInt(bar) * 300_000_000_000n)
      return withSignals({ direction: new Int8Array(3), time })
    },
    // Bar 2 opens at 00:10, not at 00:15.
    says: ['row 2', '1704672900000000000', '1704672600000000000'],
    hint: 'the series of the dataset',
  },
  SIGNALS_VALUE: {
    error: () => signals({ direction: Int8Array.of(0, 2, 0) }),
    says: ["'direction' has 2 at row 1"],
    hint: 'NaN or 0',
  },
  IND_UNKNOWN: {
    because: 'there is a function for every indicator, and none for others',
    tested: 'crates/indicators/tests/requests.rs',
  },
  IND_PARAM: {
    error: () => indicators.sma([1, 2, 3], { period: 0 }),
    says: ['sma', 'period', '0'],
    hint: 'period',
  },
  IND_INPUT: {
    error: () => indicators.atr({ high: [2, 2], low: [1, 1], close: [1] }, { period: 2 }),
    says: 'inputs of atr: 1 values where 2 are needed',
    hint: 'all over the same bars',
  },
  ABORTED: { error: () => run({ signal: AbortSignal.abort() }), says: 'cancelled', hint: false },
  INTERNAL: { because: 'only an addon made to panic raises it', tested: '__test__/panic.test.ts' },
  NATIVE_UNAVAILABLE: {
    error: withoutAddon,
    says: [`${process.platform}-${process.arch}`, '"reason":'],
    hint: ['npm run build', 'omega doctor'],
  },
  OUT_CONTRACT: {
    because: 'a result cannot be edited, and the engine stops before it has a number that is not finite',
    tested: 'crates/artifacts/src/equity.rs',
  },
  OUT_EXISTS: {
    error: () => spoilt(() => undefined, { ifExists: 'error' }),
    says: /backtests.[0-9a-f]{16} exists/,
    hint: 'suffix',
  },
  OUT_NOT_REPRODUCIBLE: {
    error: () =>
      spoilt((outputDir, runId) => {
        const file = join(outputDir, 'backtests', runId, 'trades.json')
        writeFileSync(file, readFileSync(file, 'utf8').replace('"direction": "long"', '"direction": "short"'))
      }),
    says: ['trades.json differs: [0].direction: long instead of short'],
    hint: 'replace',
  },
  OUT_WRITE: {
    error: () => run({ outputDir: inTheWay('backtests') }),
    says: /cannot write .*backtests/,
    hint: 'writable',
  },
  OUT_READ: {
    error: () => readArtifact(join(tempFolder(), 'none.json')),
    says: /cannot read .*none\.json/,
    hint: 'run folder',
  },
  MAN_CONFLICT: {
    error: () =>
      spoilt((outputDir, runId) => {
        rmSync(join(outputDir, 'backtests', runId), { recursive: true })
        const folder = join(outputDir, 'manifests')
        writeFileSync(join(folder, entriesOf(folder)[0] ?? ''), '{"manifest_version": 1, "inputs": []}')
      }),
    says: /manifest [0-9a-f]{64}: .*manifests.* has other content/,
    hint: 'remove it',
  },
  MAN_WRITE: {
    error: () => run({ outputDir: inTheWay('manifests') }),
    says: /manifest [0-9a-f]{16}….*manifests/,
    hint: 'manifestDir',
  },
}

/** Warnings of the output. */
export const OUTPUT_WARNINGS: Cases = {
  OUT_W_LOG: {
    warning: async () => {
      const logDir = join(inTheWay('logs'), 'logs')
      return (await run({ outputDir: tempFolder(), logDir })).warnings
    },
    says: 'logs',
  },
}
