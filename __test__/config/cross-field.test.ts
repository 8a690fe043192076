import { describe, expect, it } from 'vitest'
import { codesOf, issuesOf, parsed, warningsOf } from './support.ts'

const parity = { execution_variant: 'v1_parity' }

// The table of config.md 6.
describe('rules between fields', () => {
  it('R1: the start is not after the end', () => {
    expect(codesOf({ start_date: '2022-01-01' })).toEqual(['end_date: CFG_DATE_ORDER'])
  })

  it('R2: v1_parity needs run_mode dev', () => {
    expect(codesOf(parity)).toEqual([])
    expect(codesOf({ ...parity, run_mode: 'prod' })).toEqual(['execution_variant: CFG_CONFLICT'])
  })

  it('R3: what is not built yet is parsed and hashed, not refused', () => {
    expect(codesOf({ data_mode: 'tick' })).toEqual([])
    expect(codesOf({ trade_management: { stop_update_policy: 'apply_immediate' } })).toEqual([])
    expect(parsed({ data_mode: 'tick' }).hash).not.toBe(parsed().hash)
  })

  it('R4: timeframes that are made of the primary one are longer', () => {
    const aggregated = (primary: string, additional: string[]) => ({
      timeframes: { primary, additional, additional_source: 'aggregate_from_primary' },
    })
    expect(codesOf(aggregated('M5', ['M15', 'h1', 'M5', 'W1']))).toEqual([])
    expect(codesOf(aggregated('H1', ['M5', 'D1', 'M30']))).toEqual(['timeframes.additional: CFG_CONFLICT'])
    expect(issuesOf(aggregated('H1', ['M5', 'D1', 'M30']))).toMatchObject([
      { message: 'timeframes.additional asks for M5, M30, which cannot be made of the primary timeframe H1' },
    ])
    // A timeframe that does not exist is said first.
    expect(codesOf(aggregated('H1', ['M5', 'M7']))).toEqual(['timeframes.additional[1]: CFG_TIMEFRAME'])
    expect(codesOf({ timeframes: { primary: 'H1', additional: ['M5'] } })).toEqual([])
  })

  it('R5: enabled false beats use_position_manager true', () => {
    const strategy_parameters = { use_position_manager: true }
    expect(parsed({ strategy_parameters }).config.trade_management.enabled).toBe(true)
    const { config } = parsed({ strategy_parameters, trade_management: { enabled: false } })
    expect(config.trade_management.enabled).toBe(false)
    expect(warningsOf({ strategy_parameters, trade_management: { enabled: false } })).toEqual([
      'trade_management.enabled: CFG_W_CONFLICT_RESOLVED',
    ])
  })

  it('R6: the currencies of the news filter must be known', () => {
    const enabled = { news_filter: { enabled: true } }
    expect(codesOf(enabled)).toEqual([])
    expect(codesOf({ ...enabled, symbol: 'US500.CASH' })).toEqual(['news_filter.currencies: CFG_RANGE'])
    expect(codesOf({ symbol: 'US500.CASH', news_filter: { enabled: true, currencies: ['usd'] } })).toEqual([])
    expect(codesOf({ symbol: 'US500.CASH' })).toEqual([])
  })

  it('R7: both names of the profiling mode must agree', () => {
    const observability = { profiling_mode: true }
    expect(codesOf({ observability, profiling: true })).toEqual([])
    expect(codesOf({ observability, profiling: { enabled: false } })).toEqual(['profiling.enabled: CFG_CONFLICT'])
    expect(codesOf({ observability, profiling: false })).toEqual(['profiling: CFG_CONFLICT'])
  })

  it('R8: the warm-up fits in 64-bit nanoseconds', () => {
    // By hand: (2^63 - 1) / (7 * 86 400 * 10^9) = 15 250.28…; with D1 106 751.99…; with H1 2 562 047 > 1 000 000.
    expect(codesOf({ warmup_bars: 15_250, timeframes: { primary: 'W1' } })).toEqual([])
    expect(codesOf({ warmup_bars: 15_251, timeframes: { primary: 'W1' } })).toEqual(['warmup_bars: CFG_RANGE'])
    expect(codesOf({ warmup_bars: 106_752, timeframes: { primary: 'M5', additional: ['H1', 'D1'] } })).toEqual([
      'warmup_bars: CFG_RANGE',
    ])
    expect(codesOf({ warmup_bars: 1_000_000, timeframes: { primary: 'H1' } })).toEqual([])
  })

  it('R9: there is no least number of bars', () => {
    expect(codesOf({ start_date: '2021-01-01', end_date: '2021-01-01', warmup_bars: 0 })).toEqual([])
  })

  it('R10: v1_parity knows no spread multiplier and no rule but the holding time', () => {
    expect(codesOf({ ...parity, costs: { spread_multiplier: 1.5 } })).toEqual(['costs.spread_multiplier: CFG_CONFLICT'])
    const trigger = { mode: 'r', value: 1 }
    expect(codesOf({ ...parity, trade_management: { rules: { break_even: { trigger } } } })).toEqual([
      'trade_management.rules.break_even: CFG_CONFLICT',
    ])
    const rules = { max_holding_time: { max_holding_minutes: 60 } }
    expect(codesOf({ ...parity, trade_management: { rules } })).toEqual([])
  })

  it('R11: scores in v1_parity need run_mode dev', () => {
    const metrics = { robustness: { scores_variant: 'v1_parity' } }
    expect(codesOf({ metrics })).toEqual([])
    expect(codesOf({ metrics, run_mode: 'prod' })).toEqual(['metrics.robustness.scores_variant: CFG_CONFLICT'])
  })

  it('v1_parity takes later fields only with their defaults', () => {
    const later = {
      account: { sizing: { kind: 'risk_percent', percent: 1 } },
      execution: { market_fill: 'next_open', on_opposite: 'reverse' },
      data: { quotes: 'single' },
    }
    expect(codesOf(later)).toEqual([])
    expect(codesOf({ ...parity, ...later })).toEqual([
      'account.sizing: CFG_CONFLICT',
      'data.quotes: CFG_CONFLICT',
      'execution.market_fill: CFG_CONFLICT',
      'execution.on_opposite: CFG_CONFLICT',
    ])
  })

  it('are checked beside wrong values, but never on them', () => {
    const changes = {
      ...parity,
      run_mode: 'prod',
      start_date: '2022-01-01',
      end_date: 'soon',
      costs: { fee_multiplier: -1 },
    }
    expect(codesOf(changes)).toEqual([
      'costs.fee_multiplier: CFG_RANGE',
      'end_date: CFG_DATE_INVALID',
      'execution_variant: CFG_CONFLICT',
    ])
    // run_mode itself is wrong, so nothing is said about what would follow from it.
    expect(codesOf({ ...parity, run_mode: 'x' })).toEqual(['run_mode: CFG_ENUM'])
    const rules = { session_end: {} }
    expect(codesOf({ sessions: [{ start: 'x', end: '10:00' }], trade_management: { rules } })).toEqual([
      'sessions[0].start: CFG_FORMAT',
    ])
  })

  it('name both fields', () => {
    expect(issuesOf({ ...parity, costs: { spread_multiplier: 2 } })[0]?.message).toBe(
      "execution_variant 'v1_parity' needs costs.spread_multiplier 1",
    )
  })
})
