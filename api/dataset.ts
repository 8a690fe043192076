import {
  checkArguments,
  expect,
  isFolder,
  isText,
  isThreads,
  isTimeframe,
  isTimeframes,
  JOB_CHECKS,
  oneOf,
} from './arguments.ts'
import { OmegaError } from './errors.ts'
import { type JobOptions, runJob } from './job.ts'
import { type Answer, type DatasetHandle, native, unwrap } from './native.ts'
import { resolvePath } from './paths.ts'

/** A bar length. */
export type Timeframe = 'M1' | 'M5' | 'M15' | 'M30' | 'H1' | 'H4' | 'D1' | 'W1'

/** Candles of one side as columns; all arrays are equally long. */
export interface Ohlcv {
  open: Float64Array
  high: Float64Array
  low: Float64Array
  close: Float64Array
  /** Left out: 0 for every bar. */
  volume?: Float64Array
}

/** Aligned candles: index `i` is the same bar in every column. */
export interface Series {
  /** Open times, nanoseconds since the Unix epoch, UTC. */
  time: BigInt64Array
  bid: Required<Ohlcv>
  /** `undefined` if the dataset has one side only (`quotes: 'single'`). */
  ask: Required<Ohlcv> | undefined
}

/** What {@link loadDataset} loads. */
export interface LoadDatasetInput {
  symbol: string
  timeframes: readonly Timeframe[]
  /** Folder with `{SYMBOL}/{SYMBOL}_{TF}_{BID|ASK}.parquet`. Default: `OMEGA_DATA_PARQUET_ROOT`, then `data/parquet`. */
  root?: string
  /** `single`: one file per timeframe, `{SYMBOL}_{TF}.parquet`. */
  quotes?: 'bid_ask' | 'single'
}

/** Options of {@link loadDataset}. */
export interface LoadDatasetOptions extends JobOptions {
  /** Threads to use; default: one per core. */
  threads?: number
  /** Base of relative paths; default: the working directory. */
  cwd?: string
}

/** What {@link createDataset} takes: candles that a program already holds. */
export interface CreateDatasetInput {
  symbol: string
  series: Partial<Record<Timeframe, { time: BigInt64Array; bid: Ohlcv; ask?: Ohlcv }>>
}

const LOAD_CHECKS = {
  known: { symbol: isText, timeframes: isTimeframes, root: isFolder, quotes: oneOf('bid_ask', 'single') },
  required: ['symbol', 'timeframes'],
}

const CREATE_CHECKS = {
  known: {
    symbol: isText,
    series: (value: unknown) =>
      expect(
        typeof value === 'object' &&
          value !== null &&
          Object.values(value).every((one) => typeof one === 'object' && one !== null && typeof one.bid === 'object'),
        'an object of { time, bid, ask? } by timeframe',
      ),
  },
  required: ['symbol', 'series'],
}

const FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const
const handles = new WeakMap<Dataset, DatasetHandle>()

interface Description {
  token: string
  symbol: string
  quotes: 'bid_ask' | 'single'
  timeframes: Timeframe[]
  bars: number[]
}

/**
 * Candles of one symbol, loaded once and shared by every run that uses them.
 *
 * The engine's memory is never handed out: {@link series} gives copies.
 */
export class Dataset {
  /** Pass it to {@link attachDataset} in another worker thread of the same process. */
  readonly token: string
  readonly symbol: string
  /** Both sides, or one. */
  readonly quotes: 'bid_ask' | 'single'
  /** In loading order; the first is the primary one of a run that names none. */
  readonly timeframes: readonly Timeframe[]
  readonly #cache = new Map<string, Series>()

  /** @internal */
  constructor(answer: Answer) {
    if (!answer.dataset) throw new OmegaError('INTERNAL', 'the answer holds no dataset', { category: 'runtime' })
    const description: Description = JSON.parse(answer.json ?? '{}')
    this.token = description.token
    this.symbol = description.symbol
    this.quotes = description.quotes
    this.timeframes = Object.freeze([...description.timeframes])
    handles.set(this, answer.dataset)
  }

  /**
   * The aligned candles of a timeframe. Each column is copied on first use and kept; writing to it changes nothing but
   * your copy.
   *
   * @throws {OmegaError} `ARG_INVALID` for a timeframe that is not loaded or a dataset that is closed.
   */
  series(timeframe: Timeframe): Series {
    const known = this.#cache.get(timeframe)
    if (known) return known
    const index = this.timeframes.indexOf(timeframe)
    if (index < 0) {
      throw new OmegaError('ARG_INVALID', `the dataset has no timeframe '${timeframe}'`, {
        category: 'usage',
        details: { timeframe, timeframes: this.timeframes },
        hint: `it has ${this.timeframes.join(', ')}`,
      })
    }
    const series = new SeriesView(datasetHandle(this), index, this.quotes === 'bid_ask')
    this.#cache.set(timeframe, series)
    return series
  }

