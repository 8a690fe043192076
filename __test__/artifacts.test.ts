import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type BacktestResult,
  importData,
  OmegaError,
  type RunOptions,
  readArtifact,
  runBacktest,
  signals,
  toPlainJson,
  writeArtifacts,
} from '@omega/native'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { neutral } from '../api/artifacts/compare.ts'
import { parseArtifactJson, stringifyArtifact } from '../api/artifacts/json.ts'
import { isoOf } from '../api/artifacts/meta.ts'
import {
  at,
  dig,
  EXAMPLE,
  entriesOf,
  failureOf,
  filesOf,
  HAS_REAL,
  PER_LOT,
  REPOSITORY,
  real,
  SPECS,
  smallDataset,
  tempFolder,
} from './support.ts'

const NAMES = ['equity.csv', 'meta.json', 'metrics.json', 'trades.json']

/** Errors of a value against a shipped schema; empty if it is valid. */
function schemaErrors(name: string, value: unknown): unknown[] {
  const schema = JSON.parse(readFileSync(join(REPOSITORY, 'schema', `${name}.schema.json`), 'utf8'))
  // Titles of tuples are documentation.
  const validate = new Ajv2020({ allErrors: true, strictTuples: false }).compile(schema)
  validate(value)
  return validate.errors ?? []
}

/** Lines of an equity file, split at their commas. */
function csvRows(text: string): string[][] {
  expect(text.endsWith('\n')).toBe(true)
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => line.split(','))
}

