import { z } from 'zod'
import { Currency } from './currency.ts'
import { notated } from './notation.ts'

const Impact = notated(z.enum(['low', 'medium', 'high']), { letters: 'lower' })

/** No entries around news. */
export const NewsFilter = z.object({
  enabled: z.boolean().default(false).describe('Switches the filter on.'),
  minutes_before: z.int().min(0).max(10080).default(30).describe('Minutes before an event, inclusive.'),
  minutes_after: z.int().min(0).max(10080).default(30).describe('Minutes after an event, inclusive.'),
  min_impact: Impact.default('medium').describe('Lowest impact that blocks.'),
  currencies: z
    .array(Currency)
    .min(1)
    .nullable()
    .default(null)
    .describe('Currencies whose news block; null = both currencies of a six-letter symbol.'),
})
export type NewsFilter = z.output<typeof NewsFilter>
