import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { OmegaError } from '../errors.ts'
import type { MetaJson } from '../head.ts'
import { type BacktestResult, encoded, runHandle, type WrittenArtifacts } from '../result.ts'
import { firstDifference } from './compare.ts'
import { stringifyArtifact } from './json.ts'

/** What to do when the run folder exists. */
export type IfExists = 'verify' | 'error' | 'replace' | 'suffix'

/** Options of {@link writeArtifacts}. */
export interface WriteArtifactsOptions {
  /**
   * `verify` (default): equal content keeps the existing folder, other content is `OUT_NOT_REPRODUCIBLE`.
   * `error`: `OUT_EXISTS`. `replace`: the old folder is replaced. `suffix`: `-2`, `-3`, … is added.
   */
  ifExists?: IfExists
}

type Files = ReadonlyMap<string, string | Uint8Array>

/**
 * Writes the artifacts of a run into `directory` (the run folder itself): all of them or none.
 *
 * @throws {OmegaError} `OUT_EXISTS`, `OUT_NOT_REPRODUCIBLE`, `OUT_WRITE`, `OUT_CONTRACT`.
 */
export async function writeArtifacts(
  result: BacktestResult,
  directory: string,
  options: WriteArtifactsOptions = {},
): Promise<WrittenArtifacts> {
  return writeRun(runHandle(result), result.meta, metricsFile(result), resolve(directory), options.ifExists ?? 'verify')
}

/** The content of `metrics.json`: a metric that cannot be computed is the text `n/a`. */
export function metricsFile(result: Pick<BacktestResult, 'metrics' | 'definitions'>): string {
  const metrics = Object.fromEntries(Object.entries(result.metrics).map(([key, value]) => [key, value ?? 'n/a']))
  const definitions = Object.fromEntries(Object.entries(result.definitions).map(([key, value]) => [key, { ...value }]))
  return stringifyArtifact({ definitions, metrics })
}

/** Writes the files of one run atomically. */
export async function writeRun(
  handle: ReturnType<typeof runHandle>,
  meta: MetaJson,
  metrics: string,
  target: string,
  ifExists: IfExists,
): Promise<WrittenArtifacts> {
  const encode = (runId: string): Files =>
    new Map<string, string | Uint8Array>([
      ['equity.csv', encoded(handle, 'equity.csv')],
      ['meta.json', stringifyArtifact({ ...meta, run_id: runId })],
      ['metrics.json', metrics],
      ['trades.json', encoded(handle, 'trades.json')],
    ])
  const name = basename(target)
  if (!(await exists(target))) return put(encode(name), target)
  switch (ifExists) {
    case 'verify':
      return verify(encode(name), target)
    case 'error':
      throw new OmegaError('OUT_EXISTS', `${target} exists`, {
        category: 'output',
        details: { path: target },
        hint: "choose another folder, or ifExists 'verify', 'replace' or 'suffix'",
      })
    case 'replace':
      return replace(encode(name), target)
    case 'suffix': {
      let number = 2
      while (await exists(`${target}-${number}`)) number += 1
      return put(encode(`${name}-${number}`), `${target}-${number}`)
    }
  }
}

async function verify(files: Files, target: string): Promise<WrittenArtifacts> {
  for (const [name, content] of files) {
    const before = await readFile(join(target, name), 'utf8').catch(() => undefined)
    const difference = before === undefined ? `${name} is missing` : firstDifference(name, textOf(content), before)
    if (difference) {
      throw new OmegaError('OUT_NOT_REPRODUCIBLE', `${join(target, name)} differs: ${difference}`, {
        category: 'output',
        details: { path: target, file: name, difference },
        hint: "the folder was made by another version or changed by hand; look at it, then use ifExists 'replace' or 'suffix'",
      })
    }
  }
  return { dir: target, written: false, files: [...files.keys()] }
}

async function replace(files: Files, target: string): Promise<WrittenArtifacts> {
  const old = join(dirname(target), `.old-${basename(target)}-${process.pid}-${randomBytes(4).toString('hex')}`)
  const fresh = await stage(files, target)
  try {
    await moved(target, old)
    try {
      await moved(fresh, target)
    } catch (cause) {
      await moved(old, target)
      throw cause
    }
  } catch (cause) {
    await discard(fresh)
    throw cannotWrite(target, cause)
  }
  await rm(old, { recursive: true, force: true })
  return { dir: target, written: true, files: [...files.keys()] }
}

