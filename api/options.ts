import type { IfExists } from './artifacts/write.ts'
import { Dataset } from './dataset.ts'
import { OmegaError } from './errors.ts'
import type { FileOrObject } from './inputs.ts'
import type { JobOptions } from './job.ts'
import { SignalStrategy } from './strategy/signals.ts'
import { suggestion } from './suggest.ts'

/** Options of {@link runBacktest}. Nothing here but `data`, `costs`, `symbolSpecs`, `fxRates` and `strategy` can change a figure. */
export interface RunOptions extends JobOptions {
  /** Candles: a dataset, or the data root folder. Default: `OMEGA_DATA_PARQUET_ROOT`, then `data/parquet`. */
  data?: Dataset | string
  /** Execution costs: YAML file or object. Default: environment, `configs/execution_costs.yaml`, then the shipped file. */
  costs?: FileOrObject
  /** Symbol specifications: YAML file or object. Default: environment, `configs/symbol_specs.yaml`, then the shipped file. */
  symbolSpecs?: FileOrObject
  /** Constant conversion rates: YAML file or object. Default: environment, `configs/fx_rates.yaml`; none is shipped. */
  fxRates?: FileOrObject
  /** Signals of your own, instead of a strategy named in the configuration. */
  strategy?: SignalStrategy
  /** Output root (`backtests/<run id>` and `manifests` below it), or `false` (default): nothing is written. */
  outputDir?: string | false
  /** Folder of the dataset manifests; default: `OMEGA_MANIFEST_DIR`, then `manifests` below the output root. */
  manifestDir?: string
  /** What to do when the run folder exists. Default: `verify` in dev, `error` in prod. */
  ifExists?: IfExists
  /** `false`: no equity columns; metrics are the same. Default: `true`. */
  curve?: boolean
  /** How gaps are counted: `fx` (default for six-letter symbols), `always`, `none`. It never changes trades. */
  calendar?: 'fx' | 'always' | 'none'
  /** Share of missing bars that makes the run fail with `DATA_GAP_LOSS`. Default: `null`, never. */
  maxGapLoss?: number | null
  /** Hash every input file again. They always are, as long as there is no cache. */
  verifyInputs?: boolean
  /** `false`: no cache. There is none yet; a folder is refused. */
  cache?: false
  /** Unknown keys in the configuration are errors. */
  strict?: boolean
  /** Threads for loading and indicators; results are the same for any number. Default: one per core. */
  threads?: number
  /** Base of relative paths. Default: the working directory. */
  cwd?: string
  /** Name of the run folder instead of the derived one. */
  runId?: string
}

/** Options that api users may know from the documentation, but that need a feature that is not built yet. */
const NOT_BUILT = ['news', 'columns', 'extendedMetrics', 'keepIndicators', 'logLevel', 'logDir'] as const

const CHECKS: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  data: (v) => expect(v instanceof Dataset || isText(v), 'a Dataset or a folder'),
  costs: isFileOrObject,
  symbolSpecs: isFileOrObject,
  fxRates: isFileOrObject,
  strategy: (v) => expect(v instanceof SignalStrategy, 'a strategy made by signals()'),
  outputDir: (v) => expect(v === false || isText(v), 'a folder or false'),
  manifestDir: (v) => expect(isText(v), 'a folder'),
  ifExists: (v) => oneOf(v, ['verify', 'error', 'replace', 'suffix']),
  curve: isBoolean,
  calendar: (v) => oneOf(v, ['fx', 'always', 'none']),
  maxGapLoss: (v) => expect(v === null || (typeof v === 'number' && v >= 0 && v <= 1), 'null or a number from 0 to 1'),
  verifyInputs: isBoolean,
  cache: (v) => expect(v === false || isText(v), 'false or a folder'),
  strict: isBoolean,
  threads: (v) => expect(Number.isInteger(v) && Number(v) >= 1 && Number(v) <= 1_024, 'an integer from 1 to 1024'),
  cwd: (v) => expect(isText(v), 'a folder'),
  runId: (v) =>
    expect(
      typeof v === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(v),
      'a name of letters, digits, ".", "_", "-"',
    ),
  signal: (v) => expect(v instanceof AbortSignal, 'an AbortSignal'),
  onProgress: (v) => expect(typeof v === 'function', 'a function'),
}

/**
 * Checks the options of a run.
 *
 * @throws {OmegaError} `ARG_INVALID` that names the option. Returns the options that need a feature not built yet.
 */
export function checkRunOptions(options: RunOptions): readonly string[] {
  if (typeof options !== 'object' || options === null) throw invalid('options', 'an object')
  const notBuilt: string[] = []
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue
    if (NOT_BUILT.some((known) => known === name)) {
      if (value !== false) notBuilt.push(name)
      continue
    }
    const check = CHECKS[name]
    if (!check) {
      throw new OmegaError('ARG_INVALID', `unknown option '${name}'`, {
        category: 'usage',
        details: { option: name },
        hint: suggestion(name, Object.keys(CHECKS)),
      })
    }
    const expected = check(value)
    if (expected) throw invalid(`option '${name}'`, expected)
  }
  if (options.cache !== undefined && options.cache !== false) notBuilt.push('cache')
  if (options.curve === false && options.outputDir) {
    throw new OmegaError('ARG_INVALID', 'artifacts need the equity curve', {
      category: 'usage',
      hint: 'leave out curve: false, or outputDir',
    })
  }
  return notBuilt
}

function invalid(what: string, expected: string): OmegaError {
  return new OmegaError('ARG_INVALID', `${what} must be ${expected}`, {
    category: 'usage',
    details: { what, expected },
  })
}

function expect(holds: boolean, expected: string): string | undefined {
  return holds ? undefined : expected
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isBoolean(value: unknown): string | undefined {
  return expect(typeof value === 'boolean', 'true or false')
}

function isFileOrObject(value: unknown): string | undefined {
  return expect(
    isText(value) || (typeof value === 'object' && value !== null && !Array.isArray(value)),
    'a file or an object',
  )
}

function oneOf(value: unknown, choices: readonly string[]): string | undefined {
  return expect(
    choices.some((choice) => choice === value),
    `one of ${choices.join(', ')}`,
  )
}
