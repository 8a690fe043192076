import type { Profiling } from './artifacts/profiling.ts'
import { OmegaError } from './errors.ts'
import { type ExtendedMetrics, extendedOf } from './extended.ts'
import { deepFreeze } from './freeze.ts'
import type { Head, MetaJson } from './head.ts'
import { native, type RunHandle } from './native.ts'
import { makeTable, orNull, type Table } from './table.ts'
import type { Warning } from './warning.ts'

/** Columns of the trades table; the keys are those of `trades.json`. */
export interface TradeColumns {
  position_id: Float64Array
  order_id: Float64Array
  /** Open time of the bar in which the position was opened, ns UTC. */
  entry_time_ns: BigInt64Array
  exit_time_ns: BigInt64Array
  /** +1 long, −1 short. */
  direction: Int8Array
  order_type: Uint8Array
  /** Fill prices, slippage included. */
  entry_price: Float64Array
  exit_price: Float64Array
  stop_loss: Float64Array
  take_profit: Float64Array
  initial_stop_loss: Float64Array
  /** Lots. */
  size: Float64Array
  /** Account currency, before explicit fees. */
  result: Float64Array
  /** Intended risk in account currency. */
  risk: Float64Array
  entry_fee: Float64Array
  exit_fee: Float64Array
  r_multiple: Float64Array
  reason: Uint8Array
  scenario_id: Float64Array
  bars_held: Float64Array
  /** Worst unrealised profit, account currency, never positive. */
  mae: Float64Array
  /** Best unrealised profit, account currency, never negative. */
  mfe: Float64Array
}

/** One closed trade. */
export interface TradeRow {
  position_id: number
  order_id: number
  entry_time: Date
  entry_time_ns: bigint
  exit_time: Date
  exit_time_ns: bigint
  direction: 'long' | 'short'
  symbol: string
  order_type: string
  entry_price: number
  exit_price: number
  stop_loss: number | null
  take_profit: number | null
  initial_stop_loss: number | null
  size: number
  result: number
  risk: number | null
  entry_fee: number
  exit_fee: number
  r_multiple: number | null
  reason: string
  scenario_id: number
  bars_held: number
  mae: number
  mfe: number
}

/** Closed trades in close order. */
export interface TradesTable extends Table<TradeColumns, TradeRow> {
  /** The `meta` object of a trade, parsed on demand. */
  meta(index: number): Record<string, unknown>
}

/** Columns of the equity curve, unrounded, one row per trading bar. */
export interface EquityColumns {
  /** Open time of the bar, ns UTC. */
  timestamp_ns: BigInt64Array
  equity: Float64Array
  balance: Float64Array
  /** Fraction of the high water mark, 0..1. */
  drawdown: Float64Array
  high_water: Float64Array
}

/** One bar of the equity curve. */
export interface EquityRow {
  timestamp: Date
  timestamp_ns: bigint
  equity: number
  balance: number
  drawdown: number
  high_water: number
}

/** Columns of the refused signals. */
export interface RejectionColumns {
  order_id: Float64Array
  /** Row of the equity table. */
  bar_index: Float64Array
  timestamp_ns: BigInt64Array
  reason: Uint8Array
  /** The figure that explains the refusal (price, distance, lots), or NaN. */
  figure: Float64Array
}

/** One refused signal. */
export interface RejectionRow {
  order_id: number | null
  bar_index: number
  timestamp: Date
  timestamp_ns: bigint
  reason: string
  detail: string
}

/** What was written, and where. */
export interface WrittenArtifacts {
  /** The run folder. */
  dir: string
  /** `false` if an identical run was already there. */
  written: boolean
  /** Names inside the folder. */
  files: readonly string[]
}

/** Milliseconds per stage; never part of artifacts. */
export interface Timings {
  load: number
  prepare: number
  simulate: number
  report: number
  write: number
}

/** What a metric means. */
export interface MetricDefinition {
  description: string
  domain: string
  source: string
  type: string
  unit: string
}

/** A position that was still open after the last bar. */
export interface OpenPosition {
  position_id: number
  order_id: number
  direction: 'long' | 'short'
  entry_time_ns: bigint
  entry_price: number
  size: number
  stop_loss: number | null
  take_profit: number | null
  unrealised: number
}

const handles = new WeakMap<BacktestResult, RunHandle>()

