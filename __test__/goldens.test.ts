import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readArtifact } from '@omega/native'
import { beforeAll, describe, expect, it } from 'vitest'
import { firstDifference, timeless } from '../api/artifacts/compare.ts'
import { parseArtifactJson, stringifyArtifact } from '../api/artifacts/json.ts'
import { csvRows, schemaErrors } from './artifact-files.ts'
import { FILES, GOLDENS, goldenNames, makeGolden, prepareGolden, runGolden } from './goldens/fixture.mjs'
import { cleanEnv, dig, filesOf, REPOSITORY, tempFolder } from './support.ts'

const NAMES = goldenNames()

/** A committed artifact. */
function expected(name: string, file: string): string {
  return readFileSync(join(GOLDENS, name, 'expected', file), 'utf8')
}

/** The bytes of a run folder; of `meta.json` what does not tell time, machine or version. */
function bytesOf(folder: string): Map<string, string> {
  const meta = (text: string) => stringifyArtifact(timeless(parseArtifactJson(text)))
  return new Map([...filesOf(folder)].map(([file, text]) => [file, file === 'meta.json' ? meta(text) : text]))
}

// Golden: whole runs, reviewed by hand in __test__/goldens/README.md.
describe('A golden run', () => {
  it('exists for every kind of run, and nothing else lies there', () => {
    expect(NAMES).toEqual([
      'currency-news-sessions',
      'mean-reversion-filter',
      'mean-reversion-overlays',
      'pending-orders',
      'single-quotes',
      'trade-management',
      'v1-parity',
    ])
    for (const name of NAMES) expect(readdirSync(join(GOLDENS, name, 'expected')).sort()).toEqual([...FILES].sort())
  })

  it.each(NAMES)('%s gives what is committed', async (name) => {
    const made = filesOf(await makeGolden(name, tempFolder()))
    for (const file of FILES) {
      expect([file, firstDifference(file, made.get(file) ?? '', expected(name, file), timeless)]).toEqual([
        file,
        undefined,
      ])
    }
  })

  it('is compared with everything that does not tell time, machine or version', () => {
    const meta = expected('single-quotes', 'meta.json')
    const changed = (from: string, to: string) => {
      expect(meta).toContain(from)
      return firstDifference('meta.json', meta.replace(from, to), meta, timeless)
    }
    expect(changed('"generated_at": "1970', '"generated_at": "2024')).toBeUndefined()
    expect(changed('"name": "omega-v2"', '"name": "omega-v2", "version": "9.9.9"')).toBeUndefined()
    // Unlike `ifExists: verify`, warnings and gaps count.
    expect(changed('DATA_W_SYNTHETIC_ASK', 'CFG_W_ALIAS')).toContain('warnings[0].code')
    expect(changed('"gap_loss": 0', '"gap_loss": 0.5')).toContain('gap_loss')
    expect(changed('"rng_seed_effective": "42"', '"rng_seed_effective": "43"')).toContain('rng_seed_effective')
    const trades = expected('single-quotes', 'trades.json')
    const last = trades.replace('39907.13757', '39907.137570000006')
    expect(firstDifference('trades.json', last, trades, timeless)).toContain('39907.13757')
  })
})

