import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { migrateV1, OmegaError, parseConfig } from '@omega/native'
import { expect, test } from 'vitest'
import { dig, omega, omegaJson, tempFolder } from '../support.ts'

/** Every row of config.md 14 that has a key of V1. */
const V1 = {
  mode: 'candle',
  symbol: 'GBPUSD',
  start_date: '2020-01-02',
  end_date: '2020-03-31',
  timeframes: { primary: 'M5', additional: ['h1', 'M5', 'D1', 'H1'] },
  warmup_bars: 300,
  initial_balance: 25_000,
  risk_per_trade: 250,
  account_currency: 'USD',
  enable_entry_logging: true,
  logging_mode: 'all',
  profiling: { enabled: false },
  execution: { fee_multiplier: 1.5, slippage_multiplier: 0.5, spread_multiplier: 1, random_seed: 7 },
  session_filter: {
    fixed_times: [
      ['07:00', '16:00'],
      ['20:00', '24:00'],
    ],
  },
  strategy: {
    module: 'mean_reversion_z_score.strategy.impl',
    class: 'MeanReversion',
    parameters: { ema_length: 40, use_position_manager: true, max_holding_minutes: 45 },
  },
  enable_backtest_robust_metrics: true,
  robust_jitter_frac: 0.1,
  robust_jitter_repeats: 9,
  reporting: { robust_dropout_frac: 0.2, robust_dropout_runs: 4, dev_mode: true, dev_seed: 99, top_n: 5 },
  robust_data_jitter_repeats: 3,
  robust_data_jitter_atr_period: 21,
  robust_data_jitter_sigma_atr: 0.2,
  robust_data_jitter_fraq: 0.1,
  cooldown_candles: 3,
  cooldown_minutes: 15,
  cooldown_minutes_trade: 30,
  execution_costs_file: 'configs/costs.yaml',
  rates_static: { GBPEUR: 1.17 },
  rates: { mode: 'composite', stale_limit_bars: 20, source: 'files' },
  timestamp_alignment: { entry_timestamp_mode: 'open', stale_bar_limit_bars: 4, higher_tf_timestamps_mode: 'close' },
  fees: { per_million: 25 },
  something_else: 1,
}

test('every row of the migration table (config.md 14) finds its place', () => {
  const { config, warnings } = migrateV1(V1)
  expect(config).toEqual({
    schema_version: '2',
    run_mode: 'dev',
    data_mode: 'candle',
    strategy_name: 'mean_reversion_z_score',
    symbol: 'GBPUSD',
    start_date: '2020-01-02',
    end_date: '2020-03-31T00:00:00Z',
    rng_seed: 99,
    warmup_bars: 300,
    timeframes: { primary: 'M5', additional: ['H1', 'D1'], mapping_mode: 'open', stale_limit_bars: 4 },
    account: {
      initial_balance: 25_000,
      risk_per_trade: 250,
      account_currency: 'USD',
      max_positions: 1,
      fx: { static_rates: { GBPEUR: 1.17 }, stale_limit_bars: 20, mode: 'auto' },
    },
    logging: { enable_entry_logging: true, logging_mode: 'all' },
    observability: { profiling_mode: false },
    costs: { fee_multiplier: 1.5, slippage_multiplier: 0.5, spread_multiplier: 1 },
    sessions: [
      { start: '07:00', end: '16:00' },
      { start: '20:00', end: '24:00' },
    ],
    strategy_parameters: { ema_length: 40, use_position_manager: true, max_holding_minutes: 45 },
    metrics: {
      robustness: { enabled: true, jitter_frac: 0.1, jitter_repeats: 9, dropout_frac: 0.2, dropout_runs: 4 },
      data_jitter: { repeats: 3, atr_period: 21, sigma_atr: 0.2, fraq: 0.1 },
    },
    execution: { cooldown_bars: 3, cooldown_minutes: 15, cooldown_minutes_after_exit: 30 },
    trade_management: { enabled: true, rules: { max_holding_time: { enabled: true, max_holding_minutes: 45 } } },
  })
  expect(warnings.every(({ code }) => code === 'CFG_W_MIGRATION')).toBe(true)
  expect(warnings.map(({ path }) => path)).toEqual([
    'execution_costs_file',
    'fees',
    'rates.source',
    'reporting.top_n',
    'something_else',
    'strategy.class',
    'timestamp_alignment.higher_tf_timestamps_mode',
  ])
  // What comes out is a configuration of this version.
  expect(parseConfig(config).config.end_date).toBe('2020-03-31T00:00:00Z')
})

