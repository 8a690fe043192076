import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createDataset, generateData, importData } from '@omega/native'
import { tempFolder } from '../support.ts'
import type { Cases } from './case.ts'
import { candles, changed, hours, load, loading, rootOf, trade } from './market.ts'

const FILE = 'EURUSD/EURUSD_H1_BID.parquet'
const bid = candles(1.1)
const values = (...list: readonly (number | null)[]) => ({ values: list })

/** Bars of one price in memory; M5, and perhaps hours that begin `first` minutes after the first of them. */
function memory(first?: number) {
  const side = (n: number, price: number) => {
    const column = new Float64Array(n).fill(price)
    return { open: column, high: column, low: column, close: column }
  }
  const times = (n: number, minutes: number, start: number) =>
    BigInt64Array.from({ length: n }, (_, i) => (hours(0)[0] ?? 0n) + BigInt(start + i * minutes) * 60_000_000_000n)
  const series = (n: number, minutes: number, start: number) => ({
    time: times(n, minutes, start),
    bid: side(n, 1.1),
    ask: side(n, 1.2),
  })
  const M5 = series(6, 5, 0)
  return createDataset({
    symbol: 'EURUSD',
    series: first === undefined ? { M5 } : { M5, H1: series(2, 60, first) },
  })
}

const M5 = { timeframes: { primary: 'M5' } }
const WITH_H1 = { timeframes: { primary: 'M5', additional: ['H1'] } }

