import { z } from 'zod'

/** How closely a run watches itself. */
export const ObservabilityConfig = z.object({
  profiling_mode: z.boolean().default(false).describe('Fine-grained spans and profiling/profiling.json.'),
})
export type ObservabilityConfig = z.output<typeof ObservabilityConfig>
