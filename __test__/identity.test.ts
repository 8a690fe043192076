import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  attachDataset,
  type BacktestConfigInput,
  type BacktestResult,
  createDataset,
  generateData,
  indicators,
  loadDataset,
  type RunOptions,
  runBacktest,
  signals,
  writeArtifacts,
} from '@omega/native'
import { beforeAll, describe, expect, it } from 'vitest'
import { neutral } from '../api/artifacts/compare.ts'
import { parseArtifactJson } from '../api/artifacts/json.ts'
import { answerOf, worker } from './fixtures/worker.ts'
import { at, dig, filesOf, omegaJson, REPOSITORY, tempFolder } from './support.ts'

const NAMES = ['equity.csv', 'meta.json', 'metrics.json', 'trades.json']

const CONFIG = {
  schema_version: '2',
  strategy_name: 'mean_reversion_z_score',
  symbol: 'EURUSD',
  start_date: '2020-02-01',
  end_date: '2020-08-31',
  run_mode: 'dev',
  data_mode: 'candle',
  warmup_bars: 200,
  timeframes: { primary: 'M15', additional: ['H1'] },
  account: { max_positions: 2 },
  strategy_parameters: { enabled_scenarios: [1, 2], htf_tf: 'H1', htf_ema: 50, extra_htf_tf: 'NONE' },
} as const satisfies BacktestConfigInput

const { strategy_name: _, strategy_parameters: __, ...SIGNALS_CONFIG } = CONFIG

/** The files of a run folder, `meta.json` without the fields that tell time and machine. */
function comparable(folder: string): Record<string, unknown> {
  const files = filesOf(folder)
  expect([...files.keys()]).toEqual(NAMES)
  const entries = [...files].map(([name, text]) => [
    name,
    name === 'meta.json' ? neutral(parseArtifactJson(text)) : text,
  ])
  return Object.fromEntries(entries)
}

let root: string
let reference: Record<string, unknown>
let runId: string

beforeAll(async () => {
  root = tempFolder()
  await generateData({ symbol: 'EURUSD', timeframe: 'M15', bars: 16_000, seed: 11, additional: ['H1'], root })
  const first = await runBacktest(CONFIG, { data: root, outputDir: tempFolder() })
  runId = first.runId
  reference = comparable(first.output?.dir ?? '')
  expect(first.trades.length).toBeGreaterThan(20)
})

async function written(options: RunOptions): Promise<Record<string, unknown>> {
  const result = await runBacktest(CONFIG, { data: root, outputDir: tempFolder(), ...options })
  expect(result.runId).toBe(runId)
  return comparable(result.output?.dir ?? '')
}

describe('The same run gives the same bytes', () => {
  it('a second time', async () => {
    expect(await written({})).toEqual(reference)
  })

  it.each([1, 2, 7])('with %i threads', async (threads) => {
    expect(await written({ threads })).toEqual(reference)
  })

  it('while other runs are under way', async () => {
    const runs = await Promise.all([written({}), written({ threads: 1 }), written({}), written({ threads: 2 })])
    for (const run of runs) expect(run).toEqual(reference)
  })

  it('with a dataset instead of a folder', async () => {
    using data = await loadDataset({ symbol: 'EURUSD', timeframes: ['M15', 'H1'], root })
    expect(await written({ data })).toEqual(reference)
    using attached = attachDataset(data.token)
    expect(await written({ data: attached })).toEqual(reference)
  })

  it('from a file', async () => {
    const file = join(tempFolder(), 'config.json')
    writeFileSync(file, JSON.stringify(CONFIG))
    const result = await runBacktest(file, { data: root, outputDir: tempFolder() })
    expect(comparable(result.output?.dir ?? '')).toEqual(reference)
  })

  it('from the command line', () => {
    const [folder, out] = [tempFolder(), tempFolder()]
    writeFileSync(join(folder, 'config.json'), JSON.stringify(CONFIG))
    const costs = ['--costs', join(REPOSITORY, 'configs', 'execution_costs.yaml')]
    const specs = ['--symbol-specs', join(REPOSITORY, 'configs', 'symbol_specs.yaml')]
    const { status, document } = omegaJson(
      ['run', 'config.json', '--data-root', root, '--out', out, ...costs, ...specs],
      {
        cwd: folder,
      },
    )
    expect(status).toBe(0)
    expect(dig(document, 'data', 'runId')).toBe(runId)
    expect(comparable(join(out, 'backtests', runId))).toEqual(reference)
  })

  it('from a worker thread that loads the candles itself', async () => {
    const answer = await answerOf(worker('worker-run.mjs', { config: CONFIG, data: root, outputDir: tempFolder() }))
    expect(comparable(String(dig(answer, 'dir')))).toEqual(reference)
  })

  it('from worker threads that attach the dataset of the main thread', async () => {
    using data = await loadDataset({ symbol: 'EURUSD', timeframes: ['M15', 'H1'], root })
    const workers = [1, 2].map(() =>
      worker('worker-run.mjs', { config: CONFIG, token: data.token, outputDir: tempFolder() }),
    )
    for (const answer of await Promise.all(workers.map(answerOf))) {
      expect(dig(answer, 'bars')).toBe(16_000)
      expect(comparable(String(dig(answer, 'dir')))).toEqual(reference)
    }
  })
})