test('the position manager of V1 worked with exactly one session filter and was on with 30 minutes', () => {
  const migrate = (patch: object) => {
    const { config, warnings } = migrateV1({ ...V1, strategy: { module: 'x' }, session_filter: undefined, ...patch })
    return [config.trade_management, warnings.some(({ path }) => path === 'trade_management.enabled')]
  }
  const on = { enabled: true, rules: { max_holding_time: { enabled: true, max_holding_minutes: 30 } } }
  expect(migrate({})).toEqual([{ enabled: false }, true])
  expect(migrate({ session_filter: { fixed_times: [] } })).toEqual([on, false])
  expect(migrate({ anchored_session_filter: {} })).toEqual([on, false])
  expect(migrate({ session_filter: {}, anchored_session_filter: {} })).toEqual([{ enabled: false }, true])
  expect(migrate({ session_filter: {}, use_position_manager: false })).toEqual([{ enabled: false }, false])
})

test('the built-in news filter of V1 is written out', () => {
  const currencies = (symbol: string) =>
    migrateV1({ ...V1, symbol, news_filter: { calendar_path: 'news.csv' } }).config.news_filter
  expect(currencies('EURGBP')).toEqual({
    enabled: true,
    minutes_before: 60,
    minutes_after: 30,
    min_impact: 'low',
    currencies: ['EUR', 'GBP', 'USD'],
  })
  // A leg in AUD or NZD brings both.
  expect(currencies('AUDUSD')?.currencies).toEqual(['AUD', 'USD', 'NZD'])
  expect(migrateV1({ ...V1, news_filter: { enabled: false } }).config.news_filter).toBeUndefined()
})

test('what is no V1 configuration of one strategy and one symbol is refused', () => {
  const code = (input: unknown) => {
    try {
      migrateV1(input)
    } catch (error) {
      if (error instanceof OmegaError) return (error.details.issues as { code: string }[])[0]?.code
    }
    return undefined
  }
  expect(code([])).toBe('CFG_NOT_OBJECT')
  expect(code({ schema_version: '2', symbol: 'EURUSD' })).toBe('CFG_CONFLICT')
  expect(code({ ...V1, strategies: [{ module: 'a' }, { module: 'b' }] })).toBe('CFG_UNSUPPORTED')
  expect(code({ ...V1, multi_symbols: ['EURUSD'] })).toBe('CFG_UNSUPPORTED')
  expect(code({ ...V1, symbol: () => 'EURUSD' })).toBe('CFG_TYPE')
})

test('omega migrate prints a configuration that omega validate accepts', () => {
  const folder = tempFolder()
  const [v1, v2] = [join(folder, 'v1.json'), join(folder, 'v2.json')]
  writeFileSync(v1, JSON.stringify({ ...V1, fees: {} }))
  const migrated = omega(['migrate', v1])
  expect(migrated.status).toBe(0)
  expect(migrated.stderr).toContain('warning CFG_W_MIGRATION at fees: fees is left out')
  writeFileSync(v2, migrated.stdout)
  const { document } = omegaJson(['migrate', v1])
  expect(dig(document, 'data', 'config')).toEqual(JSON.parse(migrated.stdout))
  const again = omega(['migrate', v2])
  expect(again.status).toBe(3)
  expect(again.stderr).toContain('is no configuration of Omega V1')
})
