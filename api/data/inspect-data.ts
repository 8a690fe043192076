import {
  checkArguments,
  isCalendar,
  isFileOrObject,
  isFolder,
  isPositive,
  isText,
  isTimeframe,
  JOB_CHECKS,
  oneOf,
} from '../arguments.ts'
import type { Timeframe } from '../dataset.ts'
import type { FileOrObject } from '../inputs.ts'
import { type JobOptions, runJob } from '../job.ts'
import { jsonOf } from '../native.ts'
import { resolvePath } from '../paths.ts'
import { knownPipSize } from './pip-size.ts'

/** Which candles {@link inspectData} looks at. */
export interface InspectDataInput {
  symbol: string
  timeframe: Timeframe
  quotes?: 'bid_ask' | 'single'
  calendar?: 'fx' | 'always' | 'none'
  /** Size of a pip for the spread statistics; default: from the symbol specifications, if they know the symbol. */
  pipSize?: number
  symbolSpecs?: FileOrObject
  root?: string
  cwd?: string
}

const CHECKS = {
  known: {
    symbol: isText,
    timeframe: isTimeframe,
    quotes: oneOf('bid_ask', 'single'),
    calendar: isCalendar,
    pipSize: isPositive,
    symbolSpecs: isFileOrObject,
    root: isFolder,
    cwd: isFolder,
  },
  required: ['symbol', 'timeframe'],
}

/** Rows, span, gaps, crossed bars, spread statistics, hashes and problems of candle files. */
export interface InspectReport {
  [key: string]: unknown
}

/**
 * Looks at candle files. Problems in the data are part of the report, not errors.
 *
 * @throws {OmegaError} `DATA_FILE_NOT_FOUND`, `ABORTED`.
 */
export async function inspectData(input: InspectDataInput, options: JobOptions = {}): Promise<InspectReport> {
  checkArguments('inspectData option', input, CHECKS)
  checkArguments('option', options, { known: JOB_CHECKS })
  const symbol = input.symbol.trim().toUpperCase()
  const request = {
    data_root: resolvePath('dataRoot', input.root, input.cwd).path,
    symbol,
    timeframe: input.timeframe,
    quotes: input.quotes,
    calendar: input.calendar,
    pip_size: input.pipSize ?? (await knownPipSize(symbol, input.symbolSpecs, input.cwd)),
  }
  return jsonOf(await runJob(options, (binding, job) => binding.startInspect(job, JSON.stringify(request))))
}
