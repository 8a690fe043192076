import { createHash, randomBytes, randomInt } from 'node:crypto'
import { basename, join } from 'node:path'
import { stringifyArtifact } from './artifacts/json.ts'
import { writeManifest } from './artifacts/manifest.ts'
import { isoOf, metaOf, nowNs } from './artifacts/meta.ts'
import { type Profiling, profilingFile, profilingOf } from './artifacts/profiling.ts'
import { metricsFile, writeRun } from './artifacts/write.ts'
import type { BacktestConfig, BacktestConfigInput } from './config/backtest-config.ts'
import type { ReadConfigInput } from './config/read.ts'
import { Dataset, heldHandle } from './dataset.ts'
import { type ErrorCategory, OmegaError } from './errors.ts'
import type { ArtifactValue, Head } from './head.ts'
import { costsWarnings, specsWarnings } from './input-keys.ts'
import { type FileContent, readSmallInput } from './inputs.ts'
import { runJob, tell, throwIfAborted } from './job.ts'
import { logLevelOf } from './log/level.ts'
import { RunLog } from './log/run-log.ts'
import { jsonOf, native, type RunHandle } from './native.ts'
import { checkRunOptions, type RunOptions } from './options.ts'
import { type PathOrigin, resolvePath } from './paths.ts'
import { BacktestResult, type WrittenArtifacts } from './result.ts'
import { snapshot } from './snapshot.ts'
import { signalsHandle } from './strategy/signals.ts'
import type { Warning } from './warning.ts'

/**
 * Runs one backtest off the main thread.
 *
 * @param input the run configuration, or the path of a JSON file that holds it
 * @throws {OmegaError} `CONFIG_INVALID` and `ARG_INVALID` before any data is read, `CFG_UNSUPPORTED` for a setting that
 * needs a feature not built yet, `DATA_*` and the codes of costs and conversion for the inputs, `ABORTED`, `OUT_*`.
 */
export async function runBacktest(
  input: BacktestConfigInput | string,
  options: RunOptions = {},
): Promise<BacktestResult> {
  return run(snapshot(input), snapshot(options))
}

/** {@link runBacktest}, also for a file with single fields replaced; `onPrepared` is called before the run starts. */
export async function run(
  input: RunInput,
  options: RunOptions,
  onPrepared: (prepared: PreparedRun) => void = () => undefined,
): Promise<BacktestResult> {
  // Held from here on, so that the caller may close the dataset while the run is under way.
  const dataset = options?.data instanceof Dataset ? heldHandle(options.data) : undefined
  const startMs = performance.now()
  try {
    const prepared = await prepareRun(input, options)
    onPrepared(prepared)
    return await runPrepared(prepared, options, dataset, startMs)
  } finally {
    if (dataset) native().closeDataset(dataset)
  }
}

async function runPrepared(
  prepared: PreparedRun,
  options: RunOptions,
  dataset: ReturnType<typeof heldHandle> | undefined,
  startMs: number,
): Promise<BacktestResult> {
  const { signal, onProgress } = options
  const { log } = prepared
  const signals = options.strategy && signalsHandle(options.strategy)
  try {
    const answer = await runJob(
      { signal, onProgress },
      (binding, job) => binding.startRun(job, prepared.request, dataset, signals),
      (binding, job) => log.takeFrom(binding, job),
    )
    const head: Head = JSON.parse(answer.json ?? '{}')
    if (!answer.run) throw new OmegaError('INTERNAL', 'the answer holds no run', { category: 'runtime' })
    return await finish(prepared, head, answer.run, options, startMs)
  } catch (error) {
    if (error instanceof OmegaError && STARTED.has(error.category)) await log.fail(error)
    throw error
  }
}

/** Failures of a run that had begun; a refused configuration or option leaves nothing behind. */
const STARTED: ReadonlySet<ErrorCategory> = new Set(['market_data', 'execution', 'strategy', 'runtime', 'output'])

/**
 * {@link runBacktest} for those who prefer values to exceptions. It never rejects with an `OmegaError`.
 */
export async function safeRunBacktest(
  input: BacktestConfigInput | string,
  options: RunOptions = {},
): Promise<{ ok: true; result: BacktestResult } | { ok: false; error: OmegaError }> {
  try {
    return { ok: true, result: await runBacktest(input, options) }
  } catch (error) {
    if (error instanceof OmegaError) return { ok: false, error }
    throw error
  }
}

/** What the command line passes instead of a configuration: a file with single fields replaced. */
export type RunInput = BacktestConfigInput | ReadConfigInput | string

