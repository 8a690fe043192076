import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  type BacktestConfigInput,
  type BacktestResult,
  type Dataset,
  loadDataset,
  type RunOptions,
  runBacktest,
  signals,
} from '@omega/native'
import { type ParquetColumn, writeParquet } from '../parquet.ts'
import { EXAMPLE, MONDAY_NS, NO_COSTS, SPECS, tempFolder } from '../support.ts'

export const HOUR_NS = 3_600_000_000_000n

/** Columns of a candle file by name. */
export type Columns = Record<string, ParquetColumn>

/** Hours after Monday, 8 January 2024. */
export function hours(...list: readonly number[]): bigint[] {
  return list.map((hour) => MONDAY_NS + BigInt(hour) * HOUR_NS)
}

/** Hourly candles of one price, as a file has them. */
export function candles(price: number, times: readonly bigint[] = hours(0, 1, 2)): Columns {
  const column = (name: string, value: number): ParquetColumn => ({
    name,
    type: 'double',
    values: times.map(() => value),
  })
  const time: ParquetColumn = { name: 'UTC time', type: 'timestamp', values: times }
  const names = ['Open', 'High', 'Low', 'Close']
  const prices = Object.fromEntries(names.map((name) => [name, column(name, price)]))
  return { 'UTC time': time, ...prices, Volume: column('Volume', 0) }
}

/** Candles with some values or types replaced. */
export function changed(
  columns: Columns,
  changes: Readonly<Record<string, Partial<ParquetColumn> | undefined>>,
): Columns {
  const entries = Object.entries(columns).flatMap(([name, column]) => {
    if (!(name in changes)) return [[name, column] as const]
    const change = changes[name]
    return change === undefined ? [] : [[name, { ...column, ...change }] as const]
  })
  return Object.fromEntries(entries)
}

/** A data root with both sides of EURUSD. */
export function rootOf(
  bid: Columns,
  ask: Columns = candles(1.2),
  { timeframe = 'H1', metadata = {} }: { timeframe?: string; metadata?: Record<string, string> } = {},
): string {
  const root = tempFolder()
  mkdirSync(join(root, 'EURUSD'))
  for (const [side, columns] of [
    ['BID', bid],
    ['ASK', ask],
  ] as const) {
    writeParquet(join(root, 'EURUSD', `EURUSD_${timeframe}_${side}.parquet`), Object.values(columns), metadata)
  }
  return root
}

/** Loads EURUSD H1 from a root. */
export function load(root: string): Promise<Dataset> {
  return loadDataset({ symbol: 'EURUSD', timeframes: ['H1'], root })
}

/** {@link load} of files that were written as {@link rootOf} does. */
export function loading(...files: Parameters<typeof rootOf>): () => Promise<Dataset> {
  return () => load(rootOf(...files))
}

/** A run of signals that never come, on `bars` bars of a dataset or root. */
export function trade(
  data: Dataset | string,
  bars: number,
  config: object = {},
  options: RunOptions = {},
): Promise<BacktestResult> {
  const untyped: BacktestConfigInput = Object({ ...EXAMPLE, timeframes: { primary: 'H1' }, ...config })
  const strategy = signals({ direction: new Int8Array(bars) })
  return runBacktest(untyped, { data, strategy, costs: NO_COSTS, symbolSpecs: SPECS, ...options })
}