  /** Gives the memory back as soon as no run uses it. The dataset cannot be used afterwards. */
  close(): void {
    const handle = handles.get(this)
    if (!handle) return
    handles.delete(this)
    this.#cache.clear()
    native().closeDataset(handle)
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** The native handle of an open dataset. */
export function datasetHandle(dataset: Dataset): DatasetHandle {
  const handle = handles.get(dataset)
  if (!handle) return closed()
  return handle
}

/** A second handle of an open dataset: it stays usable after {@link Dataset.close} and must be closed as well. */
export function heldHandle(dataset: Dataset): DatasetHandle {
  datasetHandle(dataset)
  const { dataset: handle } = unwrap(native().attachDataset(dataset.token))
  if (!handle) throw new OmegaError('INTERNAL', 'the answer holds no dataset', { category: 'runtime' })
  return handle
}

function closed(): never {
  throw new OmegaError('ARG_INVALID', 'the dataset is closed', {
    category: 'usage',
    hint: 'read its series before close(), or load it again',
  })
}

/** Columns of one side, each copied when it is first read. */
class SideView implements Required<Ohlcv> {
  readonly #copy: (field: number) => Float64Array
  readonly #columns: Float64Array[] = []

  constructor(copy: (field: number) => Float64Array) {
    this.#copy = copy
  }

  get open(): Float64Array {
    return this.#column(0)
  }
  get high(): Float64Array {
    return this.#column(1)
  }
  get low(): Float64Array {
    return this.#column(2)
  }
  get close(): Float64Array {
    return this.#column(3)
  }
  get volume(): Float64Array {
    return this.#column(4)
  }

  #column(field: number): Float64Array {
    this.#columns[field] ??= this.#copy(field)
    return this.#columns[field]
  }
}

class SeriesView implements Series {
  readonly bid: Required<Ohlcv>
  readonly ask: Required<Ohlcv> | undefined
  readonly #handle: DatasetHandle
  readonly #index: number
  #time: BigInt64Array | undefined

  constructor(handle: DatasetHandle, index: number, hasAsk: boolean) {
    const side = (ask: boolean) =>
      new SideView((field) => native().datasetColumn(handle, index, ask, field) ?? closed())
    this.#handle = handle
    this.#index = index
    this.bid = side(false)
    this.ask = hasAsk ? side(true) : undefined
  }

  get time(): BigInt64Array {
    const time = this.#time ?? native().datasetTime(this.#handle, this.#index) ?? closed()
    this.#time = time
    return time
  }
}

/**
 * Loads candle files off the main thread: checked, aligned, hashed.
 *
 * @throws {OmegaError} `DATA_*` for whatever is wrong with the files, `ARG_INVALID` for the arguments, `ABORTED`.
 */
export async function loadDataset(input: LoadDatasetInput, options: LoadDatasetOptions = {}): Promise<Dataset> {
  checkArguments('loadDataset option', input, LOAD_CHECKS)
  checkArguments('option', options, { known: { threads: isThreads, cwd: isFolder, ...JOB_CHECKS } })
  const timeframes = [...new Set(input.timeframes)]
  const root = resolvePath('dataRoot', input.root, options.cwd).path
  const request = {
    root,
    symbol: input.symbol.trim().toUpperCase(),
    timeframes,
    quotes: input.quotes ?? 'bid_ask',
    threads: options.threads,
  }
  const answer = await runJob(options, (binding, job) => binding.startLoad(job, JSON.stringify(request)))
  return new Dataset(answer)
}

/**
 * Makes a dataset of candles that a program already holds. The arrays are copied and checked like files.
 *
 * @throws {OmegaError} `DATA_*` for whatever is wrong with the candles, `ARG_INVALID` for missing arrays.
 */
export function createDataset(input: CreateDatasetInput): Dataset {
  checkArguments('createDataset option', input, CREATE_CHECKS)
  const times: BigInt64Array[] = []
  const columns: Float64Array[] = []
  const series = Object.entries(input.series).map(([timeframe, { time, bid, ask }]) => {
    if (isTimeframe(timeframe))
      throw notAnArray(`series.${timeframe}`, 'a timeframe, one of M1, M5, M15, M30, H1, H4, D1, W1')
    if (!(time instanceof BigInt64Array)) throw notAnArray(`series.${timeframe}.time`, 'a BigInt64Array')
    times.push(time)
    columns.push(...sideColumns(`series.${timeframe}.bid`, bid))
    if (ask) columns.push(...sideColumns(`series.${timeframe}.ask`, ask))
    return {
      timeframe,
      bid_volume: bid.volume !== undefined,
      ask: Boolean(ask),
      ask_volume: ask?.volume !== undefined,
    }
  })
  if (series.length === 0) {
    throw new OmegaError('ARG_INVALID', 'createDataset needs at least one series', { category: 'usage' })
  }
  const request = { symbol: input.symbol.trim().toUpperCase(), series }
  return new Dataset(unwrap(native().createDataset(JSON.stringify(request), times, columns)))
}

function sideColumns(path: string, side: Ohlcv): Float64Array[] {
  const columns: Float64Array[] = []
  for (const field of FIELDS) {
    const column = side?.[field]
    if (column === undefined && field === 'volume') continue
    if (!(column instanceof Float64Array)) throw notAnArray(`${path}.${field}`, 'a Float64Array')
    columns.push(column)
  }
  return columns
}

function notAnArray(path: string, expected: string): OmegaError {
  return new OmegaError('ARG_INVALID', `${path} must be ${expected}`, { category: 'usage', details: { path } })
}

/**
 * The dataset that another thread of this process has loaded; no copy is made.
 *
 * @throws {OmegaError} `ARG_INVALID` if no thread holds it any more.
 */
export function attachDataset(token: string): Dataset {
  return new Dataset(unwrap(native().attachDataset(String(token))))
}
