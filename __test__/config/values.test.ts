import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { safeParseConfig } from '../../api/config/parse.ts'
import { anyStrategy, briefly, codesOf, issuesOf, minimal, parsed } from './support.ts'

/** Warnings about how something was written; the normal form does not show it any more. */
const ABOUT_SPELLING = ['CFG_W_ALIAS', 'CFG_W_DEFAULTED', 'CFG_W_NORMALISED', 'CFG_W_EMPTY_SESSIONS']

describe('values', () => {
  it('are filled in as config.md says', () => {
    // Example: sections 2 and 3 of config.md, and strategies.md 1.
    expect(parsed().config).toMatchObject({
      execution_variant: 'v2',
      rng_seed: 42,
      warmup_bars: 500,
      sessions: null,
      timeframes: { primary: 'M5', additional: [], additional_source: 'separate_parquet', mapping_mode: 'close' },
      account: {
        initial_balance: 10000,
        account_currency: 'EUR',
        risk_per_trade: 100,
        max_positions: 1,
        sizing: { kind: 'risk' },
      },
      costs: { enabled: true, fee_multiplier: 1, pip_size: null, pip_buffer_factor: null },
      execution: {
        market_fill: 'signal_close',
        on_opposite: 'ignore',
        allowed_order_types: ['limit', 'market', 'stop'],
      },
      data: { quotes: 'bid_ask', spread_pips: 0 },
      strategy_parameters: {},
    })
  })

  it('take defaults for null in place of a block, at any depth', () => {
    const blocks = {
      account: null,
      costs: null,
      execution: null,
      news_filter: null,
      logging: null,
      observability: null,
    }
    const { config, warnings } = parsed({
      ...blocks,
      metrics: null,
      trade_management: null,
      data: null,
      strategy_parameters: null,
    })
    expect(config).toEqual(parsed().config)
    expect(warnings).toEqual([])
    expect(parsed({ account: { fx: null, sizing: null }, metrics: { robustness: null } }).config).toEqual(
      parsed().config,
    )
  })

  it('are trimmed and brought to their case', () => {
    const { config } = parsed({
      strategy_name: ' mean_reversion_z_score\n',
      symbol: ' gbpusd ',
      start_date: ' 2021-01-01 ',
      timeframes: { primary: ' h1 ', additional: ['d1 '] },
      account: { account_currency: ' usd' },
      news_filter: { min_impact: ' High ', currencies: ['eur'] },
      costs: {},
    })
    expect(config).toMatchObject({
      strategy_name: 'mean_reversion_z_score',
      symbol: 'GBPUSD',
      start_date: '2021-01-01',
      timeframes: { primary: 'H1', additional: ['D1'] },
      account: { account_currency: 'USD' },
      news_filter: { min_impact: 'high', currencies: ['EUR'] },
    })
  })

  it('keep strategy parameters as they are', () => {
    const strategy_parameters = { htf_tf: ' d1 ', nested: { A: ' x ' } }
    expect(parsed({ strategy_parameters }).config.strategy_parameters).toEqual(strategy_parameters)
  })

  it('have no seed of their own in prod', () => {
    expect(parsed({ run_mode: 'prod' }).config.rng_seed).toBeNull()
    expect(parsed({ run_mode: 'prod', rng_seed: 7 }).config.rng_seed).toBe(7)
    expect(parsed({ rng_seed: null }).config.rng_seed).toBe(42)
    expect(parsed({ rng_seed: 0 }).config.rng_seed).toBe(0)
    expect(codesOf({ rng_seed: Number.MAX_SAFE_INTEGER })).toEqual([])
  })

  it('store sets sorted and unique', () => {
    const execution = { allowed_order_types: ['stop', 'limit', 'stop'] }
    expect(parsed({ execution }).config.execution.allowed_order_types).toEqual(['limit', 'stop'])
  })
})

describe('sessions', () => {
  const sessionsOf = (sessions: object[] | null) => parsed({ sessions }).config.sessions

  it('store 24:00 as 00:00, without exact repeats', () => {
    const window = { start: '22:00', end: '24:00' }
    expect(sessionsOf([window, { start: ' 22:00', end: '00:00' }, { start: '21:00', end: '23:00' }])).toEqual([
      { start: '22:00', end: '00:00' },
      { start: '21:00', end: '23:00' },
    ])
    expect(sessionsOf([])).toBeNull()
    expect(sessionsOf(null)).toBeNull()
  })

  it('may cross midnight, cover the day and overlap', () => {
    expect(
      codesOf({
        sessions: [
          { start: '22:00', end: '06:00' },
          { start: '05:00', end: '05:00' },
        ],
      }),
    ).toEqual([])
  })

  it.each(['24:00', '7:00', '07:60', '07:00:00', '0700', ''])('refuse the start %j', (start) => {
    expect(codesOf({ sessions: [{ start, end: '12:00' }] })).toEqual(['sessions[0].start: CFG_FORMAT'])
  })

  it('take IANA time zones in any case and drop UTC', () => {
    const zoned = (timezone: string) => sessionsOf([{ start: '08:00', end: '16:00', timezone }])?.[0]?.timezone
    expect(zoned('Europe/London')).toBe('Europe/London')
    expect(zoned('europe/london')).toBe('Europe/London')
    expect(zoned('utc')).toBeUndefined()
    for (const timezone of ['+01:00', 'Europe', '']) {
      expect(issuesOf({ sessions: [{ start: '08:00', end: '16:00', timezone }] })).toMatchObject([
        { path: 'sessions[0].timezone', code: 'CFG_FORMAT' },
      ])
    }
  })
})

