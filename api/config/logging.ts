import { z } from 'zod'

/** What is written about entry decisions. */
export const LoggingConfig = z.object({
  enable_entry_logging: z.boolean().default(false).describe('Writes entries.jsonl.'),
  logging_mode: z
    .enum(['trades_only', 'full'])
    .default('trades_only')
    .describe('full also logs entries that were evaluated and refused.'),
})
export type LoggingConfig = z.output<typeof LoggingConfig>
