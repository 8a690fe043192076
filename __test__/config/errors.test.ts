import { describe, expect, it } from 'vitest'
import { OmegaError } from '../../api/errors.ts'

describe('OmegaError', () => {
  it('carries code, category, details, hint and cause', () => {
    const cause = new Error('x')
    const error = new OmegaError('DATA_READ', 'cannot read x', { details: { path: 'x' }, hint: 'check', cause })
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({
      name: 'OmegaError',
      code: 'DATA_READ',
      category: 'market_data',
      hint: 'check',
      cause,
    })
    expect(JSON.parse(JSON.stringify(error))).toEqual({
      code: 'DATA_READ',
      category: 'market_data',
      message: 'cannot read x',
      details: { path: 'x' },
      hint: 'check',
    })
    expect(String(error)).toBe('OmegaError: cannot read x')
  })

  it('has no hint and no cause unless there is one', () => {
    const error = new OmegaError('ABORTED', 'cancelled')
    expect(error).not.toHaveProperty('hint')
    expect(error).not.toHaveProperty('cause')
    expect(error.details).toEqual({})
  })

  it.each([
    ['CONFIG_INVALID', 'config'],
    ['CFG_UNSUPPORTED', 'config'],
    ['ARG_INVALID', 'usage'],
    ['NATIVE_UNAVAILABLE', 'native'],
    ['IMPORT_PARSE', 'market_data'],
    ['costs_file_missing', 'execution'],
    ['SIGNALS_LENGTH', 'strategy'],
    ['OUT_EXISTS', 'output'],
    ['INTERNAL', 'runtime'],
  ])('%s belongs to %s', (code, category) => {
    expect(new OmegaError(code, 'x').category).toBe(category)
  })

  it('is made from a failure of the core', () => {
    const failure = { code: 'IND_PARAM', category: 'runtime', message: 'period 0', details: { period: 0 }, hint: null }
    const error = OmegaError.fromFailure(failure)
    expect(error).toMatchObject({ code: 'IND_PARAM', category: 'runtime', details: { period: 0 } })
    expect(error).not.toHaveProperty('hint')
    expect(OmegaError.fromFailure({ code: 'DATA_READ', category: '?', message: 'x' }).category).toBe('market_data')
  })
})