describe('The id of a run', () => {
  const idOf = (configHash: string, manifest: string) =>
    createHash('sha256').update(`${configHash}:${manifest}`).digest('hex').slice(0, 16)

  it('is the published digest of configuration and manifest', async () => {
    // Example: the vectors of config.md 10, data.md 11 and output.md 2.
    const config = 'b9b0b2f72d47dd813f053b4b3e12e679c6b743b309a0965ec44f6c308686e83e'
    const manifest = '0bb5c2778512185b73651f5476e0938c9ccc25494d4243e3405c812cf4201878'
    expect(idOf(config, manifest)).toBe('0b603859605c0d99')
    const result = await runBacktest(CONFIG, { data: root })
    expect(result.runId).toBe(idOf(result.configHash, result.manifestSha256))
  })

  it('changes with the configuration, the costs and the signals, and with nothing else', async () => {
    const id = async (config: BacktestConfigInput, options: RunOptions) =>
      (await runBacktest(config, { data: root, ...options })).runId
    expect(await id({ ...CONFIG, rng_seed: 43 }, {})).not.toBe(runId)
    expect(await id(CONFIG, { costs: { defaults: { schema: 'per_lot', per_lot: 1 } } })).not.toBe(runId)
    expect(await id(CONFIG, { curve: false, calendar: 'none', threads: 1, strict: true })).toBe(runId)
    const direction = new Int8Array(16_000)
    const first = await id(SIGNALS_CONFIG, { strategy: signals({ direction }) })
    direction[900] = 1
    expect(await id(SIGNALS_CONFIG, { strategy: signals({ direction }) })).not.toBe(first)
  })

  it('is unique in prod, and the drawn seed repeats the run', async () => {
    const prod = { ...CONFIG, run_mode: 'prod' } as const
    const [first, second] = [await runBacktest(prod, { data: root }), await runBacktest(prod, { data: root })]
    expect(first.runId).not.toBe(second.runId)
    const seed = Number(dig(first.meta, 'run', 'rng_seed_effective'))
    const again = await runBacktest({ ...prod, rng_seed: seed }, { data: root })
    expect([...again.trades.columns.exit_price]).toEqual([...first.trades.columns.exit_price])
    expect([...second.trades.columns.exit_price]).not.toEqual([...first.trades.columns.exit_price])
  })
})

/** Everything that a program can hold of candles and signals. */
async function material() {
  using loaded = await loadDataset({ symbol: 'EURUSD', timeframes: ['M15'], root })
  const { time, bid, ask } = loaded.series('M15')
  const copy = (side: typeof bid) => ({
    open: side.open.slice(),
    high: side.high.slice(),
    low: side.low.slice(),
    close: side.close.slice(),
    volume: side.volume.slice(),
  })
  const series = { time: time.slice(), bid: copy(bid), ask: copy(ask ?? bid) }
  const [fast, slow] = [indicators.sma(bid.close, { period: 5 }), indicators.sma(bid.close, { period: 20 })]
  const n = time.length
  const columns = {
    direction: Int8Array.from({ length: n }, (_, i) => (i % 40 === 0 ? Math.sign(at(fast, i) - at(slow, i)) || 0 : 0)),
    stopLoss: new Float64Array(n),
    takeProfit: new Float64Array(n),
    size: new Float64Array(n).fill(Number.NaN),
    exit: Uint8Array.from({ length: n }, (_, i) => (i % 40 === 39 ? 3 : 0)),
    time: time.slice(),
  }
  for (let i = 0; i < n; i += 1) {
    columns.stopLoss[i] = at(bid.close, i) - at(columns.direction, i) * 0.003
    columns.takeProfit[i] = at(bid.close, i) + at(columns.direction, i) * 0.004
  }
  return { series, columns }
}

