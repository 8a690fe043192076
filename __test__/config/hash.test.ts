import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { canonicalForm, configHash, knownConfig } from '../../api/config/hash.ts'
import { safeParseConfig } from '../../api/config/parse.ts'
import { anyStrategy, briefly, hashedValue, parsed } from './support.ts'

// Example: the test vector of config.md 10.
const INPUT =
  '{"schema_version":"2","strategy_name":"mean_reversion_z_score","symbol":"gbpusd","start_date":"2022-01-03","end_date":"2022-06-30T12:00:00+02:00","run_mode":"dev","data_mode":"candle","rng_seed":7,"warmup_bars":300,"timeframes":{"primary":"m15","additional":["h1","M15","H1"]},"sessions":[{"start":"07:00","end":"24:00"}],"account":{"initial_balance":25000,"account_currency":"usd"},"strategy_parameters":{"use_position_manager":true,"max_holding_minutes":240},"typo_key":1}'
const CANONICAL =
  '{"account":{"account_currency":"USD","fx":{"hub":"USD","mode":"auto","stale_limit_bars":10,"static_rates":{}},"initial_balance":25000,"max_positions":1,"risk_per_trade":100},"costs":{"enabled":true,"fee_multiplier":1,"pip_buffer_factor":null,"pip_size":null,"slippage_multiplier":1,"spread_multiplier":1},"data_mode":"candle","end_date":"2022-06-30T10:00:00Z","execution":{"allowed_directions":"both","allowed_order_types":["limit","market","stop"],"close_open_at_end":true,"cooldown_bars":0,"cooldown_minutes":0,"cooldown_minutes_after_exit":0,"limit_gap_fill":"worse","max_pending_orders":null,"pending_expiry_bars":null},"execution_variant":"v2","logging":{"enable_entry_logging":false,"logging_mode":"trades_only"},"metrics":{"data_jitter":{"atr_period":14,"fraq":0,"min_price":1e-9,"noise":"gaussian","penalty_cap":0.5,"repeats":5,"sigma_atr":0.1},"monte_carlo":{"mean_block":null,"method":"bootstrap","paths":2000,"ruin_frac":0.5},"overfitting":{"pbo_blocks":16},"p_values":{"centered":false,"mean_block":null,"method":"iid","n_boot":2000},"robustness":{"cost_shock_factors":[1.25,1.5,2],"cost_shock_targets":["fees","slippage"],"dd_floor_frac":0.001,"dropout_frac":0.1,"dropout_runs":1,"enabled":false,"jitter_exclude":null,"jitter_frac":0.05,"jitter_include":null,"jitter_repeats":5,"mode":"full","penalty_cap":0.5,"rescale_to_unit":false,"scores_variant":"v2","top_k":1},"stability":{"s_min_balance_frac":0.01},"timing_jitter":{"divisors":[10,5,20],"min_months":1},"tp_sl_stress":{"max_bars":null},"ulcer":{"ulcer_cap":10}},"news_filter":{"currencies":null,"enabled":false,"min_impact":"medium","minutes_after":30,"minutes_before":30},"observability":{"profiling_mode":false},"rng_seed":7,"run_mode":"dev","schema_version":"2","sessions":[{"end":"00:00","start":"07:00"}],"start_date":"2022-01-03","strategy_name":"mean_reversion_z_score","strategy_parameters":{"max_holding_minutes":240,"use_position_manager":true},"symbol":"GBPUSD","timeframes":{"additional":["H1"],"additional_source":"separate_parquet","mapping_mode":"close","primary":"M15","stale_limit_bars":0},"trade_management":{"enabled":true,"rules":{"max_holding_time":{"enabled":true,"max_holding_minutes":null,"only_scenarios":[]}},"stop_update_policy":"apply_next_bar","tp_update_policy":"forbid"},"warmup_bars":300}'
const HASH = 'b9b0b2f72d47dd813f053b4b3e12e679c6b743b309a0965ec44f6c308686e83e'

function vector(changes: object = {}) {
  const result = safeParseConfig({ ...JSON.parse(INPUT), ...changes }, { checkStrategy: anyStrategy })
  if (!result.ok) throw new Error(JSON.stringify(result.issues))
  return result
}

