import {
  type Check,
  checkArguments,
  expect,
  isBoolean,
  isCalendar,
  isFile,
  isFileOrObject,
  isFolder,
  isText,
  isThreads,
  JOB_CHECKS,
  oneOf,
} from './arguments.ts'
import type { IfExists } from './artifacts/write.ts'
import { Dataset } from './dataset.ts'
import { OmegaError } from './errors.ts'
import type { FileOrObject } from './inputs.ts'
import type { JobOptions } from './job.ts'
import { LOG_LEVELS, type LogLevel } from './log/level.ts'
import { SignalStrategy } from './strategy/signals.ts'

/** Options of {@link runBacktest}. Nothing here but `data`, `costs`, `symbolSpecs`, `fxRates`, `news` and `strategy` can change a figure. */
export interface RunOptions extends JobOptions {
  /** Candles: a dataset, or the data root folder. Default: `OMEGA_DATA_PARQUET_ROOT`, then `data/parquet`. */
  data?: Dataset | string
  /** Execution costs: YAML file or object. Default: environment, `configs/execution_costs.yaml`, then the shipped file. */
  costs?: FileOrObject
  /** Symbol specifications: YAML file or object. Default: environment, `configs/symbol_specs.yaml`, then the shipped file. */
  symbolSpecs?: FileOrObject
  /** Constant conversion rates: YAML file or object. Default: environment, `configs/fx_rates.yaml`; none is shipped. */
  fxRates?: FileOrObject
  /**
   * The news calendar, a Parquet file made by `importNews`; read only if `news_filter.enabled`. Default:
   * `OMEGA_NEWS_CALENDAR_FILE`, then `data/news/news_calender_history.parquet`.
   */
  news?: string
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
  /** Writes `metrics_extended.json` as well; `result.extended` is there in any case. */
  extendedMetrics?: boolean
  /** Keeps the columns that the strategy asked for: `result.indicators`. */
  keepIndicators?: boolean
  /** How much is logged. Default: `OMEGA_LOG`, then `RUST_LOG`, then `info` in dev and `warn` in prod. */
  logLevel?: LogLevel
  /** Folder of the logs; default: `OMEGA_LOG_DIR`, then `logs` below the output root. */
  logDir?: string
  /** Prints the log on stderr when the run is over, also without an output folder. */
  console?: boolean
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
const NOT_BUILT = ['columns'] as const

const KNOWN: Readonly<Record<string, Check>> = {
  data: (v) => expect(v instanceof Dataset || isText(v) === undefined, 'a Dataset or a folder'),
  costs: isFileOrObject,
  symbolSpecs: isFileOrObject,
  fxRates: isFileOrObject,
  news: isFile,
  strategy: (v) => expect(v instanceof SignalStrategy, 'a strategy made by signals()'),
  outputDir: (v) => expect(v === false || isText(v) === undefined, 'a folder or false'),
  manifestDir: isFolder,
  ifExists: oneOf('verify', 'error', 'replace', 'suffix'),
  curve: isBoolean,
  calendar: isCalendar,
  maxGapLoss: (v) => expect(v === null || (typeof v === 'number' && v >= 0 && v <= 1), 'null or a number from 0 to 1'),
  verifyInputs: isBoolean,
  cache: (v) => expect(v === false || isText(v) === undefined, 'false or a folder'),
  extendedMetrics: isBoolean,
  keepIndicators: isBoolean,
  logLevel: oneOf(...LOG_LEVELS),
  logDir: isFolder,
  console: isBoolean,
  strict: isBoolean,
  threads: isThreads,
  cwd: isFolder,
  runId: (v) =>
    expect(
      typeof v === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(v),
      'a name of letters, digits, ".", "_", "-"',
    ),
  ...JOB_CHECKS,
  ...Object.fromEntries(NOT_BUILT.map((name) => [name, () => undefined])),
}

/**
 * Checks the options of a run.
 *
 * @throws {OmegaError} `ARG_INVALID` that names the option. Returns the options that need a feature not built yet.
 */
export function checkRunOptions(options: RunOptions): readonly string[] {
  checkArguments('option', options, { known: KNOWN })
  const { cache, curve, logDir, outputDir } = options
  if (curve === false && outputDir) {
    throw new OmegaError('ARG_INVALID', 'artifacts need the equity curve', {
      category: 'usage',
      hint: 'leave out curve: false, or outputDir',
    })
  }
  if (logDir !== undefined && !outputDir) {
    throw new OmegaError('ARG_INVALID', 'logs are written together with artifacts', {
      category: 'usage',
      hint: 'give outputDir as well, or use console: true',
    })
  }
  const given = (name: string) => ![undefined, false].includes(Reflect.get(options, name))
  return [...NOT_BUILT.filter(given), ...(cache === undefined || given('cache') === false ? [] : ['cache'])]
}
