import { styleText } from 'node:util'
import type { Command } from 'commander'
import { withoutBigInt } from '../artifacts/json.ts'
import { OmegaError } from '../errors.ts'
import type { Progress } from '../job.ts'
import type { LogLevel } from '../log/level.ts'
import type { Warning } from '../warning.ts'

/** Exit codes of the command line. */
export const EXIT = {
  ok: 0,
  failed: 1,
  fileNotFound: 2,
  config: 3,
  native: 4,
  usage: 5,
  interrupted: 130,
} as const

/** What every command gets beside its own arguments. */
export interface Frame {
  /** `--json`: one document on stdout, nothing else. */
  json: boolean
  /** Aborted by Ctrl-C. */
  signal: AbortSignal
  onProgress: (progress: Progress) => void
  /** Prints a remark on stderr, unless `--quiet` or `--json`. */
  say: (text: string) => void
  warn: (warnings: readonly Warning[]) => void
  paint: (format: Paint, text: string) => string
  /** `--log-level`: the log of a run goes to stderr, unless `--quiet`. */
  logging: { logLevel?: LogLevel; console?: boolean }
}

type Paint = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan'

/** A finished command: data for programs, text for people. */
export interface Finished {
  data: unknown
  text: string
}

/** Runs a command: one JSON document or readable text, errors with code and hint, exit codes, Ctrl-C. */
export async function framed(name: string, command: Command, work: (frame: Frame) => Promise<Finished>): Promise<void> {
  const {
    json = false,
    quiet = false,
    color = true,
    logLevel,
  } = command.optsWithGlobals<{ json?: boolean; quiet?: boolean; color?: boolean; logLevel?: LogLevel }>()
  const abort = new AbortController()
  const interrupt = () => abort.abort(new Error('interrupted'))
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  const paint = (format: Paint, text: string) => (color && process.stdout.isTTY ? styleText(format, text) : text)
  const bar = progressBar(!json && !quiet && process.stderr.isTTY === true)
  const logging = logLevel === undefined ? {} : { logLevel, console: !quiet }
  const say = (text: string) => {
    if (json || quiet) return
    bar.clear()
    process.stderr.write(`${text}\n`)
  }
  const warn = (warnings: readonly Warning[]) => {
    for (const { code, message, path, hint } of warnings) {
      say(`warning ${code}${path ? ` at ${path}` : ''}: ${message}${hint ? ` (${hint})` : ''}`)
    }
  }
  try {
    const { data, text } = await work({ json, signal: abort.signal, onProgress: bar.show, say, warn, paint, logging })
    bar.clear()
    process.stdout.write(json ? `${document({ ok: true, command: name, data })}\n` : `${text}\n`)
  } catch (error) {
    bar.clear()
    report(error, json)
  } finally {
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
}

function document(value: unknown): string {
  return JSON.stringify(withoutBigInt(value), null, 2)
}

/** Prints a failure, as a document or for people, and sets the exit code. */
export function report(error: unknown, json: boolean): void {
  const known = error instanceof OmegaError ? error : unexpected(error)
  process.exitCode = exitCodeOf(known)
  if (json) {
    process.stdout.write(`${document({ ok: false, error: known.toJSON() })}\n`)
    return
  }
  process.stderr.write(`error ${known.code}: ${known.message}\n`)
  for (const issue of issuesOf(known)) process.stderr.write(`  ${issue}\n`)
  if (known.hint) process.stderr.write(`hint: ${known.hint}\n`)
}

function unexpected(error: unknown): OmegaError {
  const message = error instanceof Error ? error.message : String(error)
  return new OmegaError('INTERNAL', message, {
    category: 'runtime',
    cause: error,
    hint: 'this is a bug in Omega; please report it',
  })
}

/** The single issues of a configuration error, one line each. */
function issuesOf(error: OmegaError): string[] {
  const { issues } = error.details
  if (!Array.isArray(issues) || (issues.length < 2 && error.code !== 'CFG_UNSUPPORTED')) return []
  return issues.map(
    (issue) => `${issue.path || '(root)'}: ${issue.message} [${issue.code}]${issue.hint ? ` — ${issue.hint}` : ''}`,
  )
}

function exitCodeOf(error: OmegaError): number {
  if (error.code === 'ABORTED') return EXIT.interrupted
  if (isMissingNamedFile(error)) return EXIT.fileNotFound
  if (error.category === 'config') return EXIT.config
  if (error.category === 'native') return EXIT.native
  if (error.category === 'usage') return EXIT.usage
  return EXIT.failed
}

/** A file that the command line names does not exist. */
function isMissingNamedFile({ code, details }: OmegaError): boolean {
  return (
    code === 'IMPORT_FILE_NOT_FOUND' ||
    ((code.endsWith('_missing') || code === 'NEWS_FILE_NOT_FOUND') && details.origin === 'option') ||
    (Array.isArray(details.issues) && details.issues.some((issue) => issue.code === 'CFG_FILE_NOT_FOUND'))
  )
}

/** One line on stderr that is redrawn. */
function progressBar(visible: boolean): { show: (progress: Progress) => void; clear: () => void } {
  let drawn = false
  return {
    show: ({ phase, done, total, etaMs }) => {
      if (!visible) return
      const share = total > 0 ? done / total : 0
      const width = 24
      const full = Math.round(share * width)
      const eta = etaMs === null || etaMs < 1_000 ? '' : ` ${Math.ceil(etaMs / 1_000)} s left`
      process.stderr.write(
        `\r\u001b[2K${phase.padEnd(9)} ${'█'.repeat(full)}${'░'.repeat(width - full)} ${Math.round(share * 100)} %${eta}`,
      )
      drawn = true
    },
    clear: () => {
      if (drawn) process.stderr.write('\r\u001b[2K')
      drawn = false
    },
  }
}

/** A whole number option. */
export function integer(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw badValue(text, 'a whole number')
  return value
}

/** A number option. */
export function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw badValue(text, 'a number')
  return value
}

function badValue(text: string, expected: string): OmegaError {
  return new OmegaError('ARG_INVALID', `'${text}' is not ${expected}`, { category: 'usage' })
}
