import { randomBytes } from 'node:crypto'
import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { nowNs } from '../artifacts/meta.ts'
import type { ErrorCategory, OmegaError } from '../errors.ts'
import type { ArtifactValue } from '../head.ts'
import { type Binding, jsonOf } from '../native.ts'
import type { Warning } from '../warning.ts'
import { isLogged, type LogLevel } from './level.ts'
import { jsonLine, type LogComponent, type LogContext, type LogRecord, textLine } from './record.ts'

/**
 * What one run says about itself. Records are kept until the run's id is known, then appended to `<id>.log` (people) and
 * `<id>.jsonl` (programs) for the core and `<id>.node.log` for this layer; with `console` also printed on stderr.
 */
export class RunLog {
  readonly level: LogLevel
  readonly #directory: string | undefined
  readonly #console: boolean
  readonly #context: Omit<LogContext, 'run_id'>
  #runId: string | undefined
  readonly #core: LogRecord[] = []
  readonly #own: LogRecord[] = []

  /** Without `directory` no file is written. */
  constructor(
    level: LogLevel,
    context: Omit<LogContext, 'run_id'>,
    { directory, console }: { directory: string | undefined; console: boolean },
  ) {
    this.level = directory === undefined && !console ? 'off' : level
    this.#directory = directory
    this.#console = console
    this.#context = context
  }

  /** Adds a record of this layer. */
  add(
    level: LogRecord['level'],
    component: LogComponent,
    phase: LogRecord['phase'],
    message: string,
    fields: Record<string, ArtifactValue> = {},
  ): void {
    if (isLogged(level, this.level)) this.#own.push({ time_ns: nowNs(), level, component, phase, message, fields })
  }

  /** Takes over what the core has said during a job. */
  takeFrom(binding: Binding, job: number): void {
    if (this.level === 'off') return
    const records: (Omit<LogRecord, 'time_ns'> & { time_ns: string })[] = jsonOf(binding.takeLog(job))
    this.#core.push(...records.map((record) => ({ ...record, time_ns: BigInt(record.time_ns) })))
  }

  /** From here on the run has an id; what fails later is logged under it. */
  identify(runId: string): void {
    this.#runId = runId
  }

  /** Writes everything under the run's id. A log that cannot be written is a warning. */
  async write(runId: string): Promise<Warning[]> {
    const context = { run_id: runId, ...this.#context }
    const lines = (records: readonly LogRecord[], line: typeof jsonLine) =>
      records.map((record) => line(record, context)).join('')
    if (this.#console) process.stderr.write(lines([...this.#core, ...this.#own].sort(byTime), textLine))
    if (this.#directory === undefined) return []
    const streams = [
      [`${runId}.log`, lines(this.#core, textLine)],
      [`${runId}.jsonl`, lines(this.#core, jsonLine)],
      [`${runId}.node.log`, lines(this.#own, textLine)],
    ] as const
    try {
      const written = streams.filter(([, text]) => text !== '')
      if (written.length > 0) await mkdir(this.#directory, { recursive: true })
      for (const [name, text] of written) await appendFile(join(this.#directory, name), text)
      return []
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      const hint = 'check that the folder exists, is writable and has space; logDir names another'
      return [{ code: 'OUT_W_LOG', message: `the log of the run cannot be written: ${reason}`, hint }]
    }
  }

  /** Adds that the run failed. The message may quote the configuration, so code and category must do. */
  addFailure({ code, category }: OmegaError): void {
    const component = COMPONENTS[category] ?? 'execution'
    this.add('error', component, 'finalize', 'run failed', { code, category })
  }

  /** Writes the log of a run that failed, with or without an id. One that was cancelled leaves nothing behind. */
  async fail(error: OmegaError): Promise<void> {
    if (error.code === 'ABORTED') return
    this.addFailure(error)
    const now = new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '')
    await this.write(this.#runId ?? `failed-${now}Z-${randomBytes(4).toString('hex')}`)
  }
}

const COMPONENTS: Partial<Record<ErrorCategory, LogComponent>> = {
  config: 'config',
  usage: 'config',
  market_data: 'data_load',
  output: 'output',
}

function byTime(a: LogRecord, b: LogRecord): number {
  return a.time_ns < b.time_ns ? -1 : a.time_ns > b.time_ns ? 1 : 0
}