describe.skipIf(!HAS_REAL)('The artifacts of a run on real candles', () => {
  let result: BacktestResult
  let dir: string

  beforeAll(async () => {
    const root = tempFolder()
    const files = { bid: real('EURUSD_H1_BID.csv.gz'), ask: real('EURUSD_H1_ASK.csv.gz') }
    await importData({ symbol: 'EURUSD', timeframe: 'H1', ...files, root })
    const config = {
      schema_version: '2',
      strategy_name: 'mean_reversion_z_score',
      symbol: 'EURUSD',
      start_date: '2010-01-01',
      end_date: '2012-12-31',
      run_mode: 'dev',
      data_mode: 'candle',
      timeframes: { primary: 'H1' },
      strategy_parameters: { enabled_scenarios: [1] },
    } as const
    result = await runBacktest(config, { data: root, outputDir: tempFolder() })
    dir = result.output?.dir ?? ''
    expect(result.trades.length).toBeGreaterThan(50)
  })

  const text = (name: string) => readFileSync(join(dir, name), 'utf8')
  /** Trades as plain JSON; their nanoseconds are whole seconds and survive. */
  const trades = (): Record<string, unknown>[] => JSON.parse(text('trades.json'))

  it('are four files and a manifest', () => {
    expect(entriesOf(dir)).toEqual(NAMES)
    expect(result.output).toEqual({ dir, written: true, files: NAMES })
    const root = join(dir, '..', '..')
    expect(entriesOf(root)).toEqual(['backtests', 'manifests'])
    expect(entriesOf(join(root, 'backtests'))).toEqual([result.runId])
    expect(entriesOf(join(root, 'manifests'))).toEqual([`${result.manifestSha256}.json`])
  })

  it.each(['trades', 'metrics', 'meta'])('%s.json is valid against its schema', (name) => {
    expect(schemaErrors(name, JSON.parse(text(`${name}.json`)))).toEqual([])
  })

  it.each(['trades', 'metrics', 'meta'])(
    '%s.json is printed as the contract says: sorted keys, two spaces, one newline',
    (name) => {
      const file = text(`${name}.json`)
      expect(stringifyArtifact(parseArtifactJson(file))).toBe(file)
    },
  )

  it('equity.csv has the header, the format and ascending stamps of the contract', () => {
    const rows = csvRows(text('equity.csv'))
    expect(schemaErrors('equity', rows)).toEqual([])
    expect(rows.length - 1).toBe(dig(result.meta, 'run', 'bars_processed'))
    let before = -1n
    for (const [iso, ns] of rows.slice(1)) {
      const stamp = BigInt(ns ?? '')
      if (stamp <= before) expect.fail(`${iso} does not ascend`)
      if (iso !== `${new Date(Number(stamp / 1_000_000n)).toISOString().slice(0, 19)}Z`)
        expect.fail(`${iso} is not ${ns}`)
      before = stamp
    }
    expect(at(at(rows, 1), 1)).toBe(String(dig(result.meta, 'dataset', 'start_time_ns')))
    expect(String(before)).toBe(String(dig(result.meta, 'dataset', 'end_time_ns')))
  })

  it('equity.csv holds the columns of the result rounded to six decimals', () => {
    // Independent: Number.toFixed is exact decimal rounding; a value whose exact decimal lies on a half may differ by 1e-6.
    const { equity, balance, drawdown, high_water } = result.equity.columns
    for (const [i, row] of csvRows(text('equity.csv')).slice(1).entries()) {
      for (const [k, column] of [equity, balance, drawdown, high_water].entries()) {
        if (Math.abs(Number(row[k + 2]) - at(column, i)) > 5.1e-7)
          expect.fail(`row ${i}: ${row[k + 2]} is not ${column[i]}`)
      }
    }
  })

  it('drawdown and high water follow from equity', () => {
    const { equity, drawdown, high_water } = result.equity.columns
    let high = 10_000
    for (let i = 0; i < result.equity.length; i += 1) {
      high = Math.max(high, at(equity, i))
      expect(at(high_water, i)).toBe(high)
      expect(at(drawdown, i)).toBeCloseTo((high - at(equity, i)) / high, 12)
    }
  })

  it('the books balance: profit, fees, last equity and final balance', () => {
    const { equity, balance } = result.equity.columns
    let [gross, fees] = [0, 0]
    for (const trade of result.trades) {
      gross += trade.result
      fees += trade.entry_fee + trade.exit_fee
    }
    const last = result.equity.length - 1
    expect(result.metrics.profit_gross).toBeCloseTo(gross, 2)
    expect(result.metrics.fees_total).toBeCloseTo(fees, 2)
    expect(result.metrics.profit_net).toBeCloseTo(gross - fees, 2)
    expect(at(equity, last)).toBe(at(balance, last))
    expect(at(balance, last)).toBeCloseTo(10_000 + gross - fees, 6)
  })

  it('R can be recomputed from the file', () => {
    const list = trades()
    const r = list.map((trade) => Number(trade.result) / Number(trade.risk))
    expect(list.every((trade) => trade.risk === 100)).toBe(true)
    // Metrics in R are rounded to six decimals.
    expect(result.metrics.avg_r_multiple).toBeCloseTo(r.reduce((sum, x) => sum + x, 0) / r.length, 6)
    for (const trade of list) {
      const [entry, exit, stop] = [Number(trade.entry_price), Number(trade.exit_price), Number(trade.initial_stop_loss)]
      const d = trade.direction === 'long' ? 1 : -1
      expect(trade.r_multiple).toBe(((exit - entry) * d) / Math.abs(entry - stop))
    }
  })

  it('every metric has a definition, and the counts follow from the trades', () => {
    const { metrics, definitions } = result
    expect(Object.keys(metrics).sort()).toEqual(Object.keys(definitions).sort())
    const list = [...result.trades]
    const [wins, losses] = [list.filter((t) => t.result > 0), list.filter((t) => t.result < 0)]
    const sum = (part: typeof list) => part.reduce((total, t) => total + t.result, 0)
    expect(metrics.total_trades).toBe(list.length)
    expect(metrics.wins).toBe(wins.length)
    expect(metrics.losses).toBe(losses.length)
    expect(metrics.win_rate).toBeCloseTo(wins.length / list.length, 6)
    expect(metrics.profit_factor).toBeCloseTo(sum(wins) / -sum(losses), 6)
    expect(metrics.avg_win).toBeCloseTo(sum(wins) / wins.length, 2)
    expect(metrics.avg_loss).toBeCloseTo(-sum(losses) / losses.length, 2)
    expect(metrics.largest_win).toBeCloseTo(Math.max(...wins.map((t) => t.result)), 2)
    expect(metrics.max_drawdown).toBeCloseTo(Math.max(...result.equity.columns.drawdown), 6)
    expect(metrics.active_days).toBe(new Set(list.map((t) => t.entry_time.toISOString().slice(0, 10))).size)
  })

  it('trades are what the table says, ascending in exit time, with a reason and its meta', () => {
    const list = trades()
    expect(list.length).toBe(result.trades.length)
    let before = 0n
    for (const [i, trade] of list.entries()) {
      const row = result.trades.row(i)
      expect(trade).toMatchObject({
        position_id: row.position_id,
        direction: row.direction,
        entry_price: row.entry_price,
        exit_price: row.exit_price,
        size: row.size,
        result: row.result,
        reason: row.reason,
        scenario_id: 1,
        symbol: 'EURUSD',
        meta: result.trades.meta(i),
        entry_time: isoOf(row.entry_time_ns),
        exit_time: isoOf(row.exit_time_ns),
      })
      expect(row.exit_time_ns).toBeGreaterThanOrEqual(before)
      before = row.exit_time_ns
    }
  })

  it('meta.json says what ran on what', async () => {
    const meta = await readArtifact(join(dir, 'meta.json'))
    expect(meta).toMatchObject({
      contract_version: '1.0',
      run_id: result.runId,
      engine: { name: 'omega-v2' },
      config: { hash: result.configHash, source: 'object' },
      strategy: { name: 'mean_reversion_z_score', form: 'registered' },
      dataset: { symbol: 'EURUSD', timeframe: 'H1', manifest_sha256: result.manifestSha256, quotes: 'bid_ask' },
      run: { trades: result.trades.length, open_positions: 0, market_fill: 'signal_close', rng_seed_effective: '42' },
    })
    // The first hour of 2010 in the file is 2010-01-03T22:00Z, Sunday evening.
    expect(dig(meta, 'dataset', 'start_time')).toBe('2010-01-03T22:00:00Z')
    const ns = dig(meta, 'generated_at_ns')
    expect(typeof ns).toBe('bigint')
    expect(dig(meta, 'generated_at')).toBe(isoOf(typeof ns === 'bigint' ? ns : 0n))
  })

  it('the manifest lists the files of the run under the hash of their hashes', async () => {
    const manifest = await readArtifact(join(dir, '..', '..', 'manifests', `${result.manifestSha256}.json`))
    const inputs = dig(manifest, 'inputs')
    expect(
      Array.isArray(inputs) && inputs.map((input: unknown) => `${dig(input, 'kind')} ${dig(input, 'path')}`),
    ).toEqual([
      'market_parquet_ask EURUSD/EURUSD_H1_ASK.parquet',
      'market_parquet_bid EURUSD/EURUSD_H1_BID.parquet',
      'execution_costs_yaml execution_costs.yaml',
      'symbol_specs_yaml symbol_specs.yaml',
    ])
    expect(dig(manifest, 'manifest_version')).toBe(1)
    expect(dig(manifest, 'manifest_sha256')).toBe(result.manifestSha256)
  })

  it('a result becomes plain JSON without loss of its nanoseconds', () => {
    const plain: unknown = JSON.parse(JSON.stringify(toPlainJson(result)))
    expect(dig(plain, 'runId')).toBe(result.runId)
    expect(dig(plain, 'meta', 'dataset', 'start_time_ns')).toBe(String(dig(result.meta, 'dataset', 'start_time_ns')))
    expect(dig(plain, 'trades', 0, 'entry_time_ns')).toBe(String(result.trades.row(0).entry_time_ns))
    expect(dig(plain, 'trades', 'length')).toBe(result.trades.length)
    expect(dig(plain, 'equity', 'length')).toBe(result.equity.length)
    expect(dig(plain, 'metrics', 'profit_net')).toBe(result.metrics.profit_net)
  })
})

