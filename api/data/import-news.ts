import { resolve } from 'node:path'
import { checkArguments, expect, isBoolean, isFile, isFiles, isFolder, JOB_CHECKS } from '../arguments.ts'
import { type JobOptions, runJob } from '../job.ts'
import { jsonOf } from '../native.ts'
import { resolvePath } from '../paths.ts'
import type { Warning } from '../warning.ts'

/** What becomes of events whose impact is not LOW, MEDIUM or HIGH. */
export type MappedImpact = 'skip' | 'low' | 'medium' | 'high'

/** What {@link importNews} reads and how. */
export interface ImportNewsInput {
  /** CSV files, `.gz` too: columns `Start` or `UTC time` (UTC), `Name`, `Impact`, `Currency` and perhaps `Id`. Several are merged. */
  file: string | readonly string[]
  /** Other impacts than LOW, MEDIUM and HIGH: `{ NONE: 'skip' }` leaves such events out. Without an entry they are errors. */
  impactMap?: Readonly<Record<string, MappedImpact>>
  /** Dates with slashes are `dd/MM/yyyy`; default: `MM/dd/yyyy`. */
  dayFirst?: boolean
  /** The calendar. Default: `OMEGA_NEWS_CALENDAR_FILE`, then `data/news/news_calender_history.parquet`. */
  out?: string
  /** Replaces an existing calendar. */
  overwrite?: boolean
  cwd?: string
}

const CHECKS = {
  known: {
    file: isFiles,
    impactMap: (value: unknown) =>
      expect(
        typeof value === 'object' &&
          value !== null &&
          !Array.isArray(value) &&
          Object.values(value).every((to) => typeof to === 'string'),
        'an object of skip, low, medium or high by impact',
      ),
    dayFirst: isBoolean,
    out: isFile,
    overwrite: isBoolean,
    cwd: isFolder,
  },
  required: ['file'],
}

/** What {@link importNews} did. Instants are ISO text; nanoseconds are decimal text. */
export interface ImportNewsReport {
  sources: { path: string; sha256: string; bytes: number; rows: number }[]
  rows_in: number
  /** Rows left out by `impactMap`, by impact. */
  skipped: Record<string, number>
  /** Rows left out because an earlier one has the same `Id`. */
  repeated: number
  rows_out: number
  /** Events that had no `Id` and got one from what they are. */
  derived_ids: number
  impacts: Record<string, number>
  currencies: Record<string, number>
  path: string
  sha256: string
  bytes: number
  first_time: string | null
  first_time_ns: string | null
  last_time: string | null
  last_time_ns: string | null
  warnings: Warning[]
}

/**
 * Imports an economic calendar into the Parquet file that `news_filter` reads. The same bytes and options give the same file.
 *
 * @throws {OmegaError} `IMPORT_*`; `NEWS_MISSING_COLUMN`, `NEWS_IMPACT`, `NEWS_CURRENCY` (with the line), `NEWS_EMPTY`;
 * `ARG_INVALID`, `ABORTED`.
 */
export async function importNews(input: ImportNewsInput, options: JobOptions = {}): Promise<ImportNewsReport> {
  checkArguments('importNews option', input, CHECKS)
  checkArguments('option', options, { known: JOB_CHECKS })
  const cwd = input.cwd ?? process.cwd()
  const request = {
    files: [input.file].flat().map((file) => resolve(cwd, file)),
    out: resolvePath('newsCalendarFile', input.out, cwd).path,
    impact_map: input.impactMap ?? {},
    day_first: input.dayFirst ?? false,
    overwrite: input.overwrite ?? false,
  }
  return jsonOf(await runJob(options, (binding, job) => binding.startImportNews(job, JSON.stringify(request))))
}