/** The result of one backtest. */
export class BacktestResult {
  readonly runId: string
  readonly configHash: string
  readonly manifestSha256: string
  /** The content of `meta.json`; every `*_ns` is a bigint. */
  readonly meta: MetaJson
  /** Core metrics, rounded as in the file; one that cannot be computed is `null`. */
  readonly metrics: Readonly<Record<MetricKey, number | null>>
  readonly definitions: Readonly<Record<string, MetricDefinition>>
  /** Metrics and tables beyond the core, computed on first use. */
  declare readonly extended: ExtendedMetrics
  readonly warnings: readonly Warning[]
  /** Refused signals by code. */
  readonly rejectionCounts: Readonly<Record<string, number>>
  /** Pending orders by terminal state and cause. */
  readonly orderCounts: Readonly<Record<string, number>>
  readonly openPositions: readonly OpenPosition[]
  readonly trades: TradesTable
  readonly equity: Table<EquityColumns, EquityRow>
  readonly rejections: Table<RejectionColumns, RejectionRow>
  /**
   * Columns that the strategy asked for, by name, one value per trading bar; NaN where undefined. Each is copied on first
   * use. `null` without the option `keepIndicators`.
   */
  readonly indicators: Readonly<Record<string, Float64Array>> | null
  /** What was written, or `null` without `outputDir`. */
  readonly output: WrittenArtifacts | null
  readonly timings: Readonly<Timings>
  /** What `profiling/profiling.json` says, or `null` without `observability.profiling_mode`. */
  readonly profiling: Profiling | null

  /** @internal */
  constructor(head: Head, handle: RunHandle, facts: ResultFacts) {
    this.runId = facts.runId
    this.configHash = facts.configHash
    this.manifestSha256 = head.manifest_sha256
    this.meta = facts.meta
    this.metrics = head.metrics
    this.definitions = head.definitions
    this.warnings = facts.warnings
    this.rejectionCounts = head.run.rejection_counts
    this.orderCounts = head.run.order_counts
    this.openPositions = head.run.open_position_list.map((p) => ({ ...p, entry_time_ns: BigInt(p.entry_time_ns) }))
    this.trades = tradesTable(handle, head)
    this.equity = equityTable(handle, head, facts.curve)
    this.rejections = rejectionsTable(handle, head)
    this.indicators = facts.keepsIndicators ? indicatorColumns(handle, head) : null
    this.output = facts.output
    const { load, prepare, simulate, report } = head.timings
    this.timings = { load, prepare, simulate, report, write: facts.writeMs }
    this.profiling = facts.profiling
    handles.set(this, handle)
    // writeArtifacts prints these again; whoever holds the result cannot change what it prints.
    for (const value of Object.values(this)) deepFreeze(value)
    deepFreeze(head.categories)
    let extended: ExtendedMetrics | undefined
    const get = () => {
      extended ??= extendedOf(encoded(handle, 'metrics_extended.json'))
      return extended
    }
    Object.defineProperty(this, 'extended', { enumerable: true, get })
    Object.freeze(this)
  }
}

/** Keys of the core metrics. */
export type MetricKey = import('./catalogue.ts').MetricKey

/** What a result knows beside the core's answer. */
export interface ResultFacts {
  runId: string
  configHash: string
  meta: MetaJson
  warnings: readonly Warning[]
  curve: boolean
  keepsIndicators: boolean
  output: WrittenArtifacts | null
  writeMs: number
  profiling: Profiling | null
}

/** The native side of a result. */
export function runHandle(result: BacktestResult): RunHandle {
  const handle = handles.get(result)
  if (!handle) {
    throw new OmegaError('ARG_INVALID', 'not a result of runBacktest (a copy or a message cannot be used)', {
      category: 'usage',
      hint: 'pass the very object that runBacktest returned',
    })
  }
  return handle
}

function tradesTable(handle: RunHandle, head: Head): TradesTable {
  const column = columnsOf(handle, 'trades')
  const { order_type: orderTypes = [], reason: reasons = [] } = head.categories
  const table = makeTable<TradeColumns, TradeRow>({
    length: head.tables.trades,
    categories: { order_type: orderTypes, reason: reasons },
    toArrow: () => encoded(handle, 'trades.arrow'),
    columns: {
      position_id: column.numbers('position_id'),
      order_id: column.numbers('order_id'),
      entry_time_ns: column.instants('entry_time_ns'),
      exit_time_ns: column.instants('exit_time_ns'),
      direction: column.directions('direction'),
      order_type: column.categories('order_type'),
      entry_price: column.numbers('entry_price'),
      exit_price: column.numbers('exit_price'),
      stop_loss: column.numbers('stop_loss'),
      take_profit: column.numbers('take_profit'),
      initial_stop_loss: column.numbers('initial_stop_loss'),
      size: column.numbers('size'),
      result: column.numbers('result'),
      risk: column.numbers('risk'),
      entry_fee: column.numbers('entry_fee'),
      exit_fee: column.numbers('exit_fee'),
      r_multiple: column.numbers('r_multiple'),
      reason: column.categories('reason'),
      scenario_id: column.numbers('scenario_id'),
      bars_held: column.numbers('bars_held'),
      mae: column.numbers('mae'),
      mfe: column.numbers('mfe'),
    },
    row: (c, i) => ({
      position_id: at(c.position_id, i),
      order_id: at(c.order_id, i),
      entry_time: dateAt(c.entry_time_ns, i),
      entry_time_ns: bigAt(c.entry_time_ns, i),
      exit_time: dateAt(c.exit_time_ns, i),
      exit_time_ns: bigAt(c.exit_time_ns, i),
      direction: c.direction[i] === 1 ? 'long' : 'short',
      symbol: head.dataset.symbol,
      order_type: orderTypes[c.order_type[i] ?? 0] ?? '',
      entry_price: at(c.entry_price, i),
      exit_price: at(c.exit_price, i),
      stop_loss: orNull(c.stop_loss[i]),
      take_profit: orNull(c.take_profit[i]),
      initial_stop_loss: orNull(c.initial_stop_loss[i]),
      size: at(c.size, i),
      result: at(c.result, i),
      risk: orNull(c.risk[i]),
      entry_fee: at(c.entry_fee, i),
      exit_fee: at(c.exit_fee, i),
      r_multiple: orNull(c.r_multiple[i]),
      reason: reasons[c.reason[i] ?? 0] ?? '',
      scenario_id: at(c.scenario_id, i),
      bars_held: at(c.bars_held, i),
      mae: at(c.mae, i),
      mfe: at(c.mfe, i),
    }),
  })
  const meta = (index: number): Record<string, unknown> => {
    table.row(index)
    return JSON.parse(native().tradeMeta(handle, index) ?? '{}')
  }
  return Object.freeze({ ...table, meta })
}