/** A run with one winning long: example 1 of the execution rules. */
async function example(options: RunOptions = {}): Promise<BacktestResult> {
  const data = smallDataset([
    [1.1, 1.1005, 1.0998, 1.1002],
    [1.1002, 1.102, 1.099, 1.1015],
    [1.1015, 1.1043, 1.101, 1.104],
    [1.104, 1.1042, 1.1036, 1.1038],
  ])
  const strategy = signals({
    direction: Int8Array.of(1, 0, 0, 0),
    stopLoss: Float64Array.of(1.0983, 0, 0, 0),
    takeProfit: Float64Array.of(1.1043, 0, 0, 0),
  })
  return runBacktest(EXAMPLE, { data, strategy, costs: PER_LOT, symbolSpecs: SPECS, ...options })
}

describe('Example 1 of the execution rules', () => {
  it('is written as it is printed there', async () => {
    // Example: fill 1.10030, 0.50 lots, fees 1.25 each, target 1.10430, +200.00, R 2.
    const { output, trades } = await example({ outputDir: tempFolder() })
    expect(trades.row(0)).toMatchObject({ entry_price: 1.1003, exit_price: 1.1043, size: 0.5, reason: 'take_profit' })
    expect(csvRows(readFileSync(join(output?.dir ?? '', 'equity.csv'), 'utf8'))).toEqual([
      ['timestamp', 'timestamp_ns', 'equity', 'balance', 'drawdown', 'high_water'],
      ['2024-01-08T00:00:00Z', '1704672000000000000', '9993.750000', '9998.750000', '0.000625', '10000.000000'],
      ['2024-01-08T00:05:00Z', '1704672300000000000', '10058.750000', '9998.750000', '0.000000', '10058.750000'],
      ['2024-01-08T00:10:00Z', '1704672600000000000', '10197.500000', '10197.500000', '0.000000', '10197.500000'],
      ['2024-01-08T00:15:00Z', '1704672900000000000', '10197.500000', '10197.500000', '0.000000', '10197.500000'],
    ])
  })

  it('gives artifacts that are valid without any trade too', async () => {
    const strategy = signals({ direction: new Int8Array(4) })
    const { output, trades, metrics } = await example({ outputDir: tempFolder(), strategy })
    expect(trades.length).toBe(0)
    expect(metrics.profit_net).toBe(0)
    for (const name of ['trades', 'metrics', 'meta']) {
      const value: unknown = JSON.parse(readFileSync(join(output?.dir ?? '', `${name}.json`), 'utf8'))
      expect(schemaErrors(name, value)).toEqual([])
    }
    expect(readFileSync(join(output?.dir ?? '', 'trades.json'), 'utf8')).toBe('[]\n')
  })
})

