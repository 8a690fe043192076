import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ImportDataInput, importData } from '@omega/native'
import { tempFolder } from '../support.ts'
import type { Cases } from './case.ts'

const ROW = '2024-01-02T10:00Z,1.1,1.2,1.0,1.15'

/** A file with one row of minutes in the generic format. */
function file(...rows: readonly string[]): string {
  const path = join(tempFolder(), 'source.csv')
  writeFileSync(path, `time,open,high,low,close\n${rows.join('\n')}\n`)
  return path
}

function importing(options: () => Partial<ImportDataInput>) {
  return () => importData({ symbol: 'EURUSD', timeframe: 'M1', root: tempFolder(), ...options() })
}

const crossed = () => ({ bid: file(ROW), ask: file('2024-01-02T10:00Z,1.0,1.2,1.0,1.2') })

/** Errors of imports, decisions.md 12. */
export const IMPORT_ERRORS: Cases = {
  IMPORT_FILE_NOT_FOUND: {
    error: importing(() => ({ single: 'none.csv' })),
    says: 'none.csv',
    hint: 'check the path',
  },
  IMPORT_FORMAT: {
    error: importing(() => ({ single: file(ROW), format: 'metastock' })),
    says: "no format 'metastock'",
    hint: 'candidates',
  },
  IMPORT_PARSE: {
    error: importing(() => ({ single: file(ROW, '2024-01-02T10:01Z,1.1,x,1.0,1.15') })),
    says: [/line 3 of .*source\.csv/, "'x'", '"column":"high"'],
    hint: 'decimal numbers',
  },
  IMPORT_TIMEZONE_REQUIRED: {
    error: importing(() => ({ single: file(ROW.replace('Z', '')) })),
    says: [/line 2 of .*source\.csv/, "'2024-01-02T10:00'"],
    hint: 'timezone',
  },
  IMPORT_LOCAL_TIME: {
    // New York set its clocks from 02:00 to 03:00 on 10 March 2024.
    error: importing(() => ({
      single: file(ROW.replace('2024-01-02T10:00Z', '2024-03-10 02:30')),
      timezone: 'America/New_York',
    })),
    says: [/line 2 of .*source\.csv/, "'2024-03-10 02:30'", 'America/New_York'],
    hint: 'fixed offset',
  },
  IMPORT_CROSSED: { error: importing(crossed), says: ['1 of 1 bars are crossed', '"opens":1'], hint: 'onCrossed' },
  IMPORT_DROP_LIMIT: {
    error: importing(() => ({ ...crossed(), onCrossed: 'drop' })),
    says: ['1 crossed bars of 1', 'the limit of 1 %'],
    hint: 'maxDrop',
  },
  IMPORT_DUPLICATE_DIVERGENT: {
    error: importing(() => ({ single: file(ROW, ROW.replace('1.15', '1.16')) })),
    says: [/2024-01-02T10:00:00Z.*line 2 of .*line 3 of /],
    hint: 'remove one',
  },
  IMPORT_ASK_MISSING: {
    error: importing(() => ({ bid: file(ROW) })),
    says: ['EURUSD M1', 'bid side only'],
    hint: 'askFromSpread',
  },
  IMPORT_EXISTS: {
    error: async () => {
      const twice = importing.bind(undefined, () => ({ single: file(ROW), root }))
      const root = tempFolder()
      await twice()()
      await twice()()
    },
    says: 'EURUSD_M1.parquet',
    hint: 'overwrite',
  },
  IMPORT_WRITE: {
    error: importing(() => ({ single: file(ROW), root: file(ROW) })),
    says: 'EURUSD_M1.parquet',
    hint: 'data root',
  },
}
