import { describe, expect, it } from 'vitest'
import { safeParseConfig } from '../../api/config/parse.ts'
import type { StrategyCheckRequest } from '../../api/config/strategy-check.ts'
import { codesOf, issuesOf, minimal, parsed } from './support.ts'

const sha256 = '0'.repeat(64)
const given = { name: 'signals', strategy: { form: 'signals', sha256 } } as const

/** What the check was asked. */
function asked(changes: object): StrategyCheckRequest[] {
  const requests: StrategyCheckRequest[] = []
  const checkStrategy = (request: StrategyCheckRequest) => {
    requests.push(request)
    return { issues: [], warnings: [] }
  }
  safeParseConfig({ ...minimal, ...changes }, { checkStrategy })
  return requests
}

describe('a registered strategy', () => {
  it('is asked once, with normal values and parameters as given', () => {
    const changes = {
      symbol: 'gbpusd',
      execution_variant: 'v1_parity',
      timeframes: { primary: 'm15', additional: ['h1'], stale_limit_bars: 3 },
      strategy_params: { htf_tf: ' d1' },
    }
    expect(asked(changes)).toEqual([
      {
        strategy_name: 'mean_reversion_z_score',
        strategy_parameters: { htf_tf: ' d1' },
        symbol: 'GBPUSD',
        primary: 'M15',
        additional: ['H1'],
        stale_limit_bars: 3,
        execution_variant: 'v1_parity',
      },
    ])
  })

  it('is asked even if other fields are wrong, but not without a name', () => {
    expect(asked({ symbol: undefined, timeframes: { primary: 'M7' } })).toMatchObject([{ primary: 'M5' }])
    expect(asked({ strategy_name: undefined })).toEqual([])
    expect(asked({ strategy_name: 7 })).toEqual([])
  })

  it('reports among the other issues', () => {
    const checkStrategy = () => ({
      issues: [
        {
          path: 'strategy_parameters.atr_mutl',
          code: 'CFG_STRATEGY_PARAM',
          message: 'unknown',
          reason: 'UNKNOWN_PARAM',
        } as const,
        { path: 'strategy_name', code: 'CFG_UNKNOWN_STRATEGY', message: 'unknown' } as const,
      ],
      warnings: [],
    })
    expect(codesOf({ warmup_bars: -1, symbol: 7 }, { checkStrategy })).toEqual([
      'strategy_name: CFG_UNKNOWN_STRATEGY',
      'strategy_parameters.atr_mutl: CFG_STRATEGY_PARAM',
      'symbol: CFG_TYPE',
      'warmup_bars: CFG_RANGE',
    ])
  })

  it('is judged by the core if no other check is given', () => {
    const result = safeParseConfig({ ...minimal, strategy_parameters: { atr_multt: 2 } })
    expect(result).toMatchObject({
      ok: false,
      issues: [{ path: 'strategy_parameters.atr_multt', code: 'CFG_STRATEGY_PARAM', reason: 'UNKNOWN_PARAM' }],
    })
  })
})

describe('a strategy of the options', () => {
  it('names the configuration that has no name', () => {
    expect(parsed({ strategy_name: undefined }, { given }).config.strategy_name).toBe('signals')
    expect(codesOf({ strategy_name: ' signals ' }, { given })).toEqual([])
    expect(issuesOf({ strategy_name: 'other' }, { given })).toMatchObject([
      { path: 'strategy_name', code: 'CFG_CONFLICT' },
    ])
  })

  it('enters the hash with its columns', () => {
    const { hash } = parsed({ strategy_name: 'signals' })
    const own = parsed({ strategy_name: undefined }, { given }).hash
    expect(own).not.toBe(hash)
    expect(parsed({ strategy_name: 'signals' }, { given }).hash).toBe(own)
    expect(parsed({ strategy_name: 'signals' }, { given, columns: { x: sha256 } }).hash).not.toBe(own)
  })

  it('has no parameters unless it brings a check', () => {
    const changes = { strategy_name: undefined, strategy_parameters: { a: 1 } }
    expect(issuesOf(changes, { given })).toMatchObject([
      { path: 'strategy_parameters.a', code: 'CFG_STRATEGY_PARAM', reason: 'UNKNOWN_PARAM' },
    ])
    const check = () => ({ issues: [], warnings: [] })
    expect(issuesOf(changes, { given: { ...given, check } })).toEqual([])
  })
})