describe('a normal form', () => {
  const timeframe = fc.constantFrom('M1', 'm5', 'M15', ' h1', 'H4', 'd1', 'W1')
  const distance = fc.record({ mode: fc.constantFrom('pips', 'r', 'atr'), value: fc.integer({ min: 1, max: 9 }) })
  const flags = { enabled: fc.boolean(), only_scenarios: fc.array(fc.constantFrom(3, '1', 2)) }
  const holding = fc.record({ ...flags, max_holding_minutes: fc.constantFrom(null, 5) }, { requiredKeys: [] })
  const breakEven = fc.record({ ...flags, trigger: distance }, { requiredKeys: ['trigger'] })
  const clock = fc.constantFrom('00:00', '07:30', '23:59')
  const session = fc.record(
    { start: clock, end: fc.oneof(clock, fc.constant('24:00')) },
    { requiredKeys: ['start', 'end'] },
  )
  const input = fc.record(
    {
      schema_version: fc.constantFrom('2', '2.0', 2),
      strategy_name: fc.constant('any'),
      symbol: fc.constantFrom('eurusd', 'US500.cash'),
      start_date: fc.constantFrom('2020-01-01', '2020-01-01 10:00', '2020-01-01T10:00:00.5+02:00'),
      end_date: fc.constantFrom('2021-01-01', '2021-01-01T23:59Z'),
      run_mode: fc.constantFrom('dev', 'prod'),
      data_mode: fc.constantFrom('candle', 'parquet', 'tick'),
      execution_variant: fc.constantFrom('v2', 'v2', 'v2', 'v1_parity'),
      rng_seed: fc.constantFrom(null, 0, 7),
      timeframes: fc.oneof(
        fc.record({ primary: timeframe, additional: fc.array(timeframe) }, { requiredKeys: [] }),
        fc.record({ primary: timeframe, htf: timeframe }),
      ),
      sessions: fc.oneof(fc.constant(null), fc.array(session)),
      account: fc.record(
        {
          account_currency: fc.constantFrom('usd', 'EUR'),
          sizing: fc.constantFrom({ kind: 'risk' }, { kind: 'fixed_lots', lots: 1 }),
        },
        { requiredKeys: [] },
      ),
      costs: fc.record({ enabled: fc.boolean(), fee_multiplier: fc.constantFrom(1, 2) }, { requiredKeys: [] }),
      execution: fc.record(
        {
          limit_gap_fill: fc.constantFrom('worse', 'better'),
          allowed_order_types: fc.array(fc.constantFrom('stop', 'market'), { minLength: 1 }),
        },
        { requiredKeys: [] },
      ),
      trade_management: fc.record(
        {
          enabled: fc.boolean(),
          rules: fc.oneof(
            fc.constant([]),
            fc.record({ max_holding_time: holding, break_even: breakEven }, { requiredKeys: [] }),
          ),
        },
        { requiredKeys: [] },
      ),
      data: fc.record(
        { quotes: fc.constantFrom('bid_ask', 'single'), spread_pips: fc.constantFrom(0, 1) },
        { requiredKeys: [] },
      ),
      profiling: fc.constantFrom(null, true, { enabled: false }),
      strategy_params: fc.record(
        { use_position_manager: fc.boolean(), max_holding_minutes: fc.constantFrom(30, 60) },
        { requiredKeys: [] },
      ),
      typo: fc.jsonValue(),
      _note: fc.jsonValue(),
    },
    { requiredKeys: ['strategy_name', 'symbol', 'start_date', 'end_date', 'timeframes'] },
  )

  it('parsed again is itself, with the same hash and the same warnings about its content (property)', () => {
    let valid = 0
    fc.assert(
      fc.property(input, (written) => {
        const first = safeParseConfig(written, { checkStrategy: anyStrategy })
        if (!first.ok) return
        valid += 1
        const second = safeParseConfig(first.config, { checkStrategy: anyStrategy })
        if (!second.ok) throw new Error(JSON.stringify(second.issues))
        expect(second.config).toEqual(first.config)
        expect(second.hash).toBe(first.hash)
        expect(second.warnings).toEqual(first.warnings.filter(({ code }) => !ABOUT_SPELLING.includes(code)))
      }),
      { numRuns: 300, seed: 42 },
    )
    expect(valid).toBeGreaterThan(100)
  })

  it('survives any JSON in any place without throwing (property)', () => {
    const keys = fc.constantFrom(...Object.keys(parsed().config), 'strategy', 'profiling', 'strategy_params')
    fc.assert(
      fc.property(fc.dictionary(keys, fc.jsonValue()), fc.boolean(), (changes, strict) => {
        const result = safeParseConfig({ ...minimal, ...changes }, { checkStrategy: anyStrategy, strict })
        for (const { message } of result.ok ? [] : result.issues) expect(message).not.toContain('undefined')
      }),
      { numRuns: 300, seed: 7 },
    )
  })

  it('keeps decisions.md 21: minutes alone warn each time', () => {
    const { config, warnings } = parsed({ strategy_parameters: { max_holding_minutes: 240 } })
    const again = safeParseConfig(config, { checkStrategy: anyStrategy })
    expect(briefly(warnings)).toEqual(['strategy_parameters.max_holding_minutes: CFG_W_NO_EFFECT'])
    expect(again).toMatchObject({ ok: true, warnings })
  })
})
