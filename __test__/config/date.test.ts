import { describe, expect, it } from 'vitest'
import { dateRangeNs, normalDate } from '../../api/config/date.ts'
import { codesOf, issuesOf, parsed } from './support.ts'

const DAY_NS = 86_400_000_000_000n
// 2021-01-01 is 18 628 days after 1970-01-01: 51 years of 365 days and 13 leap days.
const NEW_YEAR_2021 = 18_628n * DAY_NS

describe('dates', () => {
  it.each([
    // By hand, from the table of config.md 5: as start, as end, normal form.
    ['2021-01-01', 0n, DAY_NS - 1n, '2021-01-01'],
    ['2021-01-01T00:00:00Z', 0n, 0n, '2021-01-01T00:00:00Z'],
    ['2021-01-01T10:30Z', 37_800_000_000_000n, 37_800_000_000_000n, '2021-01-01T10:30:00Z'],
    ['2021-01-01T10:30', 37_800_000_000_000n, 37_800_000_000_000n, '2021-01-01T10:30:00Z'],
    ['2021-01-01 10:30:00', 37_800_000_000_000n, 37_800_000_000_000n, '2021-01-01T10:30:00Z'],
    ['2021-01-01T12:30:00+02:00', 37_800_000_000_000n, 37_800_000_000_000n, '2021-01-01T10:30:00Z'],
    ['2020-12-31T19:00:00-05:30', 1_800_000_000_000n, 1_800_000_000_000n, '2021-01-01T00:30:00Z'],
    ['2021-01-01T00:00:00.5Z', 500_000_000n, 500_000_000n, '2021-01-01T00:00:00.5Z'],
    ['2021-01-01T00:00:00.120000000Z', 120_000_000n, 120_000_000n, '2021-01-01T00:00:00.12Z'],
    ['2021-01-01T00:00:00.000000001Z', 1n, 1n, '2021-01-01T00:00:00.000000001Z'],
    ['2021-01-01T00:00:00.000Z', 0n, 0n, '2021-01-01T00:00:00Z'],
  ])('reads %s', (text, start, end, normal) => {
    expect(dateRangeNs(text, text)).toEqual({ startNs: NEW_YEAR_2021 + start, endNs: NEW_YEAR_2021 + end })
    expect(normalDate(text)).toBe(normal)
    expect(normalDate(normal)).toBe(normal)
  })

  it.each([
    '2021-02-29', // not a leap year
    '2021-13-01',
    '2021-00-10',
    '2021-04-31',
    '2021-01-01T24:00:00Z',
    '2021-01-01T10:60Z',
    '2016-12-31T23:59:60Z', // a leap second
    '2021-01-01T10:00:00.1234567890Z', // ten decimals
    '2021-01-01T10:00:00.Z',
    '2021-01-01T10Z',
    '2021-01-01T10:00:00+0200',
    '2021-01-01T10:00:00+24:00',
    '2021-01-01Z',
    '2021-1-1',
    '01.01.2021',
    '1969-12-31',
    '1970-01-01T00:00:00+00:01', // 23:59 of the day before
    '2262-01-01',
    '2261-12-31T23:59:59-00:01', // 00:00:59 of the day after
    '',
  ])('refuses %j', (date) => {
    expect(codesOf({ start_date: date })).toContain('start_date: CFG_DATE_INVALID')
    expect(codesOf({ end_date: date })).toContain('end_date: CFG_DATE_INVALID')
  })

  it('accepts the first and the last day, and one day alone', () => {
    const { config } = parsed({ start_date: '1970-01-01', end_date: '2261-12-31' })
    expect([config.start_date, config.end_date]).toEqual(['1970-01-01', '2261-12-31'])
    expect(codesOf({ start_date: '2020-02-29', end_date: '2020-02-29' })).toEqual([])
  })

  it('compares instants, not texts', () => {
    // 23:00 at +02:00 is 21:00 UTC, before 22:00 UTC.
    expect(codesOf({ start_date: '2021-01-01T22:00Z', end_date: '2021-01-01T23:00+02:00' })).toEqual([
      'end_date: CFG_DATE_ORDER',
    ])
    expect(codesOf({ start_date: '2021-01-01T23:00+02:00', end_date: '2021-01-01T22:00Z' })).toEqual([])
  })

  it('says which form is right', () => {
    expect(issuesOf({ start_date: '30 Feb' })[0]).toMatchObject({
      path: 'start_date',
      message: expect.stringContaining('YYYY-MM-DD'),
      received: '30 Feb',
    })
    expect(codesOf({ start_date: 20210101 })).toEqual(['start_date: CFG_TYPE'])
  })
})