/** A run that is ready to cross the border. */
export interface PreparedRun {
  config: BacktestConfig
  configHash: string
  configSource: string
  warnings: readonly Warning[]
  data: Dataset | string
  paths: Record<string, { path: string; origin: PathOrigin }>
  /** What the run says about itself. */
  log: RunLog
  /** What the core takes, as JSON. */
  request: string
}

/** Everything of a run that happens before the border: options, configuration, small files. */
export async function prepareRun(input: RunInput, options: RunOptions): Promise<PreparedRun> {
  const notBuilt = checkRunOptions(options)
  throwIfAborted(options.signal)
  const { readConfig } = await import('./config/read.ts')
  throwIfAborted(options.signal)
  const { config, hash, warnings, source } = await readConfig(input, options)
  throwIfAborted(options.signal)
  const paths: PreparedRun['paths'] = {}
  const small = async (kind: 'costs' | 'symbolSpecs' | 'fxRates'): Promise<FileContent | undefined> => {
    const read = await readSmallInput(kind, options[kind], options.cwd)
    if (read?.file) paths[kind] = { path: read.file, origin: read.content.origin }
    return read?.content
  }
  const [costs, symbolSpecs, fxRates] = [await small('costs'), await small('symbolSpecs'), await small('fxRates')]
  const root = resolvePath('dataRoot', typeof options.data === 'string' ? options.data : undefined, options.cwd)
  const data = options.data instanceof Dataset ? options.data : root.path
  if (typeof data === 'string') paths.dataRoot = root
  const news = config.news_filter.enabled ? resolvePath('newsCalendarFile', options.news, options.cwd) : undefined
  if (news) paths.news = news
  const log = runLog(config, options)
  log.add('info', 'config', 'init', 'configuration read', { config_hash: hash, warnings: warnings.length })
  const request = {
    config,
    config_hash: hash,
    seed: config.rng_seed ?? randomInt(2 ** 48 - 1),
    data_root: typeof data === 'string' ? data : undefined,
    costs,
    symbol_specs: symbolSpecs,
    fx_rates: fxRates,
    news,
    options: {
      calendar: options.calendar,
      max_gap_loss: options.maxGapLoss ?? undefined,
      threads: options.threads,
      keep_indicators: options.keepIndicators ?? false,
      log_level: log.level === 'off' ? undefined : log.level,
      profiling: config.observability.profiling_mode,
      not_built: [...notBuilt, ...(options.strategy?.notBuilt ?? []).map((column) => `strategy.${column}`)],
    },
  }
  return {
    config,
    configHash: hash,
    configSource: source,
    warnings: [
      ...warnings,
      ...(config.costs.enabled ? costsWarnings(costs?.value, config.symbol) : []),
      ...specsWarnings(symbolSpecs?.value, config.symbol),
      ...(options.news !== undefined && !news ? [UNREAD_NEWS] : []),
    ],
    data,
    paths,
    log,
    request: JSON.stringify(request),
  }
}

const UNREAD_NEWS: Warning = {
  code: 'CFG_W_NO_EFFECT',
  path: 'news_filter.enabled',
  message: 'the news calendar is not read: news_filter.enabled is false',
}

/**
 * Refuses what a run would refuse before it reads any candle; otherwise gives what it would warn of.
 *
 * @throws {OmegaError} as {@link runBacktest}
 */
export function checkRun(prepared: PreparedRun): readonly Warning[] {
  const { warnings }: { warnings: Warning[] } = jsonOf(native().checkRun(prepared.request))
  return merged(prepared.warnings, warnings)
}

/** Logs go below the output root unless another folder is named; without an output root no file is written. */
function runLog(config: BacktestConfig, options: RunOptions): RunLog {
  const { outputDir, cwd } = options
  const named = options.logDir ?? process.env.OMEGA_LOG_DIR
  const below = (root: string) => join(resolvePath('outputRoot', root, cwd).path, 'logs')
  const directory = outputDir ? (named ? resolvePath('logDir', named, cwd).path : below(outputDir)) : undefined
  const { strategy_name, symbol, timeframes } = config
  return new RunLog(
    logLevelOf(options.logLevel, config.run_mode),
    { strategy_name, symbol, timeframe: timeframes.primary },
    { directory, console: options.console ?? false },
  )
}

