import { z } from 'zod'

const Risk = z.object({ kind: z.literal('risk').describe('`account.risk_per_trade` is lost at the stop.') })
const RiskPercent = z.object({
  kind: z.literal('risk_percent').describe('A share of the balance is lost at the stop.'),
  percent: z.number().gt(0).max(100).describe('Share of the balance at the entry, in percent.'),
})
const FixedLots = z.object({
  kind: z.literal('fixed_lots').describe('Always the same size.'),
  lots: z.number().gt(0).describe('Size of every position, in lots.'),
})
const Notional = z.object({
  kind: z.literal('notional').describe('Always the same value.'),
  amount: z.number().gt(0).describe('Value of every position, in account currency.'),
})
const EquityPercent = z.object({
  kind: z.literal('equity_percent').describe('The value is a share of the equity.'),
  percent: z.number().gt(0).describe('Share of the last equity, in percent; above 100 is leverage.'),
})

/** How many lots a position gets. */
export const Sizing = z.discriminatedUnion('kind', [Risk, RiskPercent, FixedLots, Notional, EquityPercent])
export type Sizing = z.output<typeof Sizing>
