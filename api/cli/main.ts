#!/usr/bin/env node
import { Command, CommanderError } from 'commander'
import { OmegaError } from '../errors.ts'
import { engineVersion } from '../version.ts'
import { addCatalogue } from './catalogue.ts'
import { addDataCommands } from './data.ts'
import { addDemo } from './demo.ts'
import { addDoctor } from './doctor.ts'
import { EXIT, report } from './frame.ts'
import { addRun } from './run.ts'
import { addSchema } from './schema.ts'
import { addValidate } from './validate.ts'

const program = new Command('omega')
  .description('Backtests on bid and ask candles: honest fills, no look-ahead, byte-identical results.')
  .version(engineVersion(), '-V, --version')
  .option('--json', 'print exactly one JSON document on stdout')
  .option('--quiet', 'print results and errors only')
  .option('--no-color', 'plain text')
  .showSuggestionAfterError()
  .showHelpAfterError('(omega --help lists the commands)')
  .exitOverride()

addDemo(program)
addRun(program)
addValidate(program)
addSchema(program)
addDataCommands(program)
addCatalogue(program)
addDoctor(program)

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommanderError)) throw error
  process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage
  // Commander has printed its message on stderr; --json promises a document on stdout whatever happens.
  if (error.exitCode !== 0 && program.opts<{ json?: boolean }>().json) {
    const [message = '', hint] = error.message.replace(/^error: /, '').split('\n')
    report(new OmegaError('ARG_INVALID', message, { category: 'usage', hint }), true)
  }
}