async function finish(
  prepared: PreparedRun,
  head: Head,
  run: RunHandle,
  options: RunOptions,
  startMs: number,
): Promise<BacktestResult> {
  const { config, configHash, log } = prepared
  const manifestSha256 = head.manifest_sha256
  const runId = options.runId ?? deriveRunId(configHash, manifestSha256, config.run_mode)
  log.identify(runId)
  const warnings = merged(prepared.warnings, head.warnings)
  const generatedAtNs = nowNs()
  const meta = metaOf(head, {
    runId,
    config,
    configHash,
    configSource: prepared.configSource,
    warnings,
    paths: prepared.paths,
    generatedAtNs,
  })
  const start = performance.now()
  let output: WrittenArtifacts | null = null
  const profiles = config.observability.profiling_mode
  let profiling: Profiling | null = null
  const profile = (): Profiling => {
    const now = performance.now()
    profiling ??= profilingOf(head, options.outputDir ? now - start : 0, now - startMs)
    return profiling
  }
  if (options.outputDir) {
    throwIfAborted(options.signal)
    tell(options.onProgress, { phase: 'write', done: 0, total: 1, etaMs: null })
    throwIfAborted(options.signal)
    const root = resolvePath('outputRoot', options.outputDir, options.cwd).path
    const ifExists = options.ifExists ?? (config.run_mode === 'dev' ? 'verify' : 'error')
    const manifests = options.manifestDir ?? process.env.OMEGA_MANIFEST_DIR
    const manifestDir = manifests ? resolvePath('manifestDir', manifests, options.cwd).path : join(root, 'manifests')
    await writeManifest(manifestDir, manifestSha256, manifestFile(head, generatedAtNs), hashedManifest(head))
    const guard = () => throwIfAborted(options.signal)
    const files = {
      meta,
      metrics: metricsFile(head),
      extended: options.extendedMetrics ?? false,
      entries: config.logging.enable_entry_logging,
      profiling: profiles ? () => profilingFile(profile()) : undefined,
    }
    output = await writeRun(run, files, join(root, 'backtests', runId), ifExists, guard)
    log.add('info', 'output', 'finalize', 'artifacts are there', { written: output.written, files: output.files })
  }
  const writeMs = options.outputDir ? performance.now() - start : 0
  const curve = options.curve ?? true
  const unlogged = await log.write(output ? basename(output.dir) : runId)
  const keepsIndicators = options.keepIndicators ?? false
  const facts = {
    runId,
    configHash,
    meta,
    curve,
    keepsIndicators,
    output,
    writeMs,
    profiling: profiles ? profile() : null,
  }
  return new BacktestResult(head, run, { ...facts, warnings: [...warnings, ...unlogged] })
}

/** dev: a function of configuration and inputs alone; prod: unique. */
function deriveRunId(configHash: string, manifestSha256: string, mode: 'dev' | 'prod'): string {
  const text = `${configHash}:${manifestSha256}${mode === 'prod' ? `:${randomBytes(16).toString('hex')}` : ''}`
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

function manifestFile(head: Head, createdAtNs: bigint): string {
  const inputs: ArtifactValue[] = head.manifest.inputs.map(({ start_time_ns, end_time_ns, ...input }) => ({
    ...input,
    ...(start_time_ns === undefined ? {} : { start_time_ns: BigInt(start_time_ns) }),
    ...(end_time_ns === undefined ? {} : { end_time_ns: BigInt(end_time_ns) }),
  }))
  return stringifyArtifact({
    manifest_version: head.manifest.manifest_version,
    manifest_sha256: head.manifest_sha256,
    created_at: isoOf(createdAtNs),
    created_at_ns: createdAtNs,
    inputs,
  })
}

function hashedManifest(head: Head): string {
  const { manifest_version, inputs } = head.manifest
  return JSON.stringify([manifest_version, inputs.map((input) => [input.kind, input.path, input.sha256])])
}

/** Both lists, sorted; what both say appears once. */
function merged(left: readonly Warning[], right: readonly Warning[]): Warning[] {
  const said = new Set(left.map(({ code, message }) => `${code} ${message}`))
  return [...left, ...right.filter(({ code, message }) => !said.has(`${code} ${message}`))].sort(byCodePathMessage)
}

function byCodePathMessage(a: Warning, b: Warning): number {
  const keys = (w: Warning) => [w.code, w.path ?? '', w.message]
  const [left, right] = [keys(a), keys(b)]
  for (let i = 0; i < left.length; i += 1) {
    if (left[i] !== right[i]) return String(left[i]) < String(right[i]) ? -1 : 1
  }
  return 0
}
