import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { OmegaError, Warning } from '@omega/native'
import { describe, expect, it } from 'vitest'
import { CODES, REJECTIONS } from '../api/catalogue.ts'
import { ISSUE_CODES, WARNING_CODES } from '../api/config/issue.ts'
import { CANDLE_ERRORS, CANDLE_WARNINGS } from './codes/candles.ts'
import { type Cases, type ElsewhereCase, type ErrorCase, type IssueCase, type Says, textOf } from './codes/case.ts'
import { CONFIG_ISSUES, CONFIG_WARNINGS } from './codes/configuration.ts'
import { IMPORT_ERRORS } from './codes/imports.ts'
import { MONEY_ERRORS } from './codes/money.ts'
import { NEWS_ERRORS, NEWS_WARNINGS } from './codes/news.ts'
import { OUTPUT_WARNINGS, PROGRAM_ERRORS } from './codes/programs.ts'
import { REFUSED } from './codes/rejections.ts'
import { at, dig, failureOf, REPOSITORY } from './support.ts'

const TABLES = [
  CANDLE_ERRORS,
  CANDLE_WARNINGS,
  NEWS_ERRORS,
  NEWS_WARNINGS,
  IMPORT_ERRORS,
  MONEY_ERRORS,
  CONFIG_ISSUES,
  CONFIG_WARNINGS,
  PROGRAM_ERRORS,
  OUTPUT_WARNINGS,
]
const CASES: Cases = Object.assign({}, ...TABLES)

/** Codes of this layer that are no issues of a configuration. */
const OWN = { CONFIG_INVALID: 'config', NATIVE_UNAVAILABLE: 'native' } as const

/** Every public code, with the category that an error of it has. */
const CATEGORIES = new Map<string, string>([
  ...Object.keys(ISSUE_CODES).map((code) => [code, 'config'] as const),
  ...Object.keys(WARNING_CODES).map((code) => [code, 'warning'] as const),
  ...Object.entries(OWN),
  ...CODES.map(({ code, category }) => [code, category] as const),
])

function expectSays(text: string, says: Says): void {
  for (const part of [says].flat()) {
    if (typeof part === 'string') expect(text).toContain(part)
    else expect(text).toMatch(part)
  }
}

async function expectError(code: string, { error, says, hint }: ErrorCase): Promise<void> {
  const failure = await failureOf(error)
  expect(failure.code, textOf(failure)).toBe(code)
  expect(failure.category).toBe(CATEGORIES.get(code))
  expectSays(textOf(failure), says)
  expect(failure.message.length).toBeLessThanOrEqual(300)
  if (hint !== false) expectSays(failure.hint ?? '', hint)
}

interface Issue {
  path: string
  code: string
  message: string
  hint?: string
}

/** An issue stands in the details of an error whose code is its own or `CONFIG_INVALID`. */
async function expectIssue(code: string, { issue, path, says, hint }: IssueCase): Promise<void> {
  const failure: OmegaError = await failureOf(issue)
  expect(['CONFIG_INVALID', code], textOf(failure)).toContain(failure.code)
  expect(failure.category).toBe('config')
  const issues: Issue[] = Array.isArray(failure.details.issues) ? failure.details.issues : []
  const found = issues.find((one) => one.code === code && one.path === path)
  expect(found, JSON.stringify(issues)).toBeDefined()
  expectSays(JSON.stringify(found).replaceAll('\\"', '"'), says)
  if (hint !== undefined) expectSays(found?.hint ?? '', hint)
  // One line of it stands in the message, too.
  expect(failure.message).toContain(at(issues, 0).message.slice(0, 40))
}

function expectElsewhere(code: string, { because, tested, as = code }: ElsewhereCase): void {
  expect(because.length).toBeGreaterThan(20)
  if (tested === false) return
  const file = join(REPOSITORY, tested)
  if (existsSync(join(REPOSITORY, 'crates'))) expect(readFileSync(file, 'utf8')).toContain(as)
}

describe('Public codes', () => {
  it('have a case each: a new one without a case fails here', () => {
    expect(Object.keys(CASES).sort()).toEqual([...CATEGORIES.keys()].sort())
    expect(TABLES.reduce((sum, table) => sum + Object.keys(table).length, 0)).toBe(CATEGORIES.size)
  })

  it.each(Object.entries(CASES))('%s', async (code, one) => {
    if ('error' in one) return expectError(code, one)
    if ('issue' in one) return expectIssue(code, one)
    if ('because' in one) return expectElsewhere(code, one)
    const warnings: readonly Warning[] = await one.warning()
    const found = warnings.find((warning) => warning.code === code && (one.path ?? warning.path) === warning.path)
    expect(found, JSON.stringify(warnings)).toBeDefined()
    expect(CATEGORIES.get(code)).toBe('warning')
    expectSays(found?.message ?? '', one.says)
  })
})

describe('Rejections of orders', () => {
  it('have a case each: a new one without a case fails here', () => {
    expect(Object.keys(REFUSED)).toEqual(REJECTIONS.map(({ code }) => code))
  })

  it.each(REJECTIONS)('$code: $text', async ({ code, text }) => {
    const one = REFUSED[code]
    if (one === undefined) throw new Error(`no case for ${code}`)
    if ('because' in one) return expectElsewhere(code, one)
    const { rejections, rejectionCounts, meta } = await one.run()
    expect(rejectionCounts).toEqual({ [code]: 1 })
    expect(dig(meta, 'run', 'rejection_counts')).toEqual({ [code]: 1 })
    const [row] = rejections
    expect(row).toMatchObject({ order_id: one.order, bar_index: one.bar, reason: code })
    expect(row?.detail).toContain(text)
    if (one.figure !== undefined) expect(row?.detail).toContain(`(${one.figure})`)
  })
})
