import { resolve } from 'node:path'
import type { Command } from 'commander'
import { framed } from './frame.ts'

/** `omega migrate V1CONFIG`: prints the configuration in the form of this version. */
export function addMigrate(program: Command): void {
  program
    .command('migrate')
    .description('print a configuration of Omega V1 in the form of this version')
    .argument('<config>', 'configuration of Omega V1, a JSON file')
    .action(async (file: string, _flags: object, command: Command) =>
      framed('migrate', command, async (frame) => {
        const { readConfigFile } = await import('../config/config-file.ts')
        const { migrateV1 } = await import('../config/public.ts')
        const { config, warnings } = migrateV1(await readConfigFile(resolve(file)))
        frame.warn(warnings)
        return { data: { config, warnings }, text: JSON.stringify(config, null, 2) }
      }),
    )
}
