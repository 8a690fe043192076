import { OmegaError } from '../errors.ts'

/**
 * The RFC 8785 (JCS) text of a JSON value: keys sorted by UTF-16 code units, no white space, numbers in ECMAScript
 * form. Properties that are `undefined` are left out, as in `JSON.stringify`.
 *
 * @throws {OmegaError} `ARG_INVALID` for what JSON cannot hold: NaN, infinities, bigint, functions, symbols.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((element) => canonicalJson(element)).join(',')}]`
  if (typeof value === 'object') {
    // The default order of sort() is the one of RFC 8785: UTF-16 code units.
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`)
    return `{${members.join(',')}}`
  }
  const name = typeof value === 'number' ? String(value) : `a ${typeof value}`
  throw new OmegaError('ARG_INVALID', `JSON cannot hold ${name}`)
}
