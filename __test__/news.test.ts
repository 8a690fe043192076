import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import {
  type BacktestConfigInput,
  type ImportNewsInput,
  importData,
  importNews,
  type RunOptions,
  runBacktest,
  signals,
} from '@omega/native'
import { describe, expect, it } from 'vitest'
import {
  dig,
  EXAMPLE,
  entriesOf,
  failureOf,
  HAS_REAL,
  NO_COSTS,
  omega,
  omegaJson,
  real,
  SPECS,
  smallDataset,
  tempFolder,
} from './support.ts'

const HEADER = 'Start,Name,Impact,Currency'
const EVENTS = [
  '2024-01-08 01:00:00,"Rates, decided",HIGH,USD',
  '2024-01-08 03:00:00,Speech,NONE,USD',
  '2024-01-08 03:00:00,Survey,LOW,EUR',
]

/** A folder with `news.csv`. */
function folderWith(lines: readonly string[] = EVENTS): string {
  const folder = tempFolder()
  writeFileSync(join(folder, 'news.csv'), [HEADER, ...lines].join('\n'))
  return folder
}

/** A calendar of {@link EVENTS} without the one of impact NONE. */
async function calendar(): Promise<string> {
  const cwd = folderWith()
  const { path } = await importNews({ file: 'news.csv', impactMap: { NONE: 'skip' }, out: 'calendar.parquet', cwd })
  return path
}

const BARS = 48

/** A long signal on each of 48 bars of five minutes from 2024-01-08 00:00 on; nothing is ever closed. */
function run(filter: object, options: RunOptions = {}) {
  const config: BacktestConfigInput = Object.assign(
    { ...EXAMPLE },
    { account: { account_currency: 'USD', max_positions: 100 }, news_filter: filter },
  )
  const direction = new Int8Array(BARS).fill(1)
  const strategy = signals({ direction, stopLoss: new Float64Array(BARS).fill(1.09) })
  const data = smallDataset(Array.from({ length: BARS }, () => [1.1, 1.1001, 1.0999, 1.1] as const))
  return runBacktest(config, { data, strategy, costs: NO_COSTS, symbolSpecs: SPECS, ...options })
}

const FILTER = { enabled: true, minutes_before: 10, minutes_after: 15, min_impact: 'medium' } as const

describe('importNews', () => {
  it('writes a calendar and says what became of the rows', async () => {
    const cwd = folderWith([...EVENTS, EVENTS[0] ?? ''])
    const report = await importNews({ file: 'news.csv', impactMap: { none: 'skip' }, out: 'a/b.parquet', cwd })
    expect(report).toMatchObject({
      rows_in: 4,
      rows_out: 2,
      skipped: { NONE: 1 },
      repeated: 1,
      derived_ids: 3,
      impacts: { HIGH: 1, LOW: 1 },
      currencies: { USD: 1, EUR: 1 },
      path: join(cwd, 'a', 'b.parquet'),
      first_time: '2024-01-08T01:00:00Z',
      // 2024-01-08T03:00Z: 1 704 672 000 s is midnight.
      last_time_ns: '1704682800000000000',
    })
    const again = await failureOf(() => importNews({ file: 'news.csv', out: 'a/b.parquet', cwd }))
    expect(again).toMatchObject({ code: 'IMPORT_EXISTS' })
    const overwritten = await importNews({
      file: ['news.csv'],
      impactMap: { NONE: 'skip' },
      out: 'a/b.parquet',
      overwrite: true,
      cwd,
    })
    expect(overwritten.sha256).toBe(report.sha256)
  })

  it('names line, value and remedy of a row that it cannot take', async () => {
    const none = await failureOf(() => importNews({ file: 'news.csv', out: 'x.parquet', cwd: folderWith() }))
    expect(none).toMatchObject({ code: 'NEWS_IMPACT', category: 'market_data', details: { value: 'NONE', row: 1 } })
    expect(dig(none.details, 'source', 'line')).toBe(3)
    expect(none.hint).toContain('impactMap')
    const cwd = folderWith(['13/01/2024 10:00:00,A,LOW,USD'])
    const date = await failureOf(() => importNews({ file: 'news.csv', out: 'x.parquet', cwd }))
    expect(date).toMatchObject({ code: 'IMPORT_PARSE', details: { line: 2, text: '13/01/2024 10:00:00' } })
    expect(date.hint).toContain('dayFirst')
    expect(await importNews({ file: 'news.csv', out: 'x.parquet', cwd, dayFirst: true })).toMatchObject({ rows_out: 1 })
    const money = folderWith(['2024-01-08 01:00,A,LOW,Euro'])
    expect(await failureOf(() => importNews({ file: 'news.csv', out: 'x.parquet', cwd: money }))).toMatchObject({
      code: 'NEWS_CURRENCY',
      details: { value: 'EURO' },
    })
    const missing = await failureOf(() => importNews({ file: 'no.csv', out: 'x.parquet', cwd: money }))
    expect(missing).toMatchObject({ code: 'IMPORT_FILE_NOT_FOUND' })
    expect(entriesOf(money)).toEqual(['news.csv'])
  })

  it.each([
    [{ file: [] }, 'file'],
    [{ impactMap: ['NONE'] }, 'impactMap'],
    [{ impactMap: { NONE: 'ignore' } }, 'NONE=ignore'],
    [{ dayFirst: 'yes' }, 'dayFirst'],
    [{ impact_map: {} }, 'impact_map'],
  ])('refuses %j', async (change, says) => {
    const input: ImportNewsInput = Object({ file: 'news.csv', out: 'x.parquet', cwd: folderWith(), ...change })
    const error = await failureOf(() => importNews(input))
    expect(error).toMatchObject({ code: 'ARG_INVALID', category: 'usage' })
    expect(error.message).toContain(says)
  })

  it('can be aborted', async () => {
    const input = { file: 'news.csv', out: 'x.parquet', cwd: folderWith() }
    expect(await failureOf(() => importNews(input, { signal: AbortSignal.abort() }))).toMatchObject({ code: 'ABORTED' })
  })
})

