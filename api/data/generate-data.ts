import {
  checkArguments,
  isBoolean,
  isFolder,
  isInteger,
  isText,
  isTimeframe,
  isTimeframes,
  JOB_CHECKS,
} from '../arguments.ts'
import type { Timeframe } from '../dataset.ts'
import { type JobOptions, runJob } from '../job.ts'
import { jsonOf } from '../native.ts'
import { resolvePath } from '../paths.ts'

/** What {@link generateData} makes. */
export interface GenerateDataInput {
  symbol: string
  timeframe: Timeframe
  /** Bars of the timeframe. */
  bars: number
  /** The same seed gives the same bytes. */
  seed: number
  /** First day, `YYYY-MM-DD`. Default: 2020-01-06. */
  start?: string
  /** Larger timeframes, aggregated from the same path. */
  additional?: readonly Timeframe[]
  overwrite?: boolean
  root?: string
  cwd?: string
}

const CHECKS = {
  known: {
    symbol: isText,
    timeframe: isTimeframe,
    bars: isInteger(1, 20_000_000),
    seed: isInteger(0, Number.MAX_SAFE_INTEGER),
    start: isText,
    additional: isTimeframes,
    overwrite: isBoolean,
    root: isFolder,
    cwd: isFolder,
  },
  required: ['symbol', 'timeframe', 'bars', 'seed'],
}

/** What was generated. */
export interface GenerateReport {
  [key: string]: unknown
}

/**
 * Makes reproducible synthetic bid and ask candles, marked as synthetic wherever they are used.
 *
 * @throws {OmegaError} `ARG_INVALID`, `IMPORT_EXISTS`, `IMPORT_WRITE`, `ABORTED`.
 */
export async function generateData(input: GenerateDataInput, options: JobOptions = {}): Promise<GenerateReport> {
  checkArguments('generateData option', input, CHECKS)
  checkArguments('option', options, { known: JOB_CHECKS })
  const request = {
    data_root: resolvePath('dataRoot', input.root, input.cwd).path,
    symbol: input.symbol.trim().toUpperCase(),
    timeframe: input.timeframe,
    bars: input.bars,
    seed: input.seed,
    start: input.start,
    additional: input.additional,
    overwrite: input.overwrite,
  }
  return jsonOf(await runJob(options, (binding, job) => binding.startGenerate(job, JSON.stringify(request))))
}
