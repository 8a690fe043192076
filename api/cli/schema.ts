import type { Command } from 'commander'
import type { ConfigJsonSchemaOptions } from '../config/public.ts'
import { framed } from './frame.ts'

/** `omega schema`: the JSON Schema of the run configuration. */
export function addSchema(program: Command): void {
  program
    .command('schema')
    .description('print the JSON Schema of the run configuration, for editors')
    .option('--strict', 'unknown keys are errors')
    .option('--target <draft>', 'draft-2020-12 or draft-07', 'draft-2020-12')
    .action(
      async (flags: { strict?: boolean; target: NonNullable<ConfigJsonSchemaOptions['target']> }, command: Command) =>
        framed('schema', command, async () => {
          const { configJsonSchema } = await import('../config/public.ts')
          const schema = configJsonSchema({ strict: flags.strict ?? false, target: flags.target })
          return { data: schema, text: JSON.stringify(schema, null, 2) }
        }),
    )
}