describe('news_filter', () => {
  it('refuses signals around events, both ends included, and enters the manifest', async () => {
    const news = await calendar()
    const result = await run(FILTER, { news })
    // 01:00, ten minutes before and fifteen after: decisions at 00:50, 00:55, … 01:15.
    expect(result.rejectionCounts.news_blocked).toBe(6)
    const blocked = [...result.rejections].filter((row) => row.reason === 'news_blocked')
    expect(blocked.map((row) => row.bar_index)).toEqual([9, 10, 11, 12, 13, 14])
    // The low event of 03:00 as well: 02:50 … 03:15.
    expect((await run({ ...FILTER, min_impact: 'low' }, { news })).rejectionCounts.news_blocked).toBe(12)
    expect((await run({ ...FILTER, currencies: ['GBP'] }, { news })).rejectionCounts.news_blocked).toBeUndefined()
    // Events from 01:00 to 03:00 do not cover January.
    expect(result.warnings.map(({ code }) => code)).toContain('DATA_W_NEWS_COVERAGE')
    expect(dig(result.meta, 'host', 'paths', 'news')).toEqual({ path: news, origin: 'option' })

    const outputDir = join(tempFolder(), 'out')
    const written = await run(FILTER, { news, outputDir })
    const manifest = entriesOf(join(outputDir, 'manifests'))
    expect(manifest).toEqual([`${written.manifestSha256}.json`])
    expect(written.manifestSha256).toBe(result.manifestSha256)
    expect((await run({ enabled: false })).manifestSha256).not.toBe(result.manifestSha256)
  })

  it('takes the calendar from the environment', async () => {
    const news = await calendar()
    process.env.OMEGA_NEWS_CALENDAR_FILE = news
    try {
      const result = await run(FILTER)
      expect(result.rejectionCounts.news_blocked).toBe(6)
      expect(dig(result.meta, 'host', 'paths', 'news', 'origin')).toBe('env')
    } finally {
      delete process.env.OMEGA_NEWS_CALENDAR_FILE
    }
  })

  it('opens no calendar while it is off, and says so if one was named', async () => {
    const result = await run({ enabled: false }, { news: '/no/such/calendar.parquet' })
    expect(result.rejectionCounts.news_blocked).toBeUndefined()
    const remark = result.warnings.find(({ path }) => path === 'news_filter.enabled')
    expect(remark?.code).toBe('CFG_W_NO_EFFECT')
    expect(dig(result.meta, 'host', 'paths', 'news')).toBeUndefined()
  })

  it('needs a calendar that is there and readable', async () => {
    const missing = await failureOf(() => run(FILTER, { cwd: tempFolder() }))
    expect(missing).toMatchObject({
      code: 'NEWS_FILE_NOT_FOUND',
      category: 'market_data',
      details: { origin: 'default' },
    })
    expect(missing.message).toContain('news_calender_history.parquet')
    expect(missing.hint).toContain('import-news')
    const text = join(folderWith(), 'news.csv')
    expect(await failureOf(() => run(FILTER, { news: text }))).toMatchObject({ code: 'NEWS_PARSE' })
    const number: RunOptions = Object({ news: 5 })
    expect(await failureOf(() => run(FILTER, number))).toMatchObject({ code: 'ARG_INVALID' })
  })
})

