import type { Command } from 'commander'
import type { GenerateDataInput } from '../data/generate-data.ts'
import type { ImportDataInput } from '../data/import-data.ts'
import type { ImportNewsInput } from '../data/import-news.ts'
import type { InspectDataInput } from '../data/inspect-data.ts'
import type { ResampleInput } from '../data/resample.ts'
import type { Timeframe } from '../dataset.ts'
import { OmegaError } from '../errors.ts'
import { EXIT, framed, integer, number } from './frame.ts'
import { reportText } from './report-text.ts'
import { defined } from './run.ts'

/** `omega data …`: candles in and out. */
export function addDataCommands(program: Command): void {
  const data = program.command('data').description('import, resample, inspect and generate candles; import news')
  addImport(data)
  addResample(data)
  addImportNews(data)
  addInspect(data)
  addGenerate(data)
}

interface ImportFlags extends Omit<ImportDataInput, 'root' | 'cwd'> {
  dataRoot?: string
  v1MarketHours?: boolean
}

const FORMATS = [
  'default: told by the header; bars: native, generic, dukascopy-web, dukascopy-local, dukascopy-jforex, dukascopy-etc-utc,',
  'dukascopy-node, histdata-ascii-m1, histdata-mt, mt5-bars; ticks: dukascopy-ticks, histdata-ascii-ticks, mt5-ticks,',
  'generic-ticks',
].join(' ')

function addImport(data: Command): void {
  data
    .command('import')
    .description(
      'candles or ticks (CSV, also .gz, or Parquet) into the Parquet layout; checked, written whole or not at all',
    )
    .requiredOption('--symbol <name>', 'symbol, for example EURUSD')
    .requiredOption('--timeframe <tf>', 'M1 M5 M15 M30 H1 H4 D1 W1', upper)
    .option('--bid <file...>', 'files of the bid side')
    .option('--ask <file...>', 'files of the ask side')
    .option('--single <file...>', 'files of data without a spread')
    .option('--ticks <file...>', 'files of ticks with bid and ask; they become bars')
    .option('--ask-from-spread <pips>', 'make the ask side: bid plus this many pips', number)
    .option('--ask-from-column <name>', 'make the ask side: bid plus this spread column')
    .option('--symbol-specs <file>', 'symbol specifications, for the pip size')
    .option('--pip-size <n>', 'size of a pip', number)
    .option('--point <n>', 'size of a point, for spreads in points', number)
    .option('--format <id>', FORMATS)
    .option('--time-column <name>', 'column of the time stamps')
    .option('--time-unit <unit>', 'iso, s, ms, us or ns')
    .option('--bid-column <name>', 'column of the bid (generic-ticks)')
    .option('--ask-column <name>', 'column of the ask (generic-ticks)')
    .option('--date <day>', 'day of ticks that only show the time since midnight (generic-ticks)')
    .option('--timezone <zone>', 'IANA name, UTC, +HH:MM, or ny+7 (New York plus 7 h, the usual broker server)')
    .option('--price-divisor <n>', 'prices are divided by it (100000: 158611 → 1.58611)', number)
    .option('--on-crossed <policy>', 'crossed quotes: fail, drop or clamp')
    .option('--max-drop <share>', 'share of bars that drop may drop (0.01)', number)
    .option('--calendar <name>', 'fx, always or none')
    .option('--label <which>', 'the stamps tell the open or the close of a bar')
    .option('--drop-flat <which>', 'weekend, none or all (weekend for bars of Dukascopy, else none)')
    .option('--v1-market-hours', 'keep the bars that Omega V1 kept')
    .option('--data-root <dir>', 'data root (OMEGA_DATA_PARQUET_ROOT, data/parquet)')
    .option('--overwrite', 'replace existing files')
    .action(async ({ dataRoot, ...flags }: ImportFlags, command: Command) =>
      framed('data import', command, async ({ signal, onProgress }) => {
        const { importData } = await import('../data/import-data.ts')
        const { inFlagNames } = await import('../data/option-names.ts')
        const input = { ...flags, ...defined({ root: dataRoot }) }
        const report = await importData(input, { signal, onProgress }).catch((error: unknown) => {
          throw inFlagNames(error)
        })
        return { data: report, text: reportText(`imported ${flags.symbol} ${flags.timeframe}`, report) }
      }),
    )
}

interface ResampleFlags extends Omit<ResampleInput, 'root' | 'cwd' | 'quotes'> {
  to: Timeframe[]
  dataRoot?: string
  single?: boolean
}

