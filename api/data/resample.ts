import {
  checkArguments,
  expect,
  isBoolean,
  isFolder,
  isText,
  isTimeframe,
  isTimeframes,
  JOB_CHECKS,
  oneOf,
} from '../arguments.ts'
import type { Timeframe } from '../dataset.ts'
import { type JobOptions, runJob } from '../job.ts'
import { jsonOf } from '../native.ts'
import { resolvePath } from '../paths.ts'
import type { Warning } from '../warning.ts'

/** What H4, D1 and W1 bars are counted from: 17:00 New York (weeks from Sunday), or midnight UTC (weeks from Monday). */
export type Anchor = 'ny17' | 'utc'

/** What {@link resample} reads and makes. */
export interface ResampleInput {
  symbol: string
  /** Bars that are read. */
  from: Timeframe
  /** Bars that are made; each is longer than `from`. */
  to: Timeframe | readonly Timeframe[]
  /** Both sides or one. Default: by the files that are there. */
  quotes?: 'bid_ask' | 'single'
  /** Default: `ny17` for six-letter symbols, otherwise `utc`; the other one if H4 or D1 bars lie across its borders. */
  anchor?: Anchor
  /** Replaces existing files. */
  overwrite?: boolean
  /** Data root. Default: `OMEGA_DATA_PARQUET_ROOT`, then `data/parquet`. */
  root?: string
  cwd?: string
}

const CHECKS = {
  known: {
    symbol: isText,
    from: isTimeframe,
    to: (value: unknown) =>
      expect(
        isTimeframe(value) === undefined || isTimeframes(value) === undefined,
        'one or a list of M1, M5, M15, M30, H1, H4, D1, W1',
      ),
    quotes: oneOf('bid_ask', 'single'),
    anchor: oneOf('ny17', 'utc'),
    overwrite: isBoolean,
    root: isFolder,
    cwd: isFolder,
  },
  required: ['symbol', 'from', 'to'],
}

/** A candle file that was made. Instants are ISO text; nanoseconds are decimal text. */
export interface ResampledFile {
  side: 'bid' | 'ask' | 'single'
  timeframe: Timeframe
  path: string
  relative_path: string
  sha256: string
  bytes: number
  rows: number
  first_time: string | null
  first_time_ns: string | null
  last_time: string | null
  last_time_ns: string | null
}

/** What {@link resample} made. */
export interface ResampleReport {
  symbol: string
  quotes: 'bid_ask' | 'single'
  from: Timeframe
  /** Bars that were read, both sides aligned. */
  bars: number
  anchor: Anchor
  timeframes: {
    timeframe: Timeframe
    bars: number
    /** Bars of the source that were left out, because the bar around them began before the data. */
    left_out: number
    /** The data ends before the last bar does. */
    last_is_partial: boolean
  }[]
  /** By timeframe, bid before ask. */
  files: ResampledFile[]
  warnings: Warning[]
}

/**
 * Makes candle files of longer timeframes from those of a shorter one: open first, high max, low min, close last, volume
 * sum, bid and ask apart, over the bars that both sides have. Nothing is filled; all files are written or none.
 *
 * @throws {OmegaError} `ARG_INVALID`, `IMPORT_EXISTS`, `IMPORT_WRITE`, `ABORTED`; `DATA_*` for the bars that are read.
 */
export async function resample(input: ResampleInput, options: JobOptions = {}): Promise<ResampleReport> {
  checkArguments('resample option', input, CHECKS)
  checkArguments('option', options, { known: JOB_CHECKS })
  const request = {
    data_root: resolvePath('dataRoot', input.root, input.cwd).path,
    symbol: input.symbol.trim().toUpperCase(),
    from: input.from,
    to: [input.to].flat(),
    quotes: input.quotes,
    anchor: input.anchor,
    overwrite: input.overwrite,
  }
  return jsonOf(await runJob(options, (binding, job) => binding.startResample(job, JSON.stringify(request))))
}
