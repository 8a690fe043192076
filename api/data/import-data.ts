import { resolve } from 'node:path'
import {
  checkArguments,
  expect,
  isBoolean,
  isCalendar,
  isFileOrObject,
  isFiles,
  isFolder,
  isNumber,
  isPositive,
  isText,
  isTimeframe,
  JOB_CHECKS,
  oneOf,
} from '../arguments.ts'
import type { Timeframe } from '../dataset.ts'
import { OmegaError } from '../errors.ts'
import type { FileOrObject } from '../inputs.ts'
import { type JobOptions, runJob } from '../job.ts'
import { jsonOf } from '../native.ts'
import { resolvePath } from '../paths.ts'
import { inApiNames } from './option-names.ts'
import { knownPipSize } from './pip-size.ts'

/** What {@link importData} reads and how. */
export interface ImportDataInput {
  symbol: string
  timeframe: Timeframe
  /** Files of the bid side: CSV, `.gz` too, or Parquet. Several are merged. */
  bid?: string | readonly string[]
  /** Files of the ask side. */
  ask?: string | readonly string[]
  /** Files of data without a spread; writes `{SYMBOL}_{TF}.parquet` for runs with `data.quotes = single`. */
  single?: string | readonly string[]
  /** Files of ticks with bid and ask; they become bars of `timeframe`. Read as a stream, so they may be large. */
  ticks?: string | readonly string[]
  /** Makes the ask side: bid plus this many pips. It stays visible in every run. */
  askFromSpread?: number
  /** Makes the ask side: bid plus this spread column of the bid file (× `point` if given, else in the price unit of the file). */
  askFromColumn?: string
  /**
   * Bars: `native`, `generic`, `dukascopy-web`, `dukascopy-local`, `dukascopy-jforex`, `dukascopy-etc-utc`, `dukascopy-node`,
   * `histdata-ascii-m1`, `histdata-mt`, `mt5-bars`. Ticks: `dukascopy-ticks`, `histdata-ascii-ticks`, `mt5-ticks`,
   * `generic-ticks`. Default: told by the header.
   */
  format?: string
  /** Name of the time column (`generic`, `generic-ticks`). */
  timeColumn?: string
  /** `iso` (default), `s`, `ms`, `us`, `ns` (`generic`, `generic-ticks`). */
  timeUnit?: string
  /** Name of the bid column (`generic-ticks`). Default `bid`. */
  bidColumn?: string
  /** Name of the ask column (`generic-ticks`). Default `ask`. */
  askColumn?: string
  /** The day of ticks that only show the time since midnight (`generic-ticks`): `YYYY-MM-DD`. */
  date?: string
  /** IANA name, `UTC`, `+HH:MM`, or `ny+7` (New York wall clock plus 7 h, the usual broker server). */
  timezone?: string
  /** Prices are divided by it: 100000 turns 158611 into 1.58611. */
  priceDivisor?: number
  /** Size of a point, for spread columns in points. */
  point?: number
  /** Size of a pip; default: from the symbol specifications. */
  pipSize?: number
  symbolSpecs?: FileOrObject
  /** Crossed quotes: `fail` (default), `drop` both sides of the bar, or `clamp` the ask to the bid. */
  onCrossed?: 'fail' | 'drop' | 'clamp'
  /** Share of bars that `drop` may drop. Default 0.01. */
  maxDrop?: number
  calendar?: 'fx' | 'always' | 'none'
  /** Whether the stamps tell the open (default) or the close of a bar. */
  label?: 'open' | 'close'
  /** Bars without volume and movement. Default: `weekend` for bars of Dukascopy, else `none`. */
  dropFlat?: 'weekend' | 'none' | 'all'
  /** Keeps the bars that Omega V1 kept. */
  v1MarketHours?: boolean
  /** Replaces existing files. */
  overwrite?: boolean
  /** Data root. Default: `OMEGA_DATA_PARQUET_ROOT`, then `data/parquet`. */
  root?: string
  cwd?: string
}

const CHECKS = {
  known: {
    symbol: isText,
    timeframe: isTimeframe,
    bid: isFiles,
    ask: isFiles,
    single: isFiles,
    ticks: isFiles,
    askFromSpread: isNumber,
    askFromColumn: isText,
    format: isText,
    timeColumn: isText,
    timeUnit: oneOf('iso', 's', 'ms', 'us', 'ns'),
    bidColumn: isText,
    askColumn: isText,
    date: isText,
    timezone: isText,
    priceDivisor: isPositive,
    point: isPositive,
    pipSize: isPositive,
    symbolSpecs: isFileOrObject,
    onCrossed: oneOf('fail', 'drop', 'clamp'),
    maxDrop: (value: unknown) => expect(typeof value === 'number' && value >= 0 && value <= 1, 'a number from 0 to 1'),
    calendar: isCalendar,
    label: oneOf('open', 'close'),
    dropFlat: oneOf('weekend', 'none', 'all'),
    v1MarketHours: isBoolean,
    overwrite: isBoolean,
    root: isFolder,
    cwd: isFolder,
  },
  required: ['symbol', 'timeframe'],
}

/** What an import did. Instants are ISO text. */
export interface ImportReport {
  [key: string]: unknown
}

/**
 * Imports candles or ticks (CSV, Parquet) into the Parquet layout: checked, aligned, written whole or not at all. The same
 * bytes and options give the same files.
 *
 * @throws {OmegaError} `IMPORT_*`, `DATA_*`, `ARG_INVALID`, `ABORTED`.
 */
export async function importData(input: ImportDataInput, options: JobOptions = {}): Promise<ImportReport> {
  checkArguments('importData option', input, CHECKS)
  checkArguments('option', options, { known: JOB_CHECKS })
  const cwd = input.cwd ?? process.cwd()
  const files = (list: string | readonly string[] | undefined) => [list ?? []].flat().map((file) => resolve(cwd, file))
  const symbol = input.symbol.trim().toUpperCase()
  const request = {
    data_root: resolvePath('dataRoot', input.root, cwd).path,
    symbol,
    timeframe: input.timeframe,
    bid: files(input.bid),
    ask: files(input.ask),
    single: files(input.single),
    ticks: files(input.ticks),
    ask_from_spread: input.askFromSpread,
    ask_from_column: input.askFromColumn,
    format: input.format,
    time_column: input.timeColumn,
    time_unit: input.timeUnit === 'iso' ? undefined : input.timeUnit,
    bid_column: input.bidColumn,
    ask_column: input.askColumn,
    date: input.date,
    timezone: input.timezone,
    price_divisor: input.priceDivisor,
    point: input.point,
    pip_size: input.pipSize ?? (input.askFromSpread === undefined ? undefined : await pipSizeOf(symbol, input)),
    on_crossed: input.onCrossed,
    max_drop: input.maxDrop,
    calendar: input.calendar,
    label: input.label,
    drop_flat: input.dropFlat,
    v1_market_hours: input.v1MarketHours,
    overwrite: input.overwrite,
  }
  try {
    return jsonOf(await runJob(options, (binding, job) => binding.startImport(job, JSON.stringify(request))))
  } catch (error) {
    throw inApiNames(error)
  }
}

async function pipSizeOf(symbol: string, input: ImportDataInput): Promise<number> {
  const pip = await knownPipSize(symbol, input.symbolSpecs, input.cwd)
  if (pip !== undefined) return pip
  throw new OmegaError('symbol_spec_missing', `the pip size of ${symbol} is not known`, {
    category: 'execution',
    details: { symbol },
    hint: `give --pip-size (pipSize), or add ${symbol} to the symbol specifications`,
  })
}