function addResample(data: Command): void {
  data
    .command('resample')
    .description('larger timeframes from the files of a smaller one; written whole or not at all')
    .requiredOption('--symbol <name>', 'symbol')
    .requiredOption('--from <tf>', 'timeframe that is read', upper)
    .requiredOption('--to <tf,...>', 'timeframes that are made: M5,H1,D1', (text) => upper(text).split(','))
    .option('--anchor <name>', 'H4, D1 and W1 bars begin at 17:00 New York (ny17) or midnight UTC (utc)')
    .option('--single', 'data without a spread, where both kinds of files lie')
    .option('--data-root <dir>', 'data root (OMEGA_DATA_PARQUET_ROOT, data/parquet)')
    .option('--overwrite', 'replace existing files')
    .action(async (flags: ResampleFlags, command: Command) =>
      framed('data resample', command, async ({ signal, onProgress }) => {
        const { resample } = await import('../data/resample.ts')
        const { dataRoot, single, to, ...rest } = flags
        const quotes = single ? ('single' as const) : undefined
        const input = { ...rest, to, ...defined({ root: dataRoot, quotes }) }
        const report = await resample(input, { signal, onProgress })
        return { data: report, text: reportText(`made ${report.symbol} ${to.join(', ')} of ${report.from}`, report) }
      }),
    )
}

function addImportNews(data: Command): void {
  data
    .command('import-news')
    .description('an economic calendar (CSV, also .gz) into the Parquet file that news_filter reads')
    .requiredOption(
      '--file <file...>',
      'columns Start or "UTC time", Name, Impact, Currency and perhaps Id; times are UTC',
    )
    .option(
      '--impact-map <from=to...>',
      'other impacts than LOW, MEDIUM, HIGH: NONE=skip leaves such events out, HOLIDAY=high keeps them',
      mapping,
    )
    .option('--day-first', 'dates with slashes are dd/MM/yyyy, not MM/dd/yyyy')
    .option('--out <file>', 'calendar (OMEGA_NEWS_CALENDAR_FILE, data/news/news_calender_history.parquet)')
    .option('--overwrite', 'replace an existing calendar')
    .action(async (flags: Omit<ImportNewsInput, 'cwd'>, command: Command) =>
      framed('data import-news', command, async ({ signal, onProgress }) => {
        const { importNews } = await import('../data/import-news.ts')
        const report = await importNews(flags, { signal, onProgress })
        return { data: report, text: reportText(`imported ${report.rows_out} events`, report) }
      }),
    )
}

/** `NONE=skip`, added to those before. */
function mapping(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.lastIndexOf('=')
  const from = text.slice(0, at)
  if (at >= 0 && !Object.hasOwn(before, from)) return { ...before, [from]: text.slice(at + 1) }
  if (at >= 0) {
    throw new OmegaError('ARG_INVALID', `--impact-map names '${from}' twice`, { category: 'usage' })
  }
  throw new OmegaError('ARG_INVALID', `'${text}' is not IMPACT=skip, IMPACT=low, IMPACT=medium or IMPACT=high`, {
    category: 'usage',
    hint: 'for example --impact-map NONE=skip',
  })
}

function addInspect(data: Command): void {
  data
    .command('inspect')
    .description('rows, span, gaps, crossed bars, spreads, hashes and problems of candle files')
    .requiredOption('--symbol <name>', 'symbol')
    .requiredOption('--timeframe <tf>', 'timeframe', upper)
    .option('--single', 'data without a spread')
    .option('--pip-size <n>', 'size of a pip', number)
    .option('--calendar <name>', 'fx, always or none')
    .option('--data-root <dir>', 'data root')
    .action(async (flags: Omit<InspectDataInput, 'root'> & { dataRoot?: string; single?: boolean }, command: Command) =>
      framed('data inspect', command, async ({ signal, onProgress }) => {
        const { inspectData } = await import('../data/inspect-data.ts')
        const { dataRoot, single, ...rest } = flags
        const input = { ...rest, ...defined({ root: dataRoot }), quotes: single ? 'single' : 'bid_ask' } as const
        const report = await inspectData(input, { signal, onProgress })
        if (report.loadable === false) process.exitCode = EXIT.failed
        return { data: report, text: reportText(`${flags.symbol} ${flags.timeframe}`, report) }
      }),
    )
}

function addGenerate(data: Command): void {
  data
    .command('generate')
    .description('reproducible synthetic candles, marked as synthetic wherever they are used')
    .requiredOption('--symbol <name>', 'symbol')
    .requiredOption('--timeframe <tf>', 'timeframe', upper)
    .requiredOption('--bars <n>', 'number of bars', integer)
    .requiredOption('--seed <n>', 'the same seed gives the same bytes', integer)
    .option('--start <date>', 'first day, YYYY-MM-DD (2020-01-06)')
    .option('--additional <tf...>', 'larger timeframes from the same path')
    .option('--data-root <dir>', 'data root')
    .option('--overwrite', 'replace existing files')
    .action(async ({ dataRoot, ...flags }: GenerateDataInput & { dataRoot?: string }, command: Command) =>
      framed('data generate', command, async ({ signal, onProgress }) => {
        const { generateData } = await import('../data/generate-data.ts')
        const report = await generateData({ ...flags, ...defined({ root: dataRoot }) }, { signal, onProgress })
        return { data: report, text: reportText(`generated ${flags.symbol} ${flags.timeframe}`, report) }
      }),
    )
}

function upper(text: string): string {
  return text.trim().toUpperCase()
}