describe('configHash', () => {
  it('gives the canonical form and the hash of the published vector', () => {
    const { config, hash, warnings } = vector()
    expect(canonicalForm(config)).toBe(CANONICAL)
    expect(Buffer.byteLength(canonicalForm(config))).toBe(2291)
    expect(hash).toBe(HASH)
    expect(configHash(config)).toBe(HASH)
    expect(briefly(warnings).filter((text) => text.endsWith('CFG_W_UNKNOWN_KEY'))).toEqual([
      'typo_key: CFG_W_UNKNOWN_KEY',
    ])
  })

  it('counts a later field only if it differs from its default', () => {
    // Example: the two vectors of decisions.md 53.
    expect(vector({ execution: { market_fill: 'next_open' } }).hash).toBe(
      'd498b688e5deecf5b0f0508c992d68a7918bce8f6fc5e463ff749122f6ae13a0',
    )
    const account = { initial_balance: 25000, account_currency: 'usd', sizing: { kind: 'fixed_lots', lots: 0.1 } }
    expect(vector({ account, data: { quotes: 'single', spread_pips: 1.5 } }).hash).toBe(
      '080ad5b1a472b4bbdc53638715a7ccfa8365e1ed7acd61f9698623dc5d7008ac',
    )
  })

  it('is the same whether a later field is left out or written with its default', () => {
    const written = {
      execution: { market_fill: 'signal_close', on_opposite: 'ignore' },
      account: { sizing: { kind: 'risk' } },
      data: { quotes: 'bid_ask', spread_pips: 0 },
    }
    expect(parsed(written).hash).toBe(parsed().hash)
    const window = { start: '07:00', end: '16:00' }
    expect(parsed({ sessions: [{ ...window, timezone: 'UTC' }] }).hash).toBe(parsed({ sessions: [window] }).hash)
  })

  it('leaves out what is default inside a block that is not', () => {
    expect(hashedValue({ data: { quotes: 'single' } }).data).toEqual({ quotes: 'single' })
    expect(hashedValue({})).not.toHaveProperty('data')
    const zoned = { start: '07:00', end: '16:00', timezone: 'Europe/London' }
    expect(hashedValue({ sessions: [zoned] }).sessions).toEqual([zoned])
  })

  it('does not see unknown keys, the order of keys, or how a value was spelled', () => {
    const { hash } = parsed()
    expect(parsed({ typo: 1, account: { y: 2, 'x-note': 3 } }).hash).toBe(hash)
    expect(parsed({ symbol: ' eurusd ', timeframes: { primary: 'm5', additional: ['M5'] } }).hash).toBe(hash)
    expect(parsed({ account: null, costs: {}, trade_management: { rules: [] } }).hash).toBe(hash)
  })

  it('takes strategy parameters exactly as given', () => {
    const strategy_parameters = { htf_tf: ' d1 ', overrides: { '*': { B: null, a: [1.0, -0] } } }
    // By hand: RFC 8785 sorts "B" before "a" and writes -0 as 0.
    expect(canonicalForm(parsed({ strategy_parameters }).config)).toContain(
      '"strategy_parameters":{"htf_tf":" d1 ","overrides":{"*":{"B":null,"a":[1,0]}}}',
    )
  })

  it('takes in the strategy and the columns of the options', () => {
    const { config } = parsed()
    const sha256 = createHash('sha256').update('signals').digest('hex')
    const identity = { strategy: { form: 'signals', sha256 }, columns: { feature: sha256 } } as const
    const form = JSON.parse(canonicalForm(config, identity))
    expect(form.strategy).toEqual({ form: 'signals', sha256 })
    expect(form.columns).toEqual({ feature: sha256 })
    expect(canonicalForm(config, { columns: {} })).toBe(canonicalForm(config))
  })
})

describe('knownConfig', () => {
  it('leaves out unknown keys at every depth', () => {
    const { config } = parsed({
      typo: 1,
      sessions: [{ start: '07:00', end: '16:00', note: 'x' }],
      metrics: { ulcer: { a: 1 } },
    })
    expect(config).toHaveProperty('typo', 1)
    expect(config).toHaveProperty('sessions[0].note', 'x')
    const known = knownConfig(config)
    expect(known).not.toHaveProperty('typo')
    expect(known.sessions).toEqual([{ start: '07:00', end: '16:00' }])
    expect(known.metrics.ulcer).toEqual({ ulcer_cap: 10 })
  })
})
