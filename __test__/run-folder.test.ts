import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type BacktestResult,
  generateData,
  OmegaError,
  type RunOptions,
  readArtifact,
  runBacktest,
  signals,
  writeArtifacts,
} from '@omega/native'
import { describe, expect, it } from 'vitest'
import { neutral } from '../api/artifacts/compare.ts'
import { parseArtifactJson, stringifyArtifact } from '../api/artifacts/json.ts'
import { isoOf } from '../api/artifacts/meta.ts'
import { csvRows, NAMES, schemaErrors } from './artifact-files.ts'
import { EXAMPLE, entriesOf, failureOf, filesOf, PER_LOT, SPECS, smallDataset, tempFolder } from './support.ts'

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
  it('is the same for the same files, in whatever order the configuration names them', async () => {
    const [root, outputDir] = [tempFolder(), tempFolder()]
    await generateData({ symbol: 'EURUSD', timeframe: 'H1', bars: 2_000, seed: 1, additional: ['H4', 'D1'], root })
    const strategy = () => signals({ direction: new Int8Array(2_000) })
    const run = (additional: ('H4' | 'D1')[]) =>
      runBacktest(
        { ...EXAMPLE, start_date: '2020-02-01', end_date: '2020-02-28', timeframes: { primary: 'H1', additional } },
        { data: root, strategy: strategy(), outputDir },
      )
    const [first, second] = [await run(['H4', 'D1']), await run(['D1', 'H4'])]
    expect(second.manifestSha256).toBe(first.manifestSha256)
    expect(second.runId).not.toBe(first.runId)
  })

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
    expect(entriesOf(other)).toEqual(['logs'])
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
      whole_ns: whole,
      before_1970_ns: -odd,
      other: 3,
    })
    expect(text).toContain('"generated_at_ns": 1709649000041018001')
    const file = join(tempFolder(), 'meta.json')
    writeFileSync(file, text)
    const read = await readArtifact(file)
    expect(read).toEqual({
      generated_at: isoOf(odd),
      generated_at_ns: odd,
      whole_ns: whole,
      before_1970_ns: -odd,
      other: 3,
    })
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