describe('An existing run folder', () => {
  it('is kept if the run is the same, and nothing is written', async () => {
    const outputDir = tempFolder()
    const first = await example({ outputDir })
    const files = filesOf(first.output?.dir ?? '')
    const second = await example({ outputDir })
    expect(second.output).toEqual({ ...first.output, written: false })
    expect(filesOf(first.output?.dir ?? '')).toEqual(files)
    expect(entriesOf(join(outputDir, 'backtests'))).toEqual([first.runId])
  })

  it.each([
    ['trades.json', (text: string) => text.replace('1.1043', '1.1044'), 'exit_price'],
    ['equity.csv', (text: string) => text.replace('10058.75', '10058.76'), 'line 3'],
    ['metrics.json', (text: string) => text.replace('"total_trades": 1', '"total_trades": 2'), 'total_trades'],
    ['meta.json', (text: string) => text.replace('"USD"', '"EUR"'), 'account_currency'],
  ])('with a changed %s is OUT_NOT_REPRODUCIBLE and stays as it is', async (name, change, place) => {
    const outputDir = tempFolder()
    const first = await example({ outputDir })
    const file = join(first.output?.dir ?? '', name)
    const changed = change(readFileSync(file, 'utf8'))
    expect(changed).not.toBe(readFileSync(file, 'utf8'))
    writeFileSync(file, changed)
    const error = await failureOf(() => example({ outputDir }))
    expect(error).toMatchObject({ code: 'OUT_NOT_REPRODUCIBLE', category: 'output' })
    expect(error.message).toContain(name)
    expect(error.message).toContain(place)
    expect(error.hint).toContain('replace')
    expect(readFileSync(file, 'utf8')).toBe(changed)
    expect(entriesOf(join(outputDir, 'backtests'))).toEqual([first.runId])
  })

  it('without one of its files is OUT_NOT_REPRODUCIBLE', async () => {
    const outputDir = tempFolder()
    const first = await example({ outputDir })
    rmSync(join(first.output?.dir ?? '', 'equity.csv'))
    expect(await failureOf(() => example({ outputDir }))).toMatchObject({ code: 'OUT_NOT_REPRODUCIBLE' })
  })

  it('is an error with ifExists error, replaced with replace, kept beside a second one with suffix', async () => {
    const outputDir = tempFolder()
    const { runId, output } = await example({ outputDir })
    const trades = join(output?.dir ?? '', 'trades.json')
    const before = readFileSync(trades, 'utf8')
    writeFileSync(trades, 'changed')
    const refused = await failureOf(() => example({ outputDir, ifExists: 'error' }))
    expect(refused).toMatchObject({ code: 'OUT_EXISTS' })
    expect(refused.message).toContain(runId)
    expect(readFileSync(trades, 'utf8')).toBe('changed')

    const beside = await example({ outputDir, ifExists: 'suffix' })
    expect(beside.output?.dir).toBe(`${output?.dir}-2`)
    expect((await example({ outputDir, ifExists: 'suffix' })).output?.dir).toBe(`${output?.dir}-3`)
    expect(await readArtifact(join(`${output?.dir}-2`, 'meta.json'))).toMatchObject({ run_id: `${runId}-2` })
    expect(readFileSync(trades, 'utf8')).toBe('changed')

    expect((await example({ outputDir, ifExists: 'replace' })).output).toMatchObject({
      written: true,
      dir: output?.dir,
    })
    expect(readFileSync(trades, 'utf8')).toBe(before)
    expect(entriesOf(join(outputDir, 'backtests'))).toEqual([runId, `${runId}-2`, `${runId}-3`])
  })

  it('is an error in prod by default', async () => {
    const outputDir = tempFolder()
    const data = smallDataset([[1.1, 1.101, 1.099, 1.1]])
    const config = { ...EXAMPLE, run_mode: 'prod' } as const
    const options = {
      data,
      strategy: signals({ direction: new Int8Array(1) }),
      outputDir,
      runId: 'mine',
      symbolSpecs: SPECS,
    }
    expect((await runBacktest(config, options)).output?.dir).toBe(join(outputDir, 'backtests', 'mine'))
    expect(await failureOf(() => runBacktest(config, options))).toMatchObject({ code: 'OUT_EXISTS' })
  })
})