/** Errors of candle files and series, data.md 14. */
export const CANDLE_ERRORS: Cases = {
  DATA_FILE_NOT_FOUND: {
    error: () => load(tempFolder()),
    says: `data file not found: ${FILE}`,
    hint: 'omega data import',
  },
  DATA_READ: {
    error: () => {
      const root = rootOf(bid)
      rmSync(join(root, FILE))
      mkdirSync(join(root, FILE))
      return load(root)
    },
    says: `cannot read ${FILE}`,
    hint: 'not a folder',
  },
  DATA_PARSE: {
    error: () => {
      const root = rootOf(bid)
      writeFileSync(join(root, FILE), 'text, not Parquet')
      return load(root)
    },
    says: `not a readable Parquet file: ${FILE}: `,
    hint: 'omega data import',
  },
  DATA_MISSING_COLUMN: {
    error: loading(changed(bid, { Open: undefined })),
    says: [`column 'Open' is missing in ${FILE}`, /"found":\["UTC time","High","Low","Close","Volume"\]/],
    hint: 'omega data import',
  },
  DATA_COLUMN_TYPE: {
    error: loading(changed(bid, { Open: { type: 'float' } })),
    says: [`column 'Open' in ${FILE} has type `, 'Float32', 'expected Float64'],
    hint: 'omega data import',
  },
  DATA_TIMEZONE: {
    error: loading(changed(bid, { 'UTC time': { type: 'local' } })),
    says: `column 'UTC time' in ${FILE} must be UTC, found `,
    hint: 'omega data import',
  },
  DATA_METADATA_MISMATCH: {
    error: loading(bid, undefined, { metadata: { 'omega.symbol': 'GBPUSD' } }),
    says: `${FILE} is labelled omega.symbol = GBPUSD, expected EURUSD`,
    hint: 'renamed or replaced',
  },
  DATA_NULL: {
    error: loading(changed(bid, { Close: values(1.1, null, 1.1) })),
    says: `null in column 'Close' at row 1 of ${FILE}`,
    hint: 'correct or remove the row',
  },
  DATA_EMPTY: { error: loading(candles(1.1, []), candles(1.2, [])), says: `${FILE} has no rows`, hint: 'import' },
  DATA_OUT_OF_ORDER: {
    error: loading(candles(1.1, hours(1, 0, 2))),
    says: `timestamps go backwards at row 1 of ${FILE}: 2024-01-08T00:00:00Z after 2024-01-08T01:00:00Z`,
    hint: 'sort the rows',
  },
  DATA_DUPLICATE_DIVERGENT: {
    error: loading(changed(candles(1.1, hours(0, 1, 1)), { High: values(1.1, 1.1, 1.15) })),
    says: [`duplicate timestamp 2024-01-08T01:00:00Z with different values at row 2 of ${FILE}`, '"first_row":1'],
    hint: 'remove the row',
  },
  DATA_NON_FINITE: {
    error: loading(changed(bid, { High: values(1.1, 1.1, Number.NaN) })),
    says: [`High is not a finite number at row 2 of ${FILE} (2024-01-08T02:00:00Z)`, 'NaN'],
    hint: 'correct or remove the row',
  },
  DATA_NON_POSITIVE_PRICE: {
    error: loading(changed(bid, { Low: values(1.1, 0, 1.1) })),
    says: `Low = 0 is not positive at row 1 of ${FILE} (2024-01-08T01:00:00Z)`,
    hint: 'correct or remove the row',
  },
  DATA_NEGATIVE_VOLUME: {
    error: loading(changed(bid, { Volume: values(0, 0, -1) })),
    says: `volume -1 is negative at row 2 of ${FILE} (2024-01-08T02:00:00Z)`,
    hint: 'correct or remove the row',
  },
  DATA_OHLC: {
    error: loading(changed(bid, { High: values(1.05, 1.1, 1.1) })),
    says: `inconsistent bar at row 0 of ${FILE} (2024-01-08T00:00:00Z): O 1.1 H 1.05 L 1.1 C 1.1`,
    hint: 'correct or remove the row',
  },
  DATA_OFF_GRID: {
    error: loading(candles(1.1, hours(0, 1).concat((hours(2)[0] ?? 0n) + 60_000_000_000n))),
    says: `bar time 2024-01-08T02:01:00Z at row 2 of ${FILE} is not a multiple of H1`,
    hint: '--label close',
  },
  DATA_TIME_OVERFLOW: {
    // An hour of 2262, the year in which nanoseconds of 64 bits end.
    error: loading(candles(1.1, hours(0, 1).concat(9_223_369_200_000_000_000n))),
    says: [`bar time out of range at row 2 of ${FILE}`, '9223369200000000000'],
    hint: 'correct or remove the row',
  },
  DATA_NO_OVERLAP: {
    error: loading(bid, candles(1.2, hours(10, 11))),
    says: ['EURUSD H1: bid and ask have no common timestamps', /"bid":\{"count":3/, /"ask":\{"count":2/],
    hint: 'the same source and period',
  },
  DATA_ALIGNMENT_LOSS: {
    error: loading(bid, candles(1.2, hours(0, 1))),
    // One of three bars: 1 − 2/3.
    says: 'EURUSD H1: alignment loss 0.333333 exceeds 0.01 (1 bars one-sided, scope file)',
    hint: 'the same source and period',
  },
  DATA_INVALID_SPREAD: {
    error: loading(bid, changed(candles(1.2), { Open: values(1.2, 1.05, 1.2), Low: values(1.2, 1.05, 1.2) })),
    says: 'EURUSD H1: bid open 1.1 above ask 1.05 at 2024-01-08T01:00:00Z',
    hint: '--on-crossed clamp',
  },
  DATA_RANGE_EMPTY: {
    error: () => trade(rootOf(bid), 3, { start_date: '2024-01-09' }),
    says: 'EURUSD H1: no bars between 2024-01-09T00:00:00Z and 2024-01-31T23:59:59.999999999Z; data covers 2024-01-08T00:00:00Z to 2024-01-08T02:00:00Z',
    hint: 'start_date and end_date',
  },
  DATA_INSUFFICIENT: {
    error: () => trade(rootOf(bid), 3, { warmup_bars: 3 }),
    says: 'EURUSD H1: need 4 bars (warm-up 3), have 3',
    hint: 'lower warmup_bars',
  },
  DATA_INSUFFICIENT_HTF: {
    // The first hour is complete at 01:00, after the last of the six bars of five minutes.
    error: () => trade(memory(0), 6, { ...WITH_H1, warmup_bars: 1 }),
    says: 'EURUSD H1: need 1 warm-up bars, have 0',
    hint: 'lower warmup_bars',
  },
  DATA_HTF_MAPPING: {
    error: () => trade(memory(60), 6, WITH_H1),
    says: 'H1 has no bar at or before trading bar 2024-01-08T00:00:00Z',
    hint: 'more history of that timeframe',
  },
  DATA_GAP_LOSS: {
    // Two of four hours are there.
    error: () => trade(rootOf(candles(1.1, hours(0, 3)), candles(1.2, hours(0, 3))), 2, {}, { maxGapLoss: 0.25 }),
    says: ['EURUSD H1: gap loss 0.5 exceeds 0.25', '"missing_bars":2'],
    hint: 'raise maxGapLoss',
  },
  DATA_BUSY_CHANGED: {
    because: 'a file would have to change between two system calls',
    tested: 'crates/data/src/source_file.rs',
  },
}

/** A root that `importData` makes of one hour with bid 1.1 and these asks. */
async function imported(asks: readonly [open: number, close: number], options: object): Promise<string> {
  const folder = tempFolder()
  const file = (name: string, rows: string) => {
    writeFileSync(join(folder, name), `UTC time,Open,High,Low,Close,Volume\n${rows}`)
    return join(folder, name)
  }
  const row = (hour: number, open: number, close: number) =>
    `2024-01-08 0${hour}:00:00+00:00,${open},${Math.max(open, close)},${Math.min(open, close)},${close},0\n`
  const source = file('bid.csv', row(0, 1.1, 1.1) + row(1, 1.1, 1.1))
  const ask = { ask: file('ask.csv', row(0, asks[0], asks[1]) + row(1, 1.2, 1.2)) }
  const root = join(folder, 'data')
  await importData({
    symbol: 'EURUSD',
    timeframe: 'H1',
    bid: source,
    root,
    ...('askFromSpread' in options ? {} : ask),
    ...options,
  })
  return root
}

const warningsOf = async (...run: Parameters<typeof trade>) => (await trade(...run)).warnings

/** Warnings about candles. */
export const CANDLE_WARNINGS: Cases = {
  DATA_W_DEDUP: {
    warning: () => warningsOf(rootOf(candles(1.1, hours(0, 1, 1, 2))), 3),
    says: ['EURUSD H1', '1'],
  },
  DATA_W_ALIGNMENT: {
    warning: () => {
      const list = Array.from({ length: 200 }, (_, i) => i)
      const short = candles(1.2, hours(...list.slice(1)))
      return warningsOf(rootOf(candles(1.1, hours(...list)), short), 199)
    },
    // One of 200 bars.
    says: ['EURUSD H1', '0.005'],
  },
  DATA_W_OVERLAP: {
    warning: () => {
      // Hours in a file of days.
      const list = Array.from({ length: 30 }, (_, i) => i)
      const root = rootOf(candles(1.1, hours(...list)), candles(1.2, hours(...list)), { timeframe: 'D1' })
      return warningsOf(root, 30, { timeframes: { primary: 'D1' } })
    },
    says: 'EURUSD D1',
  },
  DATA_W_GAPS: {
    warning: () => warningsOf(rootOf(candles(1.1, hours(0, 3)), candles(1.2, hours(0, 3))), 2),
    says: ['EURUSD H1', '0.5'],
  },
  DATA_W_WARMUP_DEFICIT: {
    warning: () => warningsOf(rootOf(bid), 3, { warmup_bars: 2 }),
    // Trading would start with the first bar; two of warm-up are missing.
    says: ['EURUSD H1', '2024-01-08T02:00:00Z'],
  },
  DATA_W_CLAMPED: {
    warning: async () => warningsOf(await imported([1.05, 1.2], { onCrossed: 'clamp' }), 2),
    says: 'EURUSD H1',
  },
  DATA_W_DROPPED: {
    warning: async () => warningsOf(await imported([1.05, 1.2], { onCrossed: 'drop', maxDrop: 1 }), 1),
    says: 'EURUSD H1',
  },
  DATA_W_SYNTHETIC_ASK: {
    warning: async () => warningsOf(await imported([1.2, 1.2], { askFromSpread: 3, pipSize: 0.0001 }), 2),
    says: 'EURUSD',
  },
  DATA_W_SYNTHETIC: {
    warning: async () => {
      const root = tempFolder()
      await generateData({ symbol: 'EURUSD', timeframe: 'H1', bars: 5, seed: 1, start: '2024-01-08', root })
      return warningsOf(root, 5)
    },
    says: 'EURUSD',
  },
}

/** Six M5 bars in memory, and how they are traded. */
export const SIX = { data: memory, config: M5 }
