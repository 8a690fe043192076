import { describe, expect, it } from 'vitest'
import { briefly, codesOf, issuesOf, parsed } from './support.ts'

describe('aliases', () => {
  it.each([
    [{ schema_version: '2.0' }, 'schema_version', {}],
    [{ schema_version: 2 }, 'schema_version', {}],
    [{ strategy_params: { a: 1 } }, 'strategy_params', { strategy_parameters: { a: 1 } }],
    [{ strategy: { parameters: { a: 1 } } }, 'strategy.parameters', { strategy_parameters: { a: 1 } }],
    [
      { timeframes: { primary: 'M5', htf: 'h1' } },
      'timeframes.htf',
      { timeframes: { primary: 'M5', additional: ['H1'] } },
    ],
    [
      { timeframes: { primary: 'M5', htf: ['H1', 'H4'] } },
      'timeframes.htf',
      { timeframes: { primary: 'M5', additional: ['H1', 'H4'] } },
    ],
    [{ data_mode: 'parquet' }, 'data_mode', {}],
    [{ profiling: true }, 'profiling', { observability: { profiling_mode: true } }],
    [{ profiling: { enabled: true } }, 'profiling.enabled', { observability: { profiling_mode: true } }],
    [{ logging: { logging_mode: 'all' } }, 'logging.logging_mode', { logging: { logging_mode: 'full' } }],
  ])('%j is %s', (changes, path, canonical) => {
    const { config, hash, warnings } = parsed(changes)
    expect(briefly(warnings)).toEqual([`${path}: CFG_W_ALIAS`])
    expect(config).toEqual(parsed(canonical).config)
    expect(hash).toBe(parsed(canonical).hash)
  })

  it('agree with the canonical key or are refused', () => {
    expect(codesOf({ strategy_params: { a: 1 }, strategy_parameters: { a: 1 } })).toEqual([])
    expect(codesOf({ strategy_params: { a: 1 }, strategy_parameters: { a: 2 } })).toEqual([
      'strategy_params: CFG_CONFLICT',
    ])
    expect(codesOf({ strategy: { parameters: {} }, strategy_parameters: { a: 2 } })).toEqual([
      'strategy.parameters: CFG_CONFLICT',
    ])
    expect(codesOf({ timeframes: { primary: 'M5', htf: 'h1', additional: ['H1'] } })).toEqual([])
    expect(codesOf({ timeframes: { primary: 'M5', htf: 'H1', additional: ['H4'] } })).toEqual([
      'timeframes.htf: CFG_CONFLICT',
    ])
  })

  it('mean nothing if they are null', () => {
    const changes = {
      strategy_params: null,
      profiling: null,
      timeframes: { primary: 'M5', htf: null, additional: ['H1'] },
    }
    expect(briefly(parsed({ ...changes, strategy_parameters: { a: 1 } }).warnings)).toEqual([])
  })

  it('are the only change of type', () => {
    expect(codesOf({ schema_version: 3 })).toEqual(['schema_version: CFG_SCHEMA_VERSION'])
    expect(codesOf({ schema_version: true })).toEqual(['schema_version: CFG_TYPE'])
    expect(codesOf({ profiling: 'yes' })).toEqual(['profiling: CFG_TYPE'])
    expect(codesOf({ account: { max_positions: '1' } })).toEqual(['account.max_positions: CFG_TYPE'])
  })

  it('leave the rest of their object to the unknown keys', () => {
    const { warnings, config } = parsed({ strategy: { name: 'x', parameters: { a: 1 } } })
    expect(briefly(warnings)).toEqual(['strategy: CFG_W_UNKNOWN_KEY', 'strategy.parameters: CFG_W_ALIAS'])
    expect(config).toHaveProperty('strategy', { name: 'x' })
  })
})

describe('a configuration of Omega V1', () => {
  it.each([{ strategy: { module: 'mean_reversion.live', class: 'X' } }, { mode: 'candle', data_mode: undefined }])(
    'is recognised by %j',
    (changes) => {
      expect(issuesOf(changes)).toMatchObject([
        { path: '', code: 'CFG_V1_CONFIG', hint: expect.stringContaining('migrate') },
      ])
    },
  )

  it('is not seen in a V2 one with a stray key', () => {
    expect(codesOf({ mode: 'candle' })).toEqual([])
  })
})
