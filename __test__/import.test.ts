import { mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type ImportDataInput, importData, loadDataset, type OmegaError, type Progress } from '@omega/native'
import { describe, expect, it } from 'vitest'
import { dig, entriesOf, failureOf, HAS_REAL, omega, omegaJson, real, tempFolder } from './support.ts'

type Options = Partial<ImportDataInput>

/** A file with this content in a fresh folder. */
function file(content: string | Uint8Array, name = 'source.csv'): string {
  const path = join(tempFolder(), name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  return path
}

/** EURUSD M1 with options on top. */
function input(options: Options): ImportDataInput {
  return { symbol: 'EURUSD', timeframe: 'M1', ...options }
}

/** The bid bars that an import makes: ISO time, then open, high, low, close, volume. */
async function bars(options: Options): Promise<unknown[][]> {
  const root = tempFolder()
  const request = input(options)
  await importData({ ...request, root })
  const { symbol, timeframe, single } = request
  const quotes = single === undefined ? 'bid_ask' : 'single'
  const dataset = await loadDataset({ symbol, timeframes: [timeframe], root, quotes })
  const { time, bid } = dataset.series(timeframe)
  const rows = Array.from(time, (ns, i) => [
    new Date(Number(ns / 1_000_000n)).toISOString(),
    ...[bid.open, bid.high, bid.low, bid.close, bid.volume].map((column) => column?.[i]),
  ])
  dataset.close()
  return rows
}

async function refusal(options: Options): Promise<OmegaError> {
  const root = tempFolder()
  const error = await failureOf(() => importData({ ...input(options), root }))
  expect(entriesOf(root)).toEqual([])
  return error
}

// The bar 1.1, 1.2, 1.0, 1.15 at 10:00 UTC on 2 January 2024 (1 704 189 600 s), as every format writes it.
const BAR = ['2024-01-02T10:00:00.000Z', 1.1, 1.2, 1, 1.15]
const HEADER = 'Open,High,Low,Close,Volume'
const VALUES = '1.1,1.2,1.0,1.15,7'

describe('An export of bars', () => {
  it.each<[string, string, Options, number]>([
    ['native', `UTC time,${HEADER}\n2024-01-02 10:00:00+00:00,${VALUES}\n`, {}, 7],
    ['generic', 'close;low;high;open;date\n1.15;1.0;1.2;1.1;2024-01-02T11:00+01:00\n', {}, 0],
    ['dukascopy-web', `Gmt time,${HEADER}\n02.01.2024 10:00:00.000,${VALUES}\n`, {}, 7],
    ['dukascopy-local', `Local time,${HEADER}\n02.01.2024 11:00:00.000 GMT+0100,${VALUES}\n`, {}, 7],
    ['dukascopy-jforex', `Time (UTC),${HEADER} \n2024.01.02 10:00:00,${VALUES}\n`, {}, 7],
    ['dukascopy-etc-utc', `Etc/UTC,${HEADER}\n2024-01-02T10:00:00+00:00,${VALUES}\n`, {}, 7],
    [
      'dukascopy-node',
      `timestamp,open,high,low,close\n1704189600000,1.1,1.2,1.0,1.15\n`,
      { format: 'dukascopy-node' },
      0,
    ],
    ['histdata-ascii-m1', '20240102 050000;1.1;1.2;1.0;1.15;7\n', {}, 7],
    ['histdata-mt', `2024.01.02,05:00,${VALUES}\n`, { format: 'histdata-mt' }, 7],
    [
      'mt5-bars',
      '<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\n2024.01.02\t12:00:00\t1.1\t1.2\t1.0\t1.15\t7\t0\t3\n',
      { timezone: 'ny+7' },
      7,
    ],
  ])('of the format %s becomes the bar that it shows', async (format, text, options, volume) => {
    expect(await bars({ single: file(text), ...options })).toEqual([[...BAR, volume]])
    // Packed, under its name.
    const packed = file(gzipSync(text), 'source.csv.gz')
    const root = tempFolder()
    const report = await importData({ ...input({ single: packed, ...options, format }), root })
    expect(dig(report, 'sources', 0)).toMatchObject({ side: 'single', path: packed, format, rows: 1 })
    expect(dig(report, 'files', 0, 'rows')).toBe(1)
  })

  it('of MetaTrader makes an ask of its spread column, and says so', async () => {
    const root = tempFolder()
    const bid = file(
      '<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<TICKVOL>,<VOL>,<SPREAD>\n2024.01.02,12:00:00,1.1,1.2,1.0,1.15,7,0,30\n',
    )
    const report = await importData({ ...input({ bid, timezone: 'ny+7', point: 0.00001 }), root })
    expect(report.ask_source).toBe('column SPREAD times 0.00001')
    const dataset = await loadDataset({ symbol: 'EURUSD', timeframes: ['M1'], root })
    expect(dataset.series('M1').ask?.close).toEqual(Float64Array.of(1.15 + 30 * 0.00001))
  })

  it('in Parquet is read by the same rules: our own files come back as they are', async () => {
    const root = tempFolder()
    await importData({ ...input({ single: file(`UTC time,${HEADER}\n2024-01-02 10:00,${VALUES}\n`) }), root })
    expect(await bars({ single: join(root, 'EURUSD', 'EURUSD_M1.parquet') })).toEqual([[...BAR, 7]])
  })

  it('of Dukascopy loses the flat bars of its weekends, unless told otherwise', async () => {
    // 6 January 2024 is a Saturday.
    const single = file(`Gmt time,${HEADER}\n02.01.2024 10:00:00.000,${VALUES}\n06.01.2024 10:00:00.000,1,1,1,1,0\n`)
    expect(await bars({ single })).toHaveLength(1)
    expect(await bars({ single, dropFlat: 'none' })).toHaveLength(2)
  })
})

describe('An export of ticks', () => {
  // Bids 1.1, 1.3, 1.2 within a minute: first, highest, lowest, last, and three ticks.
  const made = [['2024-01-02T10:00:00.000Z', 1.1, 1.3, 1.1, 1.2, 3]]

  it.each<[string, string, Options]>([
    [
      'dukascopy-ticks',
      'Gmt time,Ask,Bid,AskVolume,BidVolume\n02.01.2024 10:00:01.000,1.2,1.1,1,1\n02.01.2024 10:00:02.000,1.4,1.3,1,1\n02.01.2024 10:00:59.999,1.3,1.2,1,1\n',
      {},
    ],
    [
      'histdata-ascii-ticks',
      '20240102 050001000,1.1,1.2,0\n20240102 050002000,1.3,1.4,0\n20240102 050059999,1.2,1.3,0\n',
      {},
    ],
    [
      'mt5-ticks',
      '<DATE>\t<TIME>\t<BID>\t<ASK>\t<LAST>\t<VOLUME>\t<FLAGS>\n2024.01.02\t12:00:01.000\t1.1\t1.4\t\t\t6\n2024.01.02\t12:00:02.000\t1.3\t\t\t\t2\n2024.01.02\t12:00:59.999\t1.2\t\t\t\t2\n',
      { timezone: 'ny+7' },
    ],
    [
      'generic-ticks',
      'ms_since_midnight_utc,bid,ask\n36001000,1.1,1.2\n36002000,1.3,1.4\n36059999,1.2,1.3\n',
      { date: '2024-01-02' },
    ],
    [
      'generic-ticks',
      'at;b;a\n1704189601;1.1;1.2\n1704189602;1.3;1.4\n1704189659;1.2;1.3\n',
      { timeColumn: 'at', timeUnit: 's', bidColumn: 'b', askColumn: 'a' },
    ],
  ])('of the format %s becomes bars of both sides', async (format, text, options) => {
    const ticks = file(text)
    expect(await bars({ ticks, ...options })).toEqual(made)
    const report = await importData({ ...input({ ticks, ...options, format }), root: tempFolder() })
    expect(report.ticks).toEqual({ rows: 3, repeated: 0 })
    expect(dig(report, 'sources', 0)).toMatchObject({ side: 'both', format })
  })

  it('may be several files and one of them packed', async () => {
    const head = 'time,bid,ask\n'
    const late = file(gzipSync(`${head}2024-01-02T10:00:59Z,1.2,1.3\n`), 'late.csv.gz')
    const early = file(`${head}2024-01-02T10:00:01Z,1.1,1.2\n2024-01-02T10:00:02Z,1.3,1.4\n`)
    expect(await bars({ ticks: [late, early] })).toEqual(made)
  })

  it('tells its progress and can be stopped at any time, leaving nothing', { retry: 2 }, async () => {
    const ticks = join(tempFolder(), 'large.csv')
    const handle = openSync(ticks, 'w')
    writeSync(handle, 'time,bid,ask\n')
    for (let block = 0; block < 300; block++) {
      const rows = Array.from({ length: 10_000 }, (_, i) => `${1_704_067_200 + block * 10_000 + i},1.1${i},1.2${i}\n`)
      writeSync(handle, rows.join(''))
    }
    const seen: Progress[] = []
    const root = tempFolder()
    const options = input({ ticks, timeUnit: 's' })
    await importData({ ...options, root }, { onProgress: (progress) => seen.push(progress) })
    const shares = seen.map(({ done, total }) => done / total)
    expect(new Set(seen.map(({ phase }) => phase))).toEqual(new Set(['import']))
    expect(shares.filter((share) => share > 0 && share < 0.8).length).toBeGreaterThan(2)
    expect(shares).toEqual([...shares].sort((a, b) => a - b))

    const abort = new AbortController()
    const other = tempFolder()
    let since = 0
    const stop = () => {
      since = performance.now()
      abort.abort()
    }
    const pending = importData({ ...options, root: other }, { signal: abort.signal, onProgress: stop })
    expect((await failureOf(() => pending)).code).toBe('ABORTED')
    expect(performance.now() - since).toBeLessThan(200)
    expect(entriesOf(other)).toEqual([])
  })
})

describe('What cannot be imported says where it stands and what to do', () => {
  const generic = (rows: string) => file(`time,open,high,low,close\n${rows}`)
  const row = '2024-01-02T10:00Z,1.1,1.2,1.0,1.15\n'
  const pair = () => ({ bid: generic(row), ask: generic('2024-01-02T10:00Z,1.0,1.2,1.0,1.2\n') })

  it.each<[string, () => Options, RegExp, Record<string, unknown>, RegExp]>([
    ['IMPORT_FILE_NOT_FOUND', () => ({ bid: 'none.csv' }), /none\.csv/, {}, /check the path/],
    ['IMPORT_FORMAT', () => ({ single: file('a,b\n1,2\n') }), /first line 'a,b' fits no format/, {}, /format/],
    ['IMPORT_FORMAT', () => ({ single: generic(row), format: 'metastock' }), /no format 'metastock'/, {}, /candidates/],
    ['IMPORT_FORMAT', () => ({ single: file('') }), /the file is empty/, {}, /CSV text in UTF-8/],
    [
      'IMPORT_PARSE',
      () => ({ single: generic(`${row}2024-01-02T10:01Z,1.1,x,1.0,1.15\n`) }),
      /line 3 of .*high 'x' is not a finite number/,
      { line: 3, column: 'high', text: 'x' },
      /plain decimal numbers/,
    ],
    [
      'IMPORT_PARSE',
      () => ({ ticks: file('time,bid,ask\n2024-01-02T10:00Z,1.1,0\n') }),
      /line 2 of .*ask '0' is not a price above 0/,
      { line: 2, column: 'ask', text: '0' },
      /leave a side without a quote blank/,
    ],
    [
      'IMPORT_TIMEZONE_REQUIRED',
      () => ({ single: generic(row.replace('Z', '')) }),
      /line 2 of .*'2024-01-02T10:00' has no offset/,
      { line: 2, text: '2024-01-02T10:00' },
      /give timezone.*ny\+7/,
    ],
    [
      'IMPORT_LOCAL_TIME',
      // Berlin set its clocks back from 03:00 to 02:00 on 27 October 2024.
      () => ({ single: generic(row.replace('2024-01-02T10:00Z', '2024-10-27 02:30')), timezone: 'Europe/Berlin' }),
      /line 2 of .*'2024-10-27 02:30' is ambiguous in Europe\/Berlin/,
      { line: 2, text: '2024-10-27 02:30', problem: 'ambiguous' },
      /fixed offset/,
    ],
    [
      'IMPORT_CROSSED',
      pair,
      /1 of 1 bars are crossed .*onCrossed can be/,
      { bars: 1, opens: 1, closes: 0 },
      /onCrossed/,
    ],
    [
      'IMPORT_DROP_LIMIT',
      () => ({ ...pair(), onCrossed: 'drop' }),
      /1 crossed bars of 1 .* the limit of 1 %/,
      { dropped: 1, limit: 0.01 },
      /raise maxDrop/,
    ],
    [
      'IMPORT_DUPLICATE_DIVERGENT',
      () => ({ single: generic(row + row.replace('1.15', '1.16')) }),
      /2024-01-02T10:00:00Z.*line 2 of .*line 3 of/,
      { time_ns: '1704189600000000000', first: expect.objectContaining({ line: 2 }) },
      /remove one/,
    ],
    ['IMPORT_ASK_MISSING', () => ({ bid: generic(row) }), /EURUSD M1.*bid side only/, {}, /askFromSpread/],
    [
      'DATA_READ',
      () => ({ single: file(gzipSync(`time,open,high,low,close\n${row.repeat(99)}`).subarray(0, 60), 'cut.csv.gz') }),
      /cut\.csv\.gz/,
      {},
      /fetch it again/,
    ],
    ['DATA_READ', () => ({ single: tempFolder() }), /it is a folder/, {}, /name the files in it/],
    [
      'DATA_PARSE',
      () => ({ single: file('PAR1 and no more') }),
      /not a readable Parquet file/,
      {},
      /damaged or cut short/,
    ],
  ])('%s (%#)', async (code, options, message, details, hint) => {
    const error = await refusal(options())
    expect(error).toMatchObject({ code, category: 'market_data', details })
    expect(error.message).toMatch(message)
    expect(error.hint).toMatch(hint)
  })

  it('IMPORT_EXISTS leaves what is there as it is', async () => {
    const root = tempFolder()
    await importData({ ...input({ single: generic(row) }), root })
    const error = await failureOf(() => importData({ ...input({ single: generic(row) }), root }))
    expect(error).toMatchObject({ code: 'IMPORT_EXISTS', hint: expect.stringContaining('overwrite') })
    expect(error.message).toContain('EURUSD_M1.parquet')
    await importData({ ...input({ single: generic(row) }), root, overwrite: true })
    expect(entriesOf(join(root, 'EURUSD'))).toEqual(['EURUSD_M1.parquet'])
  })

  it('IMPORT_WRITE names the target', async () => {
    const error = await failureOf(() => importData({ ...input({ single: generic(row) }), root: file('not a folder') }))
    expect(error).toMatchObject({ code: 'IMPORT_WRITE', hint: expect.stringContaining('data root') })
    expect(error.message).toContain('EURUSD_M1.parquet')
  })

  it.each<[Options, RegExp]>([
    [{}, /no source: give bid \(with ask\), single or ticks/],
    [{ ticks: 'a', bid: 'b' }, /ticks = given/],
    [{ ticks: 'a', label: 'close' }, /label = given: ticks have no label/],
    [{ ticks: 'a', askFromSpread: 1, pipSize: 0.0001 }, /askFromSpread = given: ticks have an ask/],
    [{ single: 'a', bidColumn: 'b' }, /bidColumn = given: it is about ticks/],
    [{ ticks: 'a', date: '08.05.2014' }, /date = 08\.05\.2014: is not a day such as 2014-05-08/],
    [{ ticks: 'a', format: 'dukascopy-web' }, /format = dukascopy-web: .*give them as bid, ask or single/],
    [{ single: 'a', format: 'mt5-bars', timeColumn: 'x' }, /timeColumn = given: mt5-bars says/],
  ])('contradictory options are ARG_INVALID (%#)', async (options, message) => {
    const error = await refusal(options)
    expect(error).toMatchObject({ code: 'ARG_INVALID', category: 'usage' })
    expect(error.message).toMatch(message)
  })
})

describe('omega data import', () => {
  it('takes ticks and names options as flags', () => {
    const folder = tempFolder()
    writeFileSync(join(folder, 't.csv'), 'ms,b,a\n36001000,1.1,1.2\n36002000,1.3,1.4\n')
    const args = ['data', 'import', '--symbol', 'eurusd', '--timeframe', 'm5', '--ticks', 't.csv', '--data-root', 'd']
    const columns = ['--time-column', 'ms', '--bid-column', 'b', '--ask-column', 'a']
    const refused = omega([...args, ...columns, '--timezone', 'UTC'], { cwd: folder })
    expect(refused.status).toBe(1)
    expect(refused.stderr).toMatch(/error IMPORT_FORMAT: .*'36001000' in line 2 is a number of unknown unit/)
    expect(refused.stderr).toMatch(/generic-ticks with --time-unit s/)
    expect(refused.stderr).toMatch(/hint: .*--bid-column/)
    const done = omegaJson([...args, ...columns, '--timezone', 'UTC', '--date', '2024-01-02'], { cwd: folder })
    expect(done.status).toBe(0)
    expect(dig(done.document, 'data', 'files', 1)).toMatchObject({
      relative_path: 'EURUSD/EURUSD_M5_ASK.parquet',
      rows: 1,
      first_time: '2024-01-02T10:00:00Z',
    })
  })
})

describe.skipIf(!HAS_REAL)('The ticks of 8 May 2014', () => {
  it('become the minute bars that their publisher made of them', async () => {
    const [made, published] = [tempFolder(), tempFolder()]
    const ticks = real('EURUSD_ticks_2014-05-08.csv.gz')
    await importData({ ...input({ ticks, date: '2014-05-08' }), root: made })
    const files = { bid: real('EURUSD_M1_2014-05_BID.csv.gz'), ask: real('EURUSD_M1_2014-05_ASK.csv.gz') }
    await importData({ ...input(files), root: published })
    const series = async (root: string) => {
      const dataset = await loadDataset({ symbol: 'EURUSD', timeframes: ['M1'], root })
      return dataset.series('M1')
    }
    const [ours, theirs] = [await series(made), await series(published)]
    expect(ours.time).toHaveLength(1_419)
    const first = theirs.time.indexOf(ours.time[0] ?? 0n)
    expect(theirs.time.slice(first, first + 1_419)).toEqual(ours.time)
    for (const side of ['bid', 'ask'] as const) {
      for (const field of ['open', 'high', 'low', 'close'] as const) {
        expect(ours[side]?.[field]).toEqual(theirs[side]?.[field].slice(first, first + 1_419))
      }
    }
  })
})
