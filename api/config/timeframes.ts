import { z } from 'zod'
import { Timeframe } from './timeframe.ts'

/** Which bars a run reads. */
export const TimeframesConfig = z.object({
  primary: Timeframe.default('M5').describe('Bar series that drives the event loop.'),
  additional: z
    .array(Timeframe)
    .default([])
    .describe('Further series, shorter or longer than the primary one. Duplicates and the primary are removed.'),
  additional_source: z
    .enum(['separate_parquet', 'aggregate_from_primary'])
    .default('separate_parquet')
    .describe('Where the additional series come from: files of their own, or the primary series.'),
  mapping_mode: z
    .enum(['close', 'open'])
    .default('close')
    .describe(
      'Which bar of another timeframe is visible: the last completed one (close), or the one that has opened (open, as some V1 runs).',
    ),
  stale_limit_bars: z
    .int()
    .min(0)
    .default(0)
    .describe('Primary bars after which an aligned close of another timeframe is stale; 0 = automatic.'),
})
export type TimeframesConfig = z.output<typeof TimeframesConfig>