describe('A manifest', () => {
  it('of the same name with other content is MAN_CONFLICT and stays as it is', async () => {
    const outputDir = tempFolder()
    const { manifestSha256, output } = await example({ outputDir })
    const file = join(outputDir, 'manifests', `${manifestSha256}.json`)
    const changed = readFileSync(file, 'utf8').replace('market_memory', 'market_parquet_bid')
    writeFileSync(file, changed)
    const other = tempFolder()
    const error = await failureOf(() => example({ outputDir: other, manifestDir: join(outputDir, 'manifests') }))
    expect(error).toMatchObject({ code: 'MAN_CONFLICT', category: 'output' })
    expect(error.message).toContain(manifestSha256)
    expect(readFileSync(file, 'utf8')).toBe(changed)
    expect(entriesOf(other)).toEqual([])
    expect(entriesOf(output?.dir ?? '')).toEqual(NAMES)
  })

  it('that is there already is left as it is', async () => {
    const outputDir = tempFolder()
    const { manifestSha256 } = await example({ outputDir })
    const file = join(outputDir, 'manifests', `${manifestSha256}.json`)
    const before = readFileSync(file, 'utf8')
    await example({ outputDir, runId: 'second' })
    expect(readFileSync(file, 'utf8')).toBe(before)
  })
})

