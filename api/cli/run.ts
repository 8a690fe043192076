import type { Command } from 'commander'
import type { RunOptions } from '../options.ts'
import { resolvePath } from '../paths.ts'
import type { Warning } from '../warning.ts'
import { framed, integer } from './frame.ts'
import { summaryData, summaryText } from './summary.ts'

interface Flags {
  dataRoot?: string
  costs?: string
  symbolSpecs?: string
  fxRates?: string
  news?: string
  out?: string
  ifExists?: NonNullable<RunOptions['ifExists']>
  calendar?: NonNullable<RunOptions['calendar']>
  runId?: string
  extendedMetrics?: boolean
  strict?: boolean
  set: string[]
  threads?: number
}

/** `omega run CONFIG`: one backtest. */
export function addRun(program: Command): void {
  program
    .command('run')
    .description('run one backtest and write its artifacts')
    .argument('<config>', 'run configuration, a JSON file')
    .option('--data-root <dir>', 'folder of the candle files (OMEGA_DATA_PARQUET_ROOT, data/parquet)')
    .option(
      '--costs <file>',
      'execution costs (OMEGA_EXECUTION_COSTS_FILE, configs/execution_costs.yaml, then the shipped file)',
    )
    .option(
      '--symbol-specs <file>',
      'symbol specifications (OMEGA_SYMBOL_SPECS_FILE, configs/symbol_specs.yaml, then the shipped file)',
    )
    .option('--fx-rates <file>', 'constant conversion rates (OMEGA_FX_RATES_FILE, configs/fx_rates.yaml)')
    .option(
      '--news <file>',
      'news calendar, if the configuration filters by news (OMEGA_NEWS_CALENDAR_FILE, data/news/news_calender_history.parquet)',
    )
    .option('--out <dir>', 'output root (OMEGA_OUTPUT_ROOT, var/results)')
    .option('--if-exists <mode>', 'verify, error, replace or suffix')
    .option('--calendar <name>', 'how gaps are counted: fx, always or none')
    .option('--run-id <name>', 'name of the run folder')
    .option('--extended-metrics', 'write metrics_extended.json as well')
    .option('--strict', 'unknown keys are errors')
    .option('--set <path=value>', 'change one field of the configuration; may be repeated', collect, [])
    .option('--threads <n>', 'threads for loading and indicators', integer)
    .action(async (config: string, flags: Flags, command: Command) =>
      framed('run', command, async (frame) => {
        const { checkRun, run } = await import('../run-backtest.ts')
        const { readConfigWithOverrides } = await import('../config/read.ts')
        const input = await readConfigWithOverrides(config, flags.set)
        const {
          strict,
          threads,
          ifExists,
          calendar,
          costs,
          symbolSpecs,
          fxRates,
          news,
          runId,
          dataRoot,
          extendedMetrics,
        } = flags
        const given = {
          strict,
          threads,
          ifExists,
          calendar,
          costs,
          symbolSpecs,
          fxRates,
          news,
          runId,
          data: dataRoot,
          extendedMetrics,
        }
        const options: RunOptions = {
          ...defined(given),
          ...frame.logging,
          outputDir: resolvePath('outputRoot', flags.out).path,
          signal: frame.signal,
          onProgress: frame.onProgress,
        }
        const said = new Set<string>()
        const warnNew = (warnings: readonly Warning[]) => {
          frame.warn(warnings.filter(({ code, message }) => !said.has(`${code} ${message}`)))
          for (const { code, message } of warnings) said.add(`${code} ${message}`)
        }
        const result = await run(input, options, (prepared) => warnNew(checkRun(prepared)))
        warnNew(result.warnings)
        return { data: summaryData(result), text: summaryText(result, frame.paint) }
      }),
    )
}

function collect(value: string, list: string[]): string[] {
  return [...list, value]
}

/** The same object without undefined values. */
export function defined<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const result: { [K in keyof T]?: Exclude<T[K], undefined> } = {}
  for (const key in value) {
    const item = value[key]
    if (isDefined(item)) result[key] = item
  }
  return result
}

function isDefined<T>(value: T): value is Exclude<T, undefined> {
  return value !== undefined
}
