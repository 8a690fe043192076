import type { Command } from 'commander'
import { framed } from './frame.ts'

interface Flags {
  strict?: boolean
  costs?: string
  symbolSpecs?: string
  fxRates?: string
  set: string[]
}

/** `omega validate CONFIG`: checks a configuration as a run would, without reading data. */
export function addValidate(program: Command): void {
  program
    .command('validate')
    .description('check a configuration as a run would, without reading candles')
    .argument('<config>', 'run configuration, a JSON file')
    .option('--strict', 'unknown keys are errors')
    .option('--costs <file>', 'execution costs')
    .option('--symbol-specs <file>', 'symbol specifications')
    .option('--fx-rates <file>', 'constant conversion rates')
    .option(
      '--set <path=value>',
      'change one field; may be repeated',
      (value: string, list: string[]) => [...list, value],
      [],
    )
    .action(async (config: string, { set, ...flags }: Flags, command: Command) =>
      framed('validate', command, async (frame) => {
        const { checkRun, prepareRun } = await import('../run-backtest.ts')
        const { readConfigWithOverrides } = await import('../config/read.ts')
        const prepared = await prepareRun(await readConfigWithOverrides(config, set), flags)
        const warnings = checkRun(prepared)
        frame.warn(warnings)
        return {
          data: { configHash: prepared.configHash, config: prepared.config, warnings },
          text: `${config} is valid; configuration hash ${prepared.configHash}`,
        }
      }),
    )
}
