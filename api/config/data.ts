import { z } from 'zod'

/** What the candles contain. */
export const DataConfig = z.object({
  quotes: z
    .enum(['bid_ask', 'single'])
    .default('bid_ask')
    .describe('Both sides, or one price from which the ask is derived.'),
  spread_pips: z.number().min(0).default(0).describe('Distance of the derived ask, in pips; only with `single`.'),
})
export type DataConfig = z.output<typeof DataConfig>
