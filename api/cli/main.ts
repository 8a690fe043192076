#!/usr/bin/env node
import { Command, CommanderError, Option } from 'commander'
import { OmegaError } from '../errors.ts'
import { LOG_LEVELS } from '../log/level.ts'
import { engineVersion } from '../version.ts'
import { addCatalogue } from './catalogue.ts'
import { addDataCommands } from './data.ts'
import { addDemo } from './demo.ts'
import { addDoctor } from './doctor.ts'
import { EXIT, report } from './frame.ts'
import { addMigrate } from './migrate.ts'
import { addRun } from './run.ts'
import { addSchema } from './schema.ts'
import { addValidate } from './validate.ts'

// A reader that closes early (`| head`) is no failure; a full disk is.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  process.stderr.write(`error OUT_WRITE: cannot write to standard output: ${error.message}\n`)
  process.exit(EXIT.failed)
})

const program = new Command('omega')
  .description('Backtests on bid and ask candles: honest fills, no look-ahead, byte-identical results.')
  .version(engineVersion(), '-V, --version')
  .option('--json', 'print exactly one JSON document on stdout')
  .option('--quiet', 'print results and errors only')
  .option('--no-color', 'plain text')
  .addOption(new Option('--log-level <level>', 'log the run, also on stderr').choices(LOG_LEVELS))
  .showSuggestionAfterError()
  .showHelpAfterError('(omega --help lists the commands)')
  .exitOverride()

addDemo(program)
addRun(program)
addValidate(program)
addMigrate(program)
addSchema(program)
addDataCommands(program)
addCatalogue(program)
addDoctor(program)

try {
  await program.parseAsync()
} catch (error) {
  const { json = false } = program.opts<{ json?: boolean }>()
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage
    // Commander has printed its message on stderr; --json promises a document on stdout whatever happens.
    const [message = '', hint] = error.message.replace(/^error: /, '').split('\n')
    if (error.exitCode !== 0 && json) report(new OmegaError('ARG_INVALID', message, { category: 'usage', hint }), true)
  } else {
    // An option whose value cannot be read.
    report(error, json)
  }
}
