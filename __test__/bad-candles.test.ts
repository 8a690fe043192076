import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type BacktestConfigInput,
  createDataset,
  type Dataset,
  importData,
  type OmegaError,
  runBacktest,
  signals,
} from '@omega/native'
import { describe, expect, it } from 'vitest'
import { BARS, command, refused } from './refusal.ts'
import {
  EXAMPLE,
  entriesOf,
  failureOf,
  issuesOf,
  MONDAY_NS,
  NO_COSTS,
  omega,
  SPECS,
  smallDataset,
  tempFolder,
} from './support.ts'

describe('Candle files', () => {
  it('that are missing are named, and end the command line with 1', async () => {
    const error = await refused({ symbol: 'GBPUSD', account: { account_currency: 'USD' } })
    expect(error).toMatchObject({ code: 'DATA_FILE_NOT_FOUND', category: 'market_data' })
    expect(error.message).toContain('GBPUSD/GBPUSD_H1_BID.parquet')
    const { status, document, left } = command({ timeframes: { primary: 'M5' } })
    expect(status).toBe(1)
    expect(document).toMatchObject({ ok: false, error: { code: 'DATA_FILE_NOT_FOUND' } })
    expect(left).toEqual([])
  })

  it.each([
    ['garbage', Buffer.from('this is not Parquet at all')],
    ['empty', Buffer.alloc(0)],
    ['the magic of Parquet and nothing else', Buffer.from('PAR1PAR1')],
    ['a length beyond the file', Buffer.from('PAR1aaaaaaaa\xff\xff\xff\x7fPAR1', 'latin1')],
  ])('with %s are DATA_PARSE and named', async (_, bytes) => {
    const folder = tempFolder()
    mkdirSync(join(folder, 'EURUSD'))
    for (const side of ['BID', 'ASK']) writeFileSync(join(folder, 'EURUSD', `EURUSD_H1_${side}.parquet`), bytes)
    const error = await refused({}, { data: folder })
    expect(error).toMatchObject({ code: 'DATA_PARSE', category: 'market_data' })
    expect(error.message).toContain('EURUSD_H1_BID.parquet')
  })

  it('outside the range of the run are told with both ranges', async () => {
    const error = await refused({ start_date: '1999-01-01', end_date: '1999-12-31' })
    expect(error.code).toBe('DATA_RANGE_EMPTY')
    expect(error.message).toContain('1999-01-01')
    expect(error.message).toContain('2020-01-06')
  })

  it('that are too short for the warm-up are DATA_INSUFFICIENT with both counts', async () => {
    const error = await refused({ start_date: '2020-01-06', warmup_bars: 100_000 })
    expect(error.code).toBe('DATA_INSUFFICIENT')
    expect(error.message).toContain('100001')
  })

  it('that cannot be imported are named with line and text', async () => {
    const folder = tempFolder()
    const file = join(folder, 'x.csv')
    const importing = (text: string, more: object = {}) => {
      writeFileSync(file, text)
      return failureOf(() =>
        importData({ symbol: 'EURUSD', timeframe: 'H1', single: file, root: join(folder, 'data'), ...more }),
      )
    }
    const header = 'UTC time,Open,High,Low,Close,Volume\n'
    const wrong = await importing(`${header}2020-01-06 00:00:00+00:00,1.1,1.2,1.0,abc,0\n`)
    expect(wrong.code).toBe('IMPORT_PARSE')
    expect(wrong.message).toMatch(/line 2.*abc/)
    expect((await importing('a,b\n1,2\n')).code).toBe('IMPORT_FORMAT')
    expect((await importing(`${header}2020-01-06 00:00:00+00:00,1.1,1.0,1.2,1.1,0\n`)).code).toBe('DATA_OHLC')
    const twice = '2020-01-06 00:00:00+00:00,1.1,1.2,1.0,1.1,0\n2020-01-06 00:00:00+00:00,1.1,1.2,1.0,1.15,0\n'
    expect((await importing(header + twice)).code).toBe('IMPORT_DUPLICATE_DIVERGENT')
    expect((await importing(`${header}2020-01-06 00:30:00+00:00,1.1,1.2,1.0,1.1,0\n`)).code).toBe('DATA_OFF_GRID')
    const missing = await failureOf(() =>
      importData({ symbol: 'EURUSD', timeframe: 'H1', bid: join(folder, 'none.csv'), root: folder }),
    )
    expect(missing.code).toBe('IMPORT_FILE_NOT_FOUND')
    expect(missing.message).toContain('none.csv')
    expect(entriesOf(join(folder, 'data'))).toEqual([])
    const { status } = omega(['data', 'import', '--symbol', 'X', '--timeframe', 'H1', '--single', 'none.csv'], {
      cwd: folder,
    })
    expect(status).toBe(2)
  })
})

