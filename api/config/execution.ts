import { z } from 'zod'

/** Order gates and fill switches. */
export const ExecutionConfig = z.object({
  limit_gap_fill: z
    .enum(['worse', 'better', 'plan_literal'])
    .default('worse')
    .describe('Fill of a limit order that the bar opens beyond; ignored in v1_parity.'),
  close_open_at_end: z.boolean().default(true).describe('Close positions on the last bar.'),
  pending_expiry_bars: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe('Bars after which a pending order expires; null = never.'),
  max_pending_orders: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe('Pending orders that may wait at the same time; null = any number.'),
  allowed_directions: z.enum(['both', 'long', 'short']).default('both').describe('Directions that may be opened.'),
  allowed_order_types: z
    .array(z.enum(['limit', 'market', 'stop']))
    .min(1)
    .default(['limit', 'market', 'stop'])
    .describe('Order types that are accepted.'),
  cooldown_bars: z.int().min(0).default(0).describe('Bars without entries after an entry.'),
  cooldown_minutes: z.int().min(0).default(0).describe('Minutes without entries after an entry.'),
  cooldown_minutes_after_exit: z.int().min(0).default(0).describe('Minutes without entries after an exit.'),
  market_fill: z
    .enum(['signal_close', 'next_open'])
    .default('signal_close')
    .describe('When a market order fills: at the close of the signal bar, or at the next open.'),
  on_opposite: z
    .enum(['ignore', 'close', 'reverse'])
    .default('ignore')
    .describe('What an entry signal does to open positions of the other direction.'),
})
export type ExecutionConfig = z.output<typeof ExecutionConfig>
