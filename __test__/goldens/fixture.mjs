// A golden run: a folder with a configuration, hand-made candles and small files, and the artifacts they must give.
// Plain JavaScript over the public API, so that scripts/goldens.mjs and the tests make them in the same way.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { importData, importNews, resample, runBacktest, signals } from '@omega/native'

export const GOLDENS = dirname(fileURLToPath(import.meta.url))

/** The artifacts that are compared (output.md 11). */
export const FILES = ['meta.json', 'trades.json', 'metrics.json', 'equity.csv']

const MINUTES = { M1: 1, M5: 5, M15: 15, M30: 30, H1: 60, H4: 240, D1: 1_440 }

/** Names of all fixtures. */
export function goldenNames() {
  return readdirSync(GOLDENS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}

/** Makes candle files of a fixture in `folder/data`, and its news calendar in `folder/news.parquet`. */
export async function prepareGolden(name, folder) {
  const root = join(folder, 'data')
  const { resample: longer, ...series } = readJson(name, 'candles.json')
  for (const [key, table] of Object.entries(series)) {
    const [symbol, timeframe] = key.split('_')
    const rows = rowsOf(table, MINUTES[timeframe])
    const file = (side) => {
      const path = join(folder, 'csv', `${symbol}_${timeframe}_${side}.csv`)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, csv(rows, side === 'ASK', table))
      return path
    }
    const sides = table.spread === undefined ? { single: file('SINGLE') } : { bid: file('BID'), ask: file('ASK') }
    await importData({ symbol, timeframe, root, calendar: 'none', ...sides })
  }
  if (longer) await resample({ ...longer, root })
  const news = join(GOLDENS, name, 'news.csv')
  if (existsSync(news)) await importNews({ file: news, out: join(folder, 'news.parquet') })
}

/** Runs a fixture on what {@link prepareGolden} has made; gives the run folder, below `folder/out`. */
export async function runGolden(name, folder, { threads, out = 'out' } = {}) {
  const file = (base) => {
    const path = join(GOLDENS, name, base)
    return existsSync(path) ? path : undefined
  }
  const news = join(folder, 'news.parquet')
  const rows = file('signals.json') && readJson(name, 'signals.json')
  const result = await runBacktest(join(GOLDENS, name, 'config.json'), {
    data: join(folder, 'data'),
    costs: file('costs.yaml'),
    symbolSpecs: file('specs.yaml'),
    news: existsSync(news) ? news : undefined,
    strategy: rows && strategyOf(rows),
    outputDir: join(folder, out),
    logLevel: 'off',
    strict: true,
    threads,
  })
  return result.output.dir
}

/** Both: the run folder of a fixture made from nothing but its committed files. */
export async function makeGolden(name, folder, options) {
  await prepareGolden(name, folder)
  return runGolden(name, folder, options)
}

/** Sparse rows, one per bar with a signal → columns as long as the candles. */
function strategyOf({ bars, rows }) {
  const columns = {
    direction: new Int8Array(bars),
    orderType: new Uint8Array(bars),
    price: new Float64Array(bars).fill(Number.NaN),
    stopLoss: new Float64Array(bars).fill(Number.NaN),
    takeProfit: new Float64Array(bars).fill(Number.NaN),
    size: new Float64Array(bars).fill(Number.NaN),
    expireAfterBars: new Uint32Array(bars),
    exit: new Uint8Array(bars),
  }
  const codes = { long: 1, short: -1, market: 0, limit: 1, stop: 2, longs: 1, shorts: 2, all: 3 }
  for (const { bar, ...row } of rows) {
    for (const [key, value] of Object.entries(row)) columns[key][bar] = codes[value] ?? value
  }
  return signals(columns)
}

/**
 * The bars of a table in points (1 point = 10^−digits): `[minute, open, high, low, close, spread]`, bid.
 *
 * `rows`: open, high, low, close of each bar, and perhaps its own spread. Or the wave of the strategy specification 9.1:
 * closes `around + steps[i mod n]`, each bar opens at the close before and reaches `margin` beyond both; `special` bars replace
 * fields, null means "by the rule". Bars follow each other without a gap, unless `minutes` says when they open, counted from
 * `start`; with `weekdays` there is one a day from Monday to Friday.
 */
function rowsOf(table, step) {
  const opens = minutesOf(table, step)
  const { spread = 0, rows = waveOf(table) } = table
  return rows.map((row, i) => [opens(i), ...row.slice(0, 4), row[4] ?? spread])
}

function minutesOf({ start, minutes, weekdays }, step) {
  if (minutes) return (i) => minutes[i]
  if (!weekdays) return (i) => i * step
  const monday = (new Date(start).getUTCDay() + 6) % 7
  return (i) => (Math.floor((monday + i) / 5) * 7 + ((monday + i) % 5) - monday) * MINUTES.D1
}

function waveOf({ bars, wave: { around, steps, margin }, special = {} }) {
  const rows = []
  let previous = around + steps[0]
  for (let i = 0; i < bars; i += 1) {
    const [o, h, l, c] = special[i] ?? []
    const open = o ?? previous
    const close = c ?? around + steps[i % steps.length]
    rows.push([open, h ?? Math.max(open, close) + margin, l ?? Math.min(open, close) - margin, close])
    previous = close
  }
  return rows
}

function csv(rows, isAsk, { start, digits }) {
  const first = Date.parse(start)
  const lines = rows.map(([minute, ...values]) => {
    const spread = isAsk ? values[4] : 0
    const time = new Date(first + minute * 60_000).toISOString().slice(0, 19).replace('T', ' ')
    return `${time}+00:00,${values
      .slice(0, 4)
      .map((points) => price(points + spread, digits))
      .join(',')},0`
  })
  return `UTC time,Open,High,Low,Close,Volume\n${lines.join('\n')}\n`
}

/** Points as decimal text, exactly. */
function price(points, digits) {
  const text = String(points).padStart(digits + 1, '0')
  return `${text.slice(0, text.length - digits)}.${text.slice(text.length - digits)}`
}

function readJson(name, file) {
  return JSON.parse(readFileSync(join(GOLDENS, name, file), 'utf8'))
}