describe('Candles in memory', () => {
  const column = (...values: number[]) => Float64Array.from(values)
  const flat = (...values: number[]) => ({
    open: column(...values),
    high: column(...values),
    low: column(...values),
    close: column(...values),
  })
  const times = (...steps: number[]) => BigInt64Array.from(steps, (step) => MONDAY_NS + BigInt(step) * 300_000_000_000n)
  const make = (time: BigInt64Array, bid: ReturnType<typeof flat>, ask?: ReturnType<typeof flat>) => () =>
    createDataset({ symbol: 'EURUSD', series: { M5: { time, bid, ...(ask ? { ask } : {}) } } })

  it.each([
    ['not a number', 'DATA_NON_FINITE', make(times(0, 1), flat(1.1, Number.NaN)), 'row 1'],
    ['infinite', 'DATA_NON_FINITE', make(times(0, 1), flat(Number.POSITIVE_INFINITY, 1)), 'row 0'],
    ['zero', 'DATA_NON_POSITIVE_PRICE', make(times(0, 1), flat(1.1, 0)), 'row 1'],
    ['crossed', 'DATA_INVALID_SPREAD', make(times(0, 1), flat(1.1, 1.2), flat(1.2, 1.1)), '1.2'],
    ['out of order', 'DATA_OUT_OF_ORDER', make(times(1, 0), flat(1.1, 1.2)), 'row 1'],
    ['two for one time', 'DATA_DUPLICATE_DIVERGENT', make(times(0, 0), flat(1.1, 1.2)), 'row 1'],
    ['off the grid', 'DATA_OFF_GRID', make(BigInt64Array.of(MONDAY_NS + 1n), flat(1.1)), 'M5'],
    ['with a high below the low', 'DATA_OHLC', make(times(0), { ...flat(1.1), high: column(1) }), 'row 0'],
    ['none at all', 'DATA_EMPTY', make(times(), flat()), 'EURUSD'],
  ])('that are %s are %s', async (_, code, work, says) => {
    const error = await failureOf(work)
    expect(error).toMatchObject({ code, category: 'market_data' })
    expect(error.message).toContain(says)
    expect(error.message).toContain('EURUSD')
  })

  it('of unequal length are refused with both lengths', async () => {
    const error = await failureOf(make(times(0, 1), { ...flat(1.1, 1.2), close: column(1) }))
    expect(error.code).toBe('ARG_INVALID')
    expect(error.message).toMatch(/close/)
    expect(error.message).toMatch(/\b1\b.*\b2\b|\b2\b.*\b1\b/)
  })

  it('of the wrong type are refused by name', async () => {
    const time: BigInt64Array = Object([0, 1])
    const error = await failureOf(make(time, flat(1.1, 1.2)))
    expect(error).toMatchObject({ code: 'ARG_INVALID', details: { path: 'series.M5.time' } })
  })

  it('that are a single bar cannot be traded after a warm-up of one', async () => {
    const error = await refusedOn(make(times(0), flat(1.1), flat(1.2))(), { warmup_bars: 1 }, 1)
    expect(error.code).toBe('DATA_INSUFFICIENT')
    expect(error.message).toMatch(/need 2.*have 1/)
  })

  it('of another symbol or another kind of quotes than the run are a conflict', async () => {
    expect(issuesOf(await refusedOn(smallDataset(BARS), { symbol: 'GBPUSD' }))).toEqual(['symbol: CFG_CONFLICT'])
    const single = make(times(0, 1, 2), flat(1.1, 1.1, 1.1))()
    expect((await refusedOn(single, {})).code).toMatch(/CFG_CONFLICT|CONFIG_INVALID/)
    expect((await refusedOn(smallDataset(BARS), { timeframes: { primary: 'H1' } })).code).toBe('CFG_CONFLICT')
  })
})

async function refusedOn(data: Dataset, changes: object, bars = 3): Promise<OmegaError> {
  const config: BacktestConfigInput = Object.assign({ ...EXAMPLE }, changes)
  const strategy = signals({ direction: new Int8Array(bars) })
  const symbolSpecs = { ...SPECS, GBPUSD: SPECS.EURUSD }
  return failureOf(() => runBacktest(config, { data, strategy, costs: NO_COSTS, symbolSpecs }))
}