function equityTable(handle: RunHandle, head: Head, curve: boolean): Table<EquityColumns, EquityRow> {
  const column = columnsOf(handle, 'equity')
  return makeTable<EquityColumns, EquityRow>({
    length: curve ? head.tables.equity : 0,
    categories: {},
    toArrow: () => encoded(handle, 'equity.arrow'),
    columns: curve
      ? {
          timestamp_ns: column.instants('timestamp_ns'),
          equity: column.numbers('equity'),
          balance: column.numbers('balance'),
          drawdown: column.numbers('drawdown'),
          high_water: column.numbers('high_water'),
        }
      : {
          timestamp_ns: () => new BigInt64Array(),
          equity: () => new Float64Array(),
          balance: () => new Float64Array(),
          drawdown: () => new Float64Array(),
          high_water: () => new Float64Array(),
        },
    row: (c, i) => ({
      timestamp: dateAt(c.timestamp_ns, i),
      timestamp_ns: bigAt(c.timestamp_ns, i),
      equity: at(c.equity, i),
      balance: at(c.balance, i),
      drawdown: at(c.drawdown, i),
      high_water: at(c.high_water, i),
    }),
  })
}

function rejectionsTable(handle: RunHandle, head: Head): Table<RejectionColumns, RejectionRow> {
  const column = columnsOf(handle, 'rejections')
  const { rejection: reasons = [], rejection_text: texts = [] } = head.categories
  return makeTable<RejectionColumns, RejectionRow>({
    length: head.tables.rejections,
    categories: { reason: reasons },
    toArrow: () => encoded(handle, 'rejections.arrow'),
    columns: {
      order_id: column.numbers('order_id'),
      bar_index: column.numbers('bar_index'),
      timestamp_ns: column.instants('timestamp_ns'),
      reason: column.categories('reason'),
      figure: column.numbers('figure'),
    },
    row: (c, i) => {
      const code = c.reason[i] ?? 0
      const figure = orNull(c.figure[i])
      return {
        order_id: orNull(c.order_id[i]),
        bar_index: at(c.bar_index, i),
        timestamp: dateAt(c.timestamp_ns, i),
        timestamp_ns: bigAt(c.timestamp_ns, i),
        reason: reasons[code] ?? '',
        detail: figure === null ? (texts[code] ?? '') : `${texts[code]} (${figure})`,
      }
    },
  })
}

function indicatorColumns(handle: RunHandle, head: Head): Readonly<Record<string, Float64Array>> {
  const { numbers } = columnsOf(handle, 'indicators')
  const columns: Record<string, Float64Array> = {}
  for (const name of head.indicators) {
    let values: Float64Array | undefined
    const get = () => {
      values ??= numbers(name)()
      return values
    }
    Object.defineProperty(columns, name, { enumerable: true, get })
  }
  return Object.freeze(columns)
}

/** Fresh copies of the columns of a native table, by kind. */
function columnsOf(handle: RunHandle, table: string) {
  const fetch = (key: string) => native().tableColumn(handle, table, key)
  return {
    numbers: (key: string) => () => fetch(key).numbers ?? new Float64Array(),
    instants: (key: string) => () => fetch(key).instants ?? new BigInt64Array(),
    directions: (key: string) => () => fetch(key).directions ?? new Int8Array(),
    categories: (key: string) => () => fetch(key).categories ?? new Uint8Array(),
  }
}

/** A file or stream of a run as bytes. */
export function encoded(handle: RunHandle, what: string): Uint8Array {
  const { failure, bytes } = native().encode(handle, what)
  if (failure !== undefined) throw OmegaError.fromFailure(JSON.parse(failure))
  return bytes ?? new Uint8Array()
}

function at(column: Float64Array, index: number): number {
  return column[index] ?? Number.NaN
}

function bigAt(column: BigInt64Array, index: number): bigint {
  return column[index] ?? 0n
}

function dateAt(column: BigInt64Array, index: number): Date {
  return new Date(Number(bigAt(column, index) / 1_000_000n))
}
