import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../api/config/canonical.ts'

describe('canonicalJson', () => {
  it('sorts keys by UTF-16 code units', () => {
    // Example: the sorting sample of RFC 8785, 3.2.3; the emoji (a surrogate pair, D83D) sorts before U+FB33.
    const sample = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1F600}': 5, '\u0080': 6, '\u00f6': 7 }
    const order = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\u{1F600}', '\ufb33']
    expect(Object.keys(JSON.parse(canonicalJson(sample)))).toEqual(['1', ...order.filter((key) => key !== '1')])
    expect(canonicalJson(sample)).toBe(`{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\u{1F600}":5,"\ufb33":3}`)
  })

  it('writes numbers and texts as ECMAScript does', () => {
    // Example: RFC 8785, 3.2.2.
    const numbers = [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001, -0, 10000.0, 1e-9]
    expect(canonicalJson(numbers)).toBe('[333333333.3333333,1e+30,4.5,0.002,1e-27,0,10000,1e-9]')
    expect(canonicalJson('\u20ac$\u000f\nA\'B"\\\\"/')).toBe('"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"')
  })

  it('leaves out undefined members and refuses what JSON cannot hold', () => {
    expect(canonicalJson({ b: undefined, a: null })).toBe('{"a":null}')
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1n, () => 0, undefined]) {
      expect(() => canonicalJson({ a: [value] })).toThrowError(expect.objectContaining({ code: 'ARG_INVALID' }))
    }
  })
})
