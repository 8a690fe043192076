import { z } from 'zod'
import { Currency, CurrencyPair, UpperCaseCurrency } from './currency.ts'
import { Sizing } from './sizing.ts'

/** Where currency conversion rates come from. */
export const FxConfig = z.object({
  mode: z.enum(['auto', 'candles', 'static']).default('auto').describe('Source of currency conversion rates.'),
  hub: UpperCaseCurrency.default('USD').describe('Intermediate currency.'),
  stale_limit_bars: z.int().min(0).default(10).describe('Age of the oldest usable rate, in bars.'),
  static_rates: z
    .record(CurrencyPair, z.number().gt(0))
    .default({})
    .describe('Constant rates by pair, such as EURUSD; they win over the rates file.'),
})
export type FxConfig = z.output<typeof FxConfig>

/** The account that is traded. */
export const AccountConfig = z.object({
  initial_balance: z.number().gt(0).default(10000).describe('Start balance, in account currency.'),
  account_currency: Currency.default('EUR').describe('Currency of all money values.'),
  risk_per_trade: z
    .number()
    .gt(0)
    .default(100)
    .describe('Money at risk per trade, in account currency; also the unit of R.'),
  max_positions: z.int().min(1).max(10000).default(1).describe('Positions that may be open at the same time.'),
  fx: FxConfig.prefault({}).describe('Currency conversion.'),
  sizing: Sizing.prefault({ kind: 'risk' }).describe('How many lots a position gets.'),
})
export type AccountConfig = z.output<typeof AccountConfig>