describe('writeArtifacts', () => {
  it('writes later what outputDir writes at once', async () => {
    const first = await example({ outputDir: tempFolder() })
    const second = await example()
    expect(second.output).toBeNull()
    const folder = join(tempFolder(), 'deep', 'below', second.runId)
    expect(await writeArtifacts(second, folder)).toEqual({ dir: folder, written: true, files: NAMES })
    const [left, right] = [filesOf(first.output?.dir ?? ''), filesOf(folder)]
    for (const name of ['trades.json', 'equity.csv', 'metrics.json']) expect(right.get(name)).toBe(left.get(name))
    const meta = [left, right].map((files) => neutral(parseArtifactJson(files.get('meta.json') ?? '')))
    expect(meta[1]).toEqual(meta[0])
    expect(await writeArtifacts(second, folder)).toMatchObject({ written: false })
  })

  it('takes results only, not copies of them', async () => {
    const result = await example()
    const copy: BacktestResult = { ...result }
    expect(await failureOf(() => writeArtifacts(copy, tempFolder()))).toMatchObject({ code: 'ARG_INVALID' })
  })
})

describe('Nanoseconds', () => {
  it('with sub-microsecond digits are written and read back exactly', async () => {
    // Example: the instants of output.md 3; both lie between two doubles.
    const [whole, odd] = [1_709_649_000_041_018_112n, 1_709_649_000_041_018_001n]
    expect(isoOf(whole)).toBe('2024-03-05T14:30:00.041018112Z')
    const text = stringifyArtifact({
      generated_at: isoOf(odd),
      generated_at_ns: odd,
      list_ns: [whole, odd, 0n, -1n],
      other: 3,
    })
    expect(text).toContain('"generated_at_ns": 1709649000041018001')
    const file = join(tempFolder(), 'meta.json')
    writeFileSync(file, text)
    const read = await readArtifact(file)
    expect(read).toEqual({ generated_at: isoOf(odd), generated_at_ns: odd, list_ns: [whole, odd, 0n, -1n], other: 3 })
    expect(stringifyArtifact(parseArtifactJson(readFileSync(file, 'utf8')))).toBe(text)
  })

  it('in texts are left alone', async () => {
    const file = join(tempFolder(), 'x.json')
    writeFileSync(
      file,
      '{"a_ns": "12", "b": "\\"c_ns\\": 5", "d_ns": 1.5, "e": {"f_ns": null, "g_ns": 9007199254740993}}',
    )
    expect(await readArtifact(file)).toEqual({
      a_ns: '12',
      b: '"c_ns": 5',
      d_ns: 1.5,
      e: { f_ns: null, g_ns: 9_007_199_254_740_993n },
    })
  })

  it('in a file that is no artifact are an OUT_READ that names the file', async () => {
    const file = join(tempFolder(), 'broken.json')
    writeFileSync(file, '{')
    for (const path of [file, `${file}.missing`]) {
      const error = await failureOf(() => readArtifact(path))
      expect(error).toBeInstanceOf(OmegaError)
      expect(error).toMatchObject({ code: 'OUT_READ', category: 'output' })
      expect(error.message).toContain(path)
    }
  })
})
