import { type Findings, joined } from './issue.ts'

/** A JSON object whose members are not known yet. */
export type JsonObject = { [key: string]: unknown }

/** Is `value` an object and neither an array nor `null`? */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const DEEPEST = 100

/**
 * A copy of `value` that shares nothing with it and holds JSON only. Members that are `undefined` are left out.
 * What JSON cannot hold is reported as `CFG_TYPE` and becomes `undefined` in the copy.
 */
export function plainCopy(value: unknown, findings: Findings, path = '', above: readonly object[] = []): unknown {
  const refuse = (received: string, expected = 'a JSON value') => {
    findings.issue(path, 'CFG_TYPE', `${path} must be ${expected}`, { expected, received })
    return undefined
  }
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : refuse(String(value), 'a finite number')
  if (typeof value !== 'object') return refuse(`a ${typeof value}`)
  if (above.includes(value)) return refuse('a cycle')
  if (above.length > DEEPEST) return refuse(`more than ${DEEPEST} levels`)
  const around = [...above, value]
  if (Array.isArray(value)) {
    return Array.from(value, (element, index) => {
      const at = joined(path, index)
      return element === undefined ? refuseHole(findings, at) : plainCopy(element, findings, at, around)
    })
  }
  if (!isPlain(value)) return refuse(`an instance of ${value.constructor?.name ?? 'a class'}`)
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return Object.fromEntries(
    members.map(([key, member]) => [key, plainCopy(member, findings, joined(path, key), around)]),
  )
}

/** Freezes `value` and everything below it. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const member of Object.values(value)) deepFreeze(member)
  }
  return value
}

/** Do two JSON values say the same? The order of members does not count. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((element, index) => sameJson(element, b[index]))
  }
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a)
    return (
      keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
    )
  }
  return a === b
}

function refuseHole(findings: Findings, path: string): undefined {
  findings.issue(path, 'CFG_TYPE', `${path} must be a JSON value`, { expected: 'a JSON value', received: 'undefined' })
}

function isPlain(value: object): boolean {
  // Objects of another realm (a vm context, a test runner) have another Object.prototype.
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
