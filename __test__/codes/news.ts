import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { importNews } from '@omega/native'
import { type ParquetColumn, writeParquet } from '../parquet.ts'
import { tempFolder } from '../support.ts'
import type { Cases } from './case.ts'
import { type Columns, candles, changed, hours, rootOf, trade } from './market.ts'

const CALENDAR: Columns = Object.fromEntries(
  [
    { name: 'UTC time', type: 'timestamp', values: hours(0, 1) } as const,
    { name: 'Id', type: 'text', values: ['a', 'b'] } as const,
    { name: 'Name', type: 'text', values: ['Rates', 'Speech'] } as const,
    { name: 'Impact', type: 'text', values: ['HIGH', 'LOW'] } as const,
    { name: 'Currency', type: 'text', values: ['USD', 'EUR'] } as const,
  ].map((column) => [column.name, column]),
)

/** A run of three hours with a calendar file that holds these columns, or this text. */
function run(content: Columns | string) {
  const news = join(tempFolder(), 'calendar.parquet')
  if (typeof content === 'string') writeFileSync(news, content)
  else writeParquet(news, Object.values(content))
  return trade(rootOf(candles(1.1)), 3, { news_filter: { enabled: true } }, { news })
}

function running(changes: Readonly<Record<string, Partial<ParquetColumn> | undefined>>) {
  return () => run(changed(CALENDAR, changes))
}

/** Imports a calendar of one event. */
function importing(row: string) {
  const cwd = tempFolder()
  writeFileSync(join(cwd, 'news.csv'), `Start,Name,Impact,Currency\n${row}\n`)
  return importNews({ file: 'news.csv', out: 'calendar.parquet', cwd })
}

/** Errors of the news calendar, data.md 14: as their twins of candles, with the prefix "news calendar:". */
export const NEWS_ERRORS: Cases = {
  NEWS_FILE_NOT_FOUND: {
    error: () => trade(rootOf(candles(1.1)), 3, { news_filter: { enabled: true } }, { news: 'none.parquet' }),
    says: [/^news calendar: data file not found: .*none\.parquet/, '"origin":"option"'],
    hint: 'omega data import-news',
  },
  NEWS_PARSE: {
    error: () => run('text, not Parquet'),
    says: /^news calendar: not a readable Parquet file: .*calendar\.parquet/,
    hint: 'omega data import-news',
  },
  NEWS_MISSING_COLUMN: {
    error: running({ Impact: undefined }),
    says: [/^news calendar: column 'Impact' is missing in .*calendar\.parquet/, '["UTC time","Id","Name","Currency"]'],
    hint: "'Impact'",
  },
  NEWS_COLUMN_TYPE: {
    error: running({ Currency: { type: 'double', values: [1, 2] } }),
    says: /^news calendar: column 'Currency' in .*calendar\.parquet has type Float64, expected /,
    hint: 'omega data import-news',
  },
  NEWS_TIMEZONE: {
    error: running({ 'UTC time': { type: 'local' } }),
    says: /^news calendar: column 'UTC time' in .*calendar\.parquet must be UTC, found /,
    hint: 'omega data import-news',
  },
  NEWS_NULL: {
    error: running({ Impact: { values: ['HIGH', null] } }),
    says: /^news calendar: null in column 'Impact' at row 1 of .*calendar\.parquet/,
    hint: 'omega data import-news',
  },
  NEWS_EMPTY: {
    error: () => {
      const none = Object.entries(CALENDAR).map(([name, column]) => [name, { ...column, values: [] }] as const)
      return run(Object.fromEntries(none))
    },
    says: /^news calendar: .*calendar\.parquet has no rows/,
    hint: 'import the calendar again',
  },
  NEWS_OUT_OF_ORDER: {
    error: running({ 'UTC time': { values: hours(1, 0) } }),
    says: /go backwards at row 1 of .*calendar\.parquet: 2024-01-08T00:00:00Z after 2024-01-08T01:00:00Z/,
    hint: 'sort the rows',
  },
  NEWS_IMPACT: {
    error: () => importing('2024-01-08 10:00:00,Speech,NONE,USD'),
    says: ["news calendar: impact 'NONE' at row 0 is not LOW, MEDIUM or HIGH", '"line":2'],
    hint: 'impactMap',
  },
  NEWS_CURRENCY: {
    error: running({ Currency: { values: ['USD', 'EURO'] } }),
    says: "news calendar: currency 'EURO' at row 1 is not a three-letter code",
    hint: 'omega data import-news',
  },
}

/** Warnings about the news calendar. */
export const NEWS_WARNINGS: Cases = {
  DATA_W_NEWS_COVERAGE: {
    warning: async () => (await run(CALENDAR)).warnings,
    says: ['2024-01-08T01:00:00Z', '2024-01-31T23:59:59.999999999Z'],
  },
}
