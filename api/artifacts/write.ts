import { readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { checkArguments, isBoolean, isFolder, oneOf } from '../arguments.ts'
import { OmegaError } from '../errors.ts'
import type { MetaJson } from '../head.ts'
import { type BacktestResult, encoded, runHandle, type WrittenArtifacts } from '../result.ts'
import { firstDifference } from './compare.ts'
import { stringifyArtifact } from './json.ts'
import { profilingFile } from './profiling.ts'
import { addFile, type Content, type Files, type Guard, putFolder, replaceFolder } from './run-folder.ts'

/** What to do when the run folder exists. */
export type IfExists = 'verify' | 'error' | 'replace' | 'suffix'

/** Options of {@link writeArtifacts}. */
export interface WriteArtifactsOptions {
  /**
   * `verify` (default): equal content keeps the existing folder, other content is `OUT_NOT_REPRODUCIBLE`.
   * `error`: `OUT_EXISTS`. `replace`: the old folder is replaced. `suffix`: `-2`, `-3`, … is added.
   */
  ifExists?: IfExists
  /** Writes `metrics_extended.json` as well. */
  extendedMetrics?: boolean
}

const CHECKS = { known: { ifExists: oneOf('verify', 'error', 'replace', 'suffix'), extendedMetrics: isBoolean } }

/**
 * Writes the artifacts of a run into `directory` (the run folder itself): all of them or none.
 *
 * @throws {OmegaError} `OUT_EXISTS`, `OUT_NOT_REPRODUCIBLE`, `OUT_WRITE`, `OUT_CONTRACT`, `ARG_INVALID`.
 */
export async function writeArtifacts(
  result: BacktestResult,
  directory: string,
  options: WriteArtifactsOptions = {},
): Promise<WrittenArtifacts> {
  checkArguments('writeArtifacts option', options, CHECKS)
  checkArguments('writeArtifacts argument', { directory }, { known: { directory: isFolder }, required: ['directory'] })
  const ifExists = options.ifExists ?? 'verify'
  const { profiling } = result
  const files = {
    meta: result.meta,
    metrics: metricsFile(result),
    extended: options.extendedMetrics ?? false,
    entries: remembersEntries(result.meta),
    profiling: profiling ? () => profilingFile(profiling) : undefined,
  }
  return writeRun(runHandle(result), files, resolve(directory), ifExists, () => undefined)
}

/** The content of `metrics.json`: a metric that cannot be computed is the text `n/a`. */
export function metricsFile(result: Pick<BacktestResult, 'metrics' | 'definitions'>): string {
  const metrics = Object.fromEntries(Object.entries(result.metrics).map(([key, value]) => [key, value ?? 'n/a']))
  const definitions = Object.fromEntries(Object.entries(result.definitions).map(([key, value]) => [key, { ...value }]))
  return stringifyArtifact({ definitions, metrics })
}

/** What the folder of one run holds beside trades and equity. */
export interface RunFiles {
  meta: MetaJson
  /** The content of `metrics.json`. */
  metrics: string
  /** `metrics_extended.json` is wanted. */
  extended: boolean
  /** `entries.jsonl` is wanted. */
  entries: boolean
  /** The content of `profiling/profiling.json`, asked for when everything else is on disk. */
  profiling: (() => string) | undefined
}

const EXTENDED = 'metrics_extended.json'
const PROFILING = 'profiling/profiling.json'

/** Does the configuration behind a `meta.json` ask for `entries.jsonl`? */
export function remembersEntries(meta: MetaJson): boolean {
  const { config }: { config?: { snapshot?: { logging?: { enable_entry_logging?: boolean } } } } = Object(meta)
  return config?.snapshot?.logging?.enable_entry_logging === true
}

/** Writes the files of one run atomically. `guard` is called right before they become visible; it may throw. */
export async function writeRun(
  handle: ReturnType<typeof runHandle>,
  { meta, metrics, extended, entries, profiling }: RunFiles,
  target: string,
  ifExists: IfExists,
  guard: Guard,
): Promise<WrittenArtifacts> {
  const encode = (dir: string): Files =>
    new Map<string, Content>([
      ['equity.csv', encoded(handle, 'equity.csv')],
      ['meta.json', stringifyArtifact({ ...meta, run_id: basename(dir) })],
      ['metrics.json', metrics],
      ['trades.json', encoded(handle, 'trades.json')],
      ...(extended ? [[EXTENDED, encoded(handle, EXTENDED)] as const] : []),
      ...(entries ? [['entries.jsonl', encoded(handle, 'entries.jsonl')] as const] : []),
      ...(profiling ? [[PROFILING, profiling] as const] : []),
    ])
  const files = encode(target)
  const names = [...files.keys()].sort()
  const written = (dir: string): WrittenArtifacts => ({ dir, written: true, files: names })
  if (await putFolder(files, target, guard)) return written(target)
  switch (ifExists) {
    case 'verify':
      return { dir: target, written: await verify(files, target, guard), files: names }
    case 'error':
      throw new OmegaError('OUT_EXISTS', `${target} exists`, {
        category: 'output',
        details: { path: target },
        hint: "choose another folder, or ifExists 'verify', 'replace' or 'suffix'",
      })
    case 'replace':
      await replaceFolder(files, target, guard)
      return written(target)
    case 'suffix': {
      let number = 2
      while (!(await putFolder(encode(`${target}-${number}`), `${target}-${number}`, guard))) number += 1
      return written(`${target}-${number}`)
    }
  }
}

/**
 * Compares with the folder that is there. Extended metrics that it lacks are added, because asking for them does not change
 * a run; `true` if they were. Profiles are never compared.
 */
async function verify(files: Files, target: string, guard: Guard): Promise<boolean> {
  let added = false
  for (const [name, content] of files) {
    if (name === PROFILING || typeof content === 'function') continue
    const before = await readFile(join(target, name), 'utf8').catch(() => undefined)
    if (name === EXTENDED && before === undefined) {
      added = true
      continue
    }
    const difference = before === undefined ? `${name} is missing` : firstDifference(name, textOf(content), before)
    if (difference) {
      throw new OmegaError('OUT_NOT_REPRODUCIBLE', `${join(target, name)} differs: ${difference}`, {
        category: 'output',
        details: { path: target, file: name, difference },
        hint: "the folder was made by another version or changed by hand; look at it, then use ifExists 'replace' or 'suffix'",
      })
    }
  }
  const extended = files.get(EXTENDED)
  if (added && extended !== undefined) await addFile(extended, target, EXTENDED, guard)
  return added
}

function textOf(content: string | Uint8Array): string {
  return typeof content === 'string' ? content : new TextDecoder().decode(content)
}
