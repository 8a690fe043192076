import { OmegaError } from '../errors.ts'
import type { ArtifactValue } from '../head.ts'

/**
 * JSON text of an artifact: two spaces, keys sorted by code point, bigint as bare digits, numbers as ECMAScript prints
 * them, one newline at the end.
 *
 * @throws {OmegaError} `OUT_CONTRACT` for a number that is not finite.
 */
export function stringifyArtifact(value: ArtifactValue): string {
  return `${print(value, '', '')}\n`
}

/**
 * JSON text of a value on one line, as {@link stringifyArtifact} but without spaces.
 *
 * @throws {OmegaError} `OUT_CONTRACT` for a number that is not finite.
 */
export function artifactLine(value: ArtifactValue): string {
  return `${compact(value)}\n`
}

function compact(value: ArtifactValue): string {
  if (value === null || typeof value !== 'object') return print(value, '', '')
  if (isList(value)) return `[${value.map(compact).join(',')}]`
  const fields = Object.keys(value)
    .sort(byCodePoint)
    .flatMap((key) => {
      const item = value[key]
      return item === undefined ? [] : [`${JSON.stringify(key)}:${compact(item)}`]
    })
  return `{${fields.join(',')}}`
}

function print(value: ArtifactValue, indent: string, path: string): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) {
      throw new OmegaError('OUT_CONTRACT', `${path || 'the value'} is ${value}; artifacts hold finite numbers only`, {
        category: 'output',
        details: { path },
      })
    }
    return String(value === 0 ? 0 : value)
  }
  const inner = `${indent}  `
  if (isList(value)) {
    if (value.length === 0) return '[]'
    return `[\n${value.map((item, i) => inner + print(item, inner, `${path}[${i}]`)).join(',\n')}\n${indent}]`
  }
  const lines: string[] = []
  for (const key of Object.keys(value).sort(byCodePoint)) {
    const item = value[key]
    if (item === undefined) continue
    lines.push(`${inner}${JSON.stringify(key)}: ${print(item, inner, path ? `${path}.${key}` : key)}`)
  }
  return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n${indent}}`
}

function isList(value: readonly ArtifactValue[] | object): value is readonly ArtifactValue[] {
  return Array.isArray(value)
}

/** Order of code points; plain string comparison orders UTF-16 units, which differs beyond the basic plane. */
export function byCodePoint(a: string, b: string): number {
  const [left, right] = [[...a], [...b]]
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[[\]{}:,]/g
const MARK = '\u0000ns:'

/**
 * Reads artifact JSON without loss: integers under keys that end in `_ns` become bigint.
 *
 * @throws {SyntaxError} as `JSON.parse`.
 */
export function parseArtifactJson(text: string): ArtifactValue {
  let key = ''
  let previous = ''
  const marked = text.replace(TOKEN, (token, offset: number) => {
    if (token[0] === '"') {
      previous = token
      return token
    }
    if (token === ':') key = previous
    else if (isInteger(token) && key.endsWith('_ns"') && precededByColon(text, offset))
      return JSON.stringify(MARK + token)
    return token
  })
  return JSON.parse(marked, (name, value: unknown) =>
    typeof value === 'string' && name.endsWith('_ns') && value.startsWith(MARK)
      ? BigInt(value.slice(MARK.length))
      : value,
  )
}

function isInteger(token: string): boolean {
  return /^-?\d+$/.test(token)
}

function precededByColon(text: string, offset: number): boolean {
  let i = offset - 1
  while (i >= 0 && /\s/.test(text[i] ?? '')) i -= 1
  return text[i] === ':'
}

/** The same value with every bigint as decimal text, so that `JSON.stringify` takes it. */
export function withoutBigInt(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return value.map(withoutBigInt)
  if (value instanceof Date) return value.toISOString()
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutBigInt(item)]))
  }
  return value
}