describe('omega data import-news', () => {
  it('writes to the usual place, where a run finds it', () => {
    const folder = folderWith()
    const args = ['data', 'import-news', '--file', 'news.csv', '--impact-map', 'NONE=skip', 'HOLIDAY=high']
    const { status, document } = omegaJson(args, { cwd: folder })
    expect(status).toBe(0)
    expect(dig(document, 'data', 'rows_out')).toBe(2)
    expect(existsSync(join(folder, 'data', 'news', 'news_calender_history.parquet'))).toBe(true)
    expect(omega(args, { cwd: folder }).stderr).toContain('IMPORT_EXISTS')
    const text = omega([...args, '--overwrite', '--out', 'other.parquet'], { cwd: folder })
    expect(text.status).toBe(0)
    expect(text.stdout).toContain('imported 2 events')
  })

  it.each([
    [['--file', 'news.csv'], 1, 'NEWS_IMPACT'],
    [['--file', 'no.csv'], 2, 'IMPORT_FILE_NOT_FOUND'],
    [['--file', 'news.csv', '--impact-map', 'NONE'], 5, 'NONE=skip'],
    [['--file', 'news.csv', '--impact-map', 'NONE=skip', '--impact-map', 'NONE=low'], 5, 'twice'],
    [['--file', 'news.csv', '--impact-map', 'NONE=never'], 5, 'NONE=never'],
    [[], 5, '--file'],
  ])('ends with a message for %j', (args, status, says) => {
    const done = omega(['data', 'import-news', ...args], { cwd: folderWith() })
    expect(done.status).toBe(status)
    expect(done.stderr).toContain(says)
  })

  it('is missed by a run: exit code 2 for a file that was named, 1 for the usual place', () => {
    const folder = tempFolder()
    const generate = ['data', 'generate', '--symbol', 'EURUSD', '--timeframe', 'H1', '--bars', '500', '--seed', '1']
    expect(omega(generate, { cwd: folder }).status).toBe(0)
    const config = {
      ...EXAMPLE,
      strategy_name: 'mean_reversion_z_score',
      start_date: '2020-01-13',
      end_date: '2020-01-20',
      timeframes: { primary: 'H1' },
      strategy_parameters: { enabled_scenarios: [1] },
      news_filter: { enabled: true },
    }
    writeFileSync(join(folder, 'config.json'), JSON.stringify(config))
    const named = omega(['run', 'config.json', '--news', 'no.parquet'], { cwd: folder })
    expect(named.status).toBe(2)
    expect(named.stderr).toContain('NEWS_FILE_NOT_FOUND')
    expect(omega(['run', 'config.json'], { cwd: folder }).status).toBe(1)
  })
})

describe.skipIf(!HAS_REAL)('The real calendar of 2008 and 2009', () => {
  it('is imported as its description says, and keeps a real run out of the market', async () => {
    const root = tempFolder()
    const out = join(root, 'news.parquet')
    const report = await importNews({ file: real('news-2008-2009.csv.gz'), impactMap: { NONE: 'skip' }, out })
    // 5 901 events, 257 of them NONE, three exact duplicates of which one is NONE.
    expect(report).toMatchObject({ rows_in: 5_901, rows_out: 5_642, skipped: { NONE: 257 }, repeated: 2 })
    await importData({
      symbol: 'EURUSD',
      timeframe: 'H1',
      bid: real('EURUSD_H1_BID.csv.gz'),
      ask: real('EURUSD_H1_ASK.csv.gz'),
      root,
    })
    const result = await runBacktest(
      {
        ...EXAMPLE,
        strategy_name: 'mean_reversion_z_score',
        start_date: '2008-02-01',
        end_date: '2009-05-31',
        warmup_bars: 300,
        timeframes: { primary: 'H1' },
        account: { account_currency: 'USD', max_positions: 50 },
        strategy_parameters: { enabled_scenarios: [1], z_score_long: -1.5, z_score_short: 1.5 },
        news_filter: { enabled: true, min_impact: 'medium', minutes_before: 60, minutes_after: 30 },
      },
      { data: root, news: out },
    )
    expect(result.warnings.map(({ code }) => code)).not.toContain('DATA_W_NEWS_COVERAGE')
    // The text of the calendar, read apart from the importer: euro and dollar events of impact MEDIUM or HIGH.
    const text = gunzipSync(readFileSync(real('news-2008-2009.csv.gz'))).toString()
    const events = text
      .split('\n')
      .filter((line) => /,(MEDIUM|HIGH),(EUR|USD)$/.test(line))
      .map((line) => Date.parse(`${line.slice(0, 10)}T${line.slice(11, 19)}Z`))
    const minute = 60_000
    const isBlocked = (decision: number) =>
      events.some((event) => event - 60 * minute <= decision && decision <= event + 30 * minute)
    const refused = [...result.rejections].filter(({ reason }) => reason === 'news_blocked')
    const accepted = [...result.trades].map((_, i) => Number(result.trades.meta(i).decision_time_ns) / 1e6)
    expect(refused.length).toBeGreaterThan(20)
    expect(accepted.length).toBeGreaterThan(20)
    expect(refused.filter(({ timestamp }) => !isBlocked(timestamp.getTime() + 60 * minute))).toEqual([])
    expect(accepted.filter(isBlocked)).toEqual([])
  })
})
