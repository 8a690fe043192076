import { z } from 'zod'
import { notated } from './notation.ts'

const shared = {
  enabled: z.boolean().default(true).describe('false: the rule does nothing.'),
  only_scenarios: z
    .array(z.int().min(0).max(255))
    .default([])
    .describe('Limits the rule to positions with these scenario ids; empty = all.'),
}

const AtrPeriod = z.int().min(1).default(14).describe('Period of the ATR, in bars; only with mode `atr`.')
const DistanceMode = z.enum(['pips', 'r', 'atr']).describe('Unit: pips, initial risk, or average true range.')

/** A distance in price, in one of three units. */
const Distance = z.object({
  mode: DistanceMode,
  value: z.number().min(0).describe('Number of units.'),
  atr_period: AtrPeriod,
})
const PositiveDistance = Distance.extend({ value: z.number().gt(0).describe('Number of units.') })

const MaxHoldingTime = z.object({
  ...shared,
  max_holding_minutes: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'Minutes until a position is closed; null = strategy_parameters.max_holding_minutes, without either the rule is off.',
    ),
})

const BreakEven = z.object({
  ...shared,
  trigger: Distance.describe('Profit from which the stop moves to the entry price.'),
  buffer_pips: z.number().min(0).default(0).describe('Distance beyond the entry price, in pips.'),
})

const TrailingStop = z.object({
  ...shared,
  distance: PositiveDistance.describe('Distance of the stop from the reference price.'),
  activation: Distance.prefault({ mode: 'pips', value: 0 }).describe('Profit from which the stop trails.'),
  reference: z.enum(['close', 'extreme']).default('close').describe('Price that the stop trails.'),
  step_pips: z.number().min(0).default(0).describe('Smallest improvement of the stop, in pips.'),
})

const ClockTime = notated(z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/), { what: 'a time HH:MM from 00:00 to 23:59' })

const SessionEnd = z.object({
  ...shared,
  minutes_before: z.int().min(0).default(0).describe('Minutes before the end of the session.'),
  cancel_pending: z.boolean().default(false).describe('Also cancels pending orders.'),
  weekend_close_utc: ClockTime.nullable().default(null).describe('Friday time (UTC) from which everything is closed.'),
})

const NewsExit = z.object({
  ...shared,
  mode: z.enum(['close', 'freeze_stops']).default('close').describe('Close positions, or hold stops still.'),
})

const Level = z.object({
  trigger: Distance.describe('Profit from which the part is closed.'),
  fraction: z.number().gt(0).lt(1).describe('Share of the initial size.'),
})

// Fractions such as 0.7 + 0.2 + 0.1 are meant to be 1; their sum in binary may exceed it by an ulp.
const SUM_TOLERANCE = 1e-9

const Levels = notated(
  z
    .array(Level)
    .min(1)
    .refine((levels) => levels.reduce((sum, { fraction }) => sum + fraction, 0) <= 1 + SUM_TOLERANCE),
  { code: 'CFG_RANGE', what: 'a list of at least one level whose fractions sum to at most 1' },
)

const PartialClose = z.object({
  ...shared,
  levels: Levels.describe('Parts that are closed one after the other.'),
})

const share = () => z.number().min(0).max(1).nullable().default(null)

const KillSwitch = z.object({
  ...shared,
  max_drawdown_pct: share().describe('Drawdown from the high water, as a fraction.'),
  max_daily_loss: z
    .number()
    .min(0)
    .nullable()
    .default(null)
    .describe('Loss since the start of the day, in account currency.'),
  max_daily_loss_pct: share().describe('Loss since the start of the day, as a fraction.'),
  max_consecutive_losses: z.int().min(1).nullable().default(null).describe('Losing trades in a row.'),
  reset: z.enum(['never', 'next_day']).default('never').describe('When trading resumes.'),
})

/** The rules of the trade manager; one that is written is on unless it says `enabled: false`. */
export const TradeManagementRules = z.object({
  max_holding_time: MaxHoldingTime.prefault({}).describe('Closes positions after some time.'),
  break_even: BreakEven.optional().describe('Moves the stop to the entry price.'),
  trailing_stop: TrailingStop.optional().describe('Lets the stop follow the price.'),
  session_end: SessionEnd.optional().describe('Closes positions at the end of the session.'),
  news_exit: NewsExit.optional().describe('Reacts to news while a position is open.'),
  partial_close: PartialClose.optional().describe('Closes positions in parts.'),
  kill_switch: KillSwitch.optional().describe('Stops trading after losses.'),
})
export type TradeManagementRules = z.output<typeof TradeManagementRules>

/** What happens to open positions. */
export const TradeManagementConfig = z.object({
  enabled: z
    .boolean()
    .default(false)
    .describe('Switches the manager; if left out, it is on when a rule is written or use_position_manager is true.'),
  stop_update_policy: z
    .enum(['apply_next_bar', 'apply_immediate'])
    .default('apply_next_bar')
    .describe('Changes of stops and targets act from the next bar; apply_immediate is reserved.'),
  tp_update_policy: z
    .enum(['forbid', 'extend_only', 'any'])
    .default('forbid')
    .describe('Whether rules may move targets.'),
  rules: TradeManagementRules.prefault({}).describe('The rules by name.'),
})
export type TradeManagementConfig = z.output<typeof TradeManagementConfig>