/** Fills every typed array, list and plain object that can be reached from a value; frozen ones stay. */
function scribble(value: unknown, seen = new Set<unknown>()): number {
  if (typeof value !== 'object' || value === null || seen.has(value)) return 0
  seen.add(value)
  if (value instanceof BigInt64Array) return value.fill(7n).length
  if (ArrayBuffer.isView(value)) {
    Reflect.apply(Reflect.get(value, 'fill'), value, [7])
    return value.byteLength
  }
  let count = 0
  for (const key of Reflect.ownKeys(value)) {
    const inner: unknown = Reflect.get(value, key)
    count += scribble(inner, seen)
    if (typeof inner !== 'object' && typeof inner !== 'function' && key !== 'length') {
      count += Reflect.set(value, key, typeof inner === 'number' ? 7 : 'overwritten') ? 1 : 0
    }
  }
  if (Array.isArray(value)) count += Reflect.set(value, value.length, 'added') ? 1 : 0
  return count
}

function touchColumns(result: BacktestResult): void {
  const tables = [result.trades.columns, result.equity.columns, result.rejections.columns]
  for (const columns of tables) for (const key of Object.keys(columns)) Reflect.get(columns, key)
}

// decisions.md 44.
describe('Overwriting every array changes no byte', () => {
  it('of files or of later runs: inputs, series, signals and results', async () => {
    const { series, columns } = await material()
    const { series: cleanSeries, columns: cleanColumns } = await material()
    const clean = createDataset({ symbol: 'EURUSD', series: { M15: cleanSeries } })
    const config = { ...SIGNALS_CONFIG, timeframes: { primary: 'M15' } } as const
    const wanted = await runBacktest(config, { data: clean, strategy: signals(cleanColumns), outputDir: tempFolder() })
    expect(wanted.trades.length).toBeGreaterThan(100)
    const files = comparable(wanted.output?.dir ?? '')

    const data = createDataset({ symbol: 'EURUSD', series: { M15: series } })
    const strategy = signals(columns)
    const pending = runBacktest(config, { data, strategy, outputDir: tempFolder() })
    // While the run is under way: what it was made of, and what the dataset hands out.
    const own = data.series('M15')
    expect(scribble(series) + scribble(columns)).toBeGreaterThan(1e6)
    scribble([
      own.time,
      own.bid.open,
      own.bid.high,
      own.bid.low,
      own.bid.close,
      own.bid.volume,
      own.ask?.close,
      own.ask?.low,
    ])
    const result = await pending
    expect(comparable(result.output?.dir ?? '')).toEqual(files)

    // After it: what the result hands out.
    const arrow = Buffer.from(result.trades.toArrow())
    touchColumns(result)
    scribble(result)
    scribble(result.trades.toArrow())
    const folder = join(tempFolder(), wanted.runId)
    await writeArtifacts(result, folder)
    expect(comparable(folder)).toEqual(files)
    expect(Buffer.from(result.trades.toArrow()).equals(arrow)).toBe(true)

    // A later run over the same dataset and the same signals.
    const later = await runBacktest(config, { data, strategy, outputDir: tempFolder() })
    expect(comparable(later.output?.dir ?? '')).toEqual(files)
  })

  it('of a run whose configuration and costs are changed right after the call', async () => {
    const costs = () => ({
      defaults: { schema: 'per_lot', per_lot: 2.5, slippage: { model: 'fixed', fixed_pips: 0.3 } },
    })
    const wanted = await runBacktest(CONFIG, { data: root, costs: costs() })
    const [config, given] = [structuredClone(CONFIG), { data: root, costs: costs() }]
    const pending = runBacktest(config, given)
    expect(scribble(config) + scribble(given)).toBeGreaterThan(20)
    const result = await pending
    expect(result.runId).toBe(wanted.runId)
    expect(result.metrics).toEqual(wanted.metrics)
  })
})
