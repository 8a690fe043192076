import { OmegaError } from './errors.ts'
import { suggestion } from './suggest.ts'

/** Says what would be right if a value is not; nothing if it is. */
export type Check = (value: unknown) => string | undefined

/** Checks by name; those of `required` must be present. */
export interface Checks {
  known: Readonly<Record<string, Check>>
  required?: readonly string[]
}

/**
 * Checks an object of arguments before anything is done with it.
 *
 * @param what how the object is called in messages: `option`, `generateData: `
 * @throws {OmegaError} `ARG_INVALID` that names the field, what is right and what was given.
 */
export function checkArguments(what: string, value: unknown, { known, required = [] }: Checks): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(`${what}s`, 'an object', value)
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined) continue
    const check = Object.hasOwn(known, name) ? known[name] : undefined
    if (!check) {
      throw new OmegaError('ARG_INVALID', `unknown ${what} '${name}'`, {
        category: 'usage',
        details: { [what]: name },
        hint: suggestion(name, Object.keys(known)),
      })
    }
    const expected = check(field)
    if (expected !== undefined) throw invalid(`${what} '${name}'`, expected, field)
  }
  for (const name of required) {
    const field: unknown = Reflect.get(value, name)
    if (field === undefined) throw invalid(`${what} '${name}'`, known[name]?.(undefined) ?? 'given', field)
  }
}

function invalid(what: string, expected: string, received: unknown): OmegaError {
  const given = shown(received)
  return new OmegaError('ARG_INVALID', `${what} must be ${expected}, got ${given}`, {
    category: 'usage',
    details: { what, expected, received: given },
  })
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (typeof value === 'string') return `'${value.length > 60 ? `${value.slice(0, 59)}…` : value}'`
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return typeof value === 'function' ? 'a function' : String(value)
}

/** `expected`, unless it holds. */
export function expect(holds: boolean, expected: string): string | undefined {
  return holds ? undefined : expected
}

export const isText: Check = (value) => expect(typeof value === 'string' && value.trim() !== '', 'a text')
export const isFolder: Check = (value) => expect(typeof value === 'string' && value !== '', 'a folder')
export const isBoolean: Check = (value) => expect(typeof value === 'boolean', 'true or false')
export const isNumber: Check = (value) => expect(typeof value === 'number' && Number.isFinite(value), 'a finite number')
export const isPositive: Check = (value) =>
  expect(typeof value === 'number' && Number.isFinite(value) && value > 0, 'a number above 0')

/** A whole number between two bounds, both included. */
export function isInteger(min: number, max: number): Check {
  return (value) =>
    expect(
      typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max,
      `a whole number from ${min} to ${max}`,
    )
}

/** One of a closed set of texts. */
export function oneOf(...choices: readonly string[]): Check {
  return (value) =>
    expect(
      choices.some((choice) => choice === value),
      `one of ${choices.join(', ')}`,
    )
}

/** A file. */
export const isFile: Check = (value) => expect(isText(value) === undefined, 'a file')

/** One or several files. */
export const isFiles: Check = (value) =>
  expect(
    isText(value) === undefined ||
      (Array.isArray(value) && value.length > 0 && value.every((f) => isText(f) === undefined)),
    'a file or a list of files',
  )

/** A file, or its content. */
export const isFileOrObject: Check = (value) =>
  expect(
    isText(value) === undefined || (typeof value === 'object' && value !== null && !Array.isArray(value)),
    'a file or an object',
  )

/** A bar length. */
export const isTimeframe = oneOf('M1', 'M5', 'M15', 'M30', 'H1', 'H4', 'D1', 'W1')

/** A list of bar lengths. */
export const isTimeframes: Check = (value) =>
  expect(
    Array.isArray(value) && value.length > 0 && value.every((item) => isTimeframe(item) === undefined),
    'a list of M1, M5, M15, M30, H1, H4, D1, W1',
  )

/** How gaps are counted. */
export const isCalendar = oneOf('fx', 'always', 'none')

/** Options of every call that takes long. */
export const JOB_CHECKS = {
  signal: (value: unknown) => expect(value instanceof AbortSignal, 'an AbortSignal'),
  onProgress: (value: unknown) => expect(typeof value === 'function', 'a function'),
} as const satisfies Record<string, Check>

/** Number of threads. */
export const isThreads = isInteger(1, 1_024)
