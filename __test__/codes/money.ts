import { generateData, loadDataset, runBacktest, signals } from '@omega/native'
import { RUN, smallRoot } from '../refusal.ts'
import { EXAMPLE, NO_COSTS, SPECS, smallDataset, tempFolder } from '../support.ts'
import type { Cases } from './case.ts'

/** A run of the strategy on the candles of `smallRoot`. */
const run = (config: object, options: object = {}) =>
  runBacktest(Object.assign({ ...RUN }, config), { data: smallRoot(), ...options })

/** One market order on the first of three bars. */
function order(size: number | undefined, stop: number, costs: object, price = 1.1) {
  const bar = [price, price, price, price] as const
  const strategy = signals({
    direction: Int8Array.of(1, 0, 0),
    stopLoss: Float64Array.of(stop, 0, 0),
    ...(size === undefined ? {} : { size: Float64Array.of(size, 0, 0) }),
  })
  const symbolSpecs = { EURUSD: { ...SPECS.EURUSD, volume_max: 1e308, contract_size: 1e5 } }
  return runBacktest(EXAMPLE, { data: smallDataset([bar, bar, bar]), strategy, costs: { ...costs }, symbolSpecs })
}

/** Errors of costs, specifications, conversion and accounting, execution.md 10. */
export const MONEY_ERRORS: Cases = {
  costs_file_missing: {
    error: () => run({}, { costs: 'no-such-costs.yaml' }),
    says: 'no-such-costs.yaml',
    hint: 'correct the path',
  },
  costs_invalid: {
    error: () => run({}, { costs: { defaults: { schema: 'per_lot', per_lot: -2.5 } } }),
    says: ['defaults.per_lot', '-2.5', 'inline'],
    hint: 'correct defaults.per_lot',
  },
  symbol_spec_missing: {
    error: () => run({}, { symbolSpecs: { GBPUSD: SPECS.EURUSD } }),
    says: ['EURUSD', 'inline'],
    hint: 'contract_size',
  },
  symbol_spec_invalid: {
    error: () => run({}, { symbolSpecs: { EURUSD: { ...SPECS.EURUSD, tick_size: -1 } } }),
    says: ['EURUSD.tick_size', '-1'],
    hint: 'correct EURUSD.tick_size',
  },
  fx_rates_missing: {
    error: () => run({}, { fxRates: 'no-such-rates.yaml' }),
    says: 'no-such-rates.yaml',
    hint: 'correct the path',
  },
  fx_rates_invalid: {
    error: () => run({ account: { account_currency: 'CHF' } }, { fxRates: { rates: { USDCHF: -0.9 } } }),
    says: ['USDCHF', '-0.9'],
    hint: 'positive numbers',
  },
  fx_path_missing: {
    error: () => run({ account: { account_currency: 'CHF' } }),
    says: ['USD', 'CHF', 'EURUSD'],
    hint: ['USDCHF', 'account.fx.static_rates', 'account.account_currency'],
  },
  fx_rate_unavailable: {
    error: async () => {
      const root = tempFolder()
      await generateData({ symbol: 'EURUSD', timeframe: 'H1', bars: 60, seed: 3, root })
      await generateData({ symbol: 'USDCHF', timeframe: 'H1', bars: 20, seed: 4, root })
      const data = await loadDataset({ symbol: 'EURUSD', timeframes: ['H1'], root })
      const strategy = signals({
        direction: Int8Array.from({ length: 60 }, (_, bar) => (bar === 40 ? 1 : 0)),
        stopLoss: new Float64Array(60).fill(0.5),
        size: new Float64Array(60).fill(0.1),
      })
      const account = { account_currency: 'CHF', fx: { mode: 'candles', stale_limit_bars: 5 } }
      const config = { ...EXAMPLE, start_date: '2020-01-06', end_date: '2020-12-31', timeframes: { primary: 'H1' } }
      return runBacktest(Object({ ...config, account }), {
        data,
        strategy,
        costs: NO_COSTS,
        symbolSpecs: SPECS,
      })
    },
    // Bars 0 … 19 have a rate; the order comes on bar 40.
    says: ['USDCHF', 'bar 40', '21 bars old', 'stale_limit_bars is 5'],
    hint: 'import candles of USDCHF H1',
  },
  non_finite_value: {
    error: () => order(1e308, 1.05, { defaults: { slippage: { model: 'none' }, schema: 'per_lot', per_lot: 10 } }),
    says: ['fee is inf', 'bar 0'],
    hint: 'extreme prices, sizes or cost settings',
  },
  non_positive_fill_price: {
    error: () => {
      const bar = [1.1, 1.1, 1.1, 1.1] as const
      return runBacktest(EXAMPLE, {
        data: smallDataset([bar, bar, bar]),
        strategy: signals({ direction: Int8Array.of(-1, 0, 0), stopLoss: Float64Array.of(1.2, 0, 0) }),
        costs: { defaults: { slippage: { model: 'fixed', fixed_pips: 20_000 } } },
        symbolSpecs: SPECS,
      })
    },
    // 1.1 − 20 000 × 0.0001.
    says: /fill price -0\.\d+ at bar 0 is not positive/,
    hint: 'pip_size',
  },
  accounting_inconsistent: {
    because: 'the books balance; its tolerance covers the rounding of a correct sum',
    tested: 'crates/portfolio/src/account.rs',
    as: 'the_audit_allows_what_rounding_explains',
  },
}
