import { z } from 'zod'

/** Costs of trading beyond the spread in the data. */
export const CostsConfig = z.object({
  enabled: z.boolean().default(true).describe('false: no slippage and no fees; the bid/ask spread of the data stays.'),
  fee_multiplier: z.number().min(0).default(1).describe('Scales explicit fees.'),
  slippage_multiplier: z.number().min(0).default(1).describe('Scales slippage.'),
  spread_multiplier: z
    .number()
    .min(0)
    .default(1)
    .describe('Scales the bid/ask distance for execution only; must be 1 in v1_parity.'),
  pip_size: z
    .number()
    .gt(0)
    .nullable()
    .default(null)
    .describe('Size of a pip, in price; null = from the symbol specs.'),
  pip_buffer_factor: z
    .number()
    .min(0)
    .nullable()
    .default(null)
    .describe('Touch buffer of stops and targets, in pips; null = from the costs file, else 0.5.'),
})
export type CostsConfig = z.output<typeof CostsConfig>