async function put(files: Files, target: string): Promise<WrittenArtifacts> {
  const fresh = await stage(files, target)
  try {
    await moved(fresh, target)
  } catch (cause) {
    await discard(fresh)
    throw cannotWrite(target, cause)
  }
  return { dir: target, written: true, files: [...files.keys()] }
}

/** Writes the files into a temporary folder beside the target, flushed to disk. */
async function stage(files: Files, target: string): Promise<string> {
  const parent = dirname(target)
  const folder = join(parent, `.tmp-${basename(target)}-${process.pid}-${randomBytes(4).toString('hex')}`)
  try {
    await mkdir(folder, { recursive: true })
    await removeStale(parent)
    for (const [name, content] of files) {
      const file = await open(join(folder, name), 'w')
      try {
        await file.writeFile(content)
        await file.sync()
      } finally {
        await file.close()
      }
    }
    return folder
  } catch (cause) {
    await discard(folder)
    throw cannotWrite(target, cause)
  }
}

const DAY_MS = 86_400_000

/** Folders that a crash left behind more than a day ago. */
async function removeStale(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith('.tmp-')) continue
    const path = join(parent, name)
    const age = await stat(path)
      .then((s) => Date.now() - s.mtimeMs)
      .catch(() => 0)
    if (age > DAY_MS) await rm(path, { recursive: true, force: true })
  }
}

/** Renames; on Windows a virus scanner may hold a file for a moment. */
async function moved(from: string, to: string): Promise<void> {
  const until = Date.now() + (process.platform === 'win32' ? 2_000 : 0)
  for (;;) {
    try {
      await rename(from, to)
      return
    } catch (cause) {
      if (Date.now() >= until || !isBusy(cause)) throw cause
      await new Promise((again) => setTimeout(again, 50))
    }
  }
}

function isBusy(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && ['EPERM', 'EBUSY', 'EACCES'].includes(String(cause.code))
}

/** Stores a manifest under its own hash; an existing one is left as it is. */
export async function writeManifest(
  directory: string,
  sha256: string,
  manifest: string,
  hashed: string,
): Promise<void> {
  const path = join(directory, `${sha256}.json`)
  const before = await readFile(path, 'utf8').catch(() => undefined)
  if (before !== undefined) {
    if (hashedPart(before) === hashed) return
    throw new OmegaError('MAN_CONFLICT', `manifest ${sha256}: ${path} has other content`, {
      category: 'output',
      details: { path },
      hint: 'the file was changed; remove it',
    })
  }
  const fresh = join(directory, `.tmp-${sha256}-${process.pid}-${randomBytes(4).toString('hex')}`)
  try {
    await mkdir(directory, { recursive: true })
    await writeFile(fresh, manifest, { flush: true })
    await rename(fresh, path)
  } catch (cause) {
    await discard(fresh)
    throw new OmegaError('MAN_WRITE', `manifest ${sha256}: cannot write ${path}`, {
      category: 'output',
      cause,
      details: { path },
    })
  }
}

function hashedPart(text: string): string {
  try {
    const { manifest_version, inputs } = JSON.parse(text)
    return JSON.stringify([
      manifest_version,
      inputs.map((input: { kind: string; path: string; sha256: string }) => [input.kind, input.path, input.sha256]),
    ])
  } catch {
    return ''
  }
}

/** Removes what is left of a failed attempt; a second failure must not hide the first. */
async function discard(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => undefined)
}

function cannotWrite(target: string, cause: unknown): OmegaError {
  if (cause instanceof OmegaError) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new OmegaError('OUT_WRITE', `cannot write ${target}: ${reason}`, {
    category: 'output',
    cause,
    details: { path: target },
    hint: 'check that the folder exists, is writable and has space',
  })
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

function textOf(content: string | Uint8Array): string {
  return typeof content === 'string' ? content : new TextDecoder().decode(content)
}