// Contract: output.md 14.
describe('The artifacts of a golden run', () => {
  it.each(NAMES)('%s are valid: schemas, a few trades, equity line by line', async (name) => {
    for (const file of ['meta', 'trades', 'metrics']) {
      expect(schemaErrors(file, JSON.parse(expected(name, `${file}.json`)))).toEqual([])
    }
    const folder = join(GOLDENS, name, 'expected')
    const [meta, trades] = [
      await readArtifact(join(folder, 'meta.json')),
      JSON.parse(expected(name, 'trades.json')).length,
    ]
    expect(trades).toBeGreaterThanOrEqual(3)
    expect(trades).toBeLessThanOrEqual(12)
    expect(Object.keys(JSON.parse(expected(name, 'metrics.json')).metrics).length).toBeGreaterThan(0)
    for (const absent of ['host', 'git']) expect(dig(meta, absent)).toBeUndefined()

    const [header = [], ...rows] = csvRows(expected(name, 'equity.csv'))
    expect(header.join()).toBe('timestamp,timestamp_ns,equity,balance,drawdown,high_water')
    expect(rows.length).toBe(dig(meta, 'run', 'bars_processed'))
    let before = -1n
    for (const [iso = '', ns = '', ...numbers] of rows) {
      expect(BigInt(Date.parse(iso)) * 1_000_000n).toBe(BigInt(ns))
      expect(BigInt(ns)).toBeGreaterThan(before)
      expect(numbers.length).toBe(4)
      for (const number of numbers) expect(number).toMatch(/^(?!-0\.0+$)-?\d+\.\d{6}$/)
      before = BigInt(ns)
    }
  })
})

describe('The review of a golden run', () => {
  const review = readFileSync(join(GOLDENS, 'README.md'), 'utf8')

  /** A number as it is written: half a unit of its last digit is its tolerance. */
  function expectRounded(value: unknown, text: string): void {
    const decimals = text.split('.')[1]?.length ?? 0
    expect(Math.abs(Number(value) - Number(text)), `${value} is written ${text}`).toBeLessThanOrEqual(
      0.5 * 10 ** -decimals + 1e-9,
    )
  }

  it.each(NAMES)('%s has one line of arithmetic for each trade, and its figures are those of the run', (name) => {
    const section = review.split(`\n## ${name}\n`)[1]?.split('\n## ')[0] ?? ''
    const lines = section.split('\n').filter((line) => /^\| \d/.test(line))
    const trades: Record<string, unknown>[] = JSON.parse(expected(name, 'trades.json'))
    expect(lines.length).toBe(trades.length)
    for (const [i, trade] of trades.entries()) {
      const [order = '', arithmetic = '', ...figures] = (lines[i] ?? '')
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim())
      expect(Number(order)).toBe(trade.order_id)
      expect(arithmetic.length).toBeGreaterThan(60)
      const stated = figures.join(' ').split(' ')
      const of = ['entry_price', 'exit_price', 'size', 'result', 'entry_fee', 'exit_fee'].map((key) => trade[key])
      expect(stated.length).toBe(of.length)
      for (const [k, value] of of.entries()) expectRounded(value, stated[k] ?? '')
    }
    const net = /Net: .* = ([−\d.]+)\.(?:\n|$)/s.exec(section)?.[1]?.replace('−', '-') ?? ''
    expectRounded(JSON.parse(expected(name, 'metrics.json')).metrics.profit_net, net)
  })
})

describe('The same golden run', () => {
  it.each(NAMES)('%s has the same bytes with 1, 2 and 8 threads', async (name) => {
    const folder = tempFolder()
    await prepareGolden(name, folder)
    const one = bytesOf(await runGolden(name, folder, { threads: 1, out: 'one' }))
    expect([...one.keys()]).toEqual([...FILES].sort())
    for (const threads of [2, 8]) {
      expect(bytesOf(await runGolden(name, folder, { threads, out: `out-${threads}` }))).toEqual(one)
    }
  })

  const folders = [tempFolder(), tempFolder()]

  beforeAll(() => {
    for (const folder of folders) {
      const script = join(REPOSITORY, '__test__', 'fixtures', 'golden-runs.mjs')
      const { status, stderr } = spawnSync(process.execPath, [script, folder], { env: cleanEnv(), encoding: 'utf8' })
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    }
  })

  it.each(NAMES)('%s has the same bytes in two processes, candle files included', (name) => {
    const [first, second] = folders.map((folder) => bytesOf(join(folder, name)))
    expect(first?.size).toBe(FILES.length)
    expect(second).toEqual(first)
  })
})
