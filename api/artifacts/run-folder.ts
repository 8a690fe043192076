import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { OmegaError } from '../errors.ts'

/** Files by name; a content that is a function is asked for when everything before it is on disk. */
export type Files = ReadonlyMap<string, Content>
export type Content = string | Uint8Array | (() => string)

/** Called right before a folder becomes visible; throws to give up. */
export type Guard = () => void

/** Names that a run folder may hold. */
const RUN_FILES = new Set([
  'equity.csv',
  'meta.json',
  'metrics.json',
  'trades.json',
  'metrics_extended.json',
  'entries.jsonl',
  'profiling',
])

const DAY_MS = 86_400_000

/**
 * Makes a folder with `files`, whole or not at all. `false` if there is one of that name already, also if another process
 * was faster.
 */
export async function putFolder(files: Files, target: string, guard: Guard): Promise<boolean> {
  await recover(target)
  if (await exists(target)) return false
  const fresh = await stage(files, target)
  try {
    guard()
    await moved(fresh, target)
    return true
  } catch (cause) {
    await discard(fresh)
    if (isThere(cause) && (await exists(target))) return false
    throw cannotWrite(target, cause)
  }
}

/** Puts a folder with `files` in the place of another run folder, or of nothing. */
export async function replaceFolder(files: Files, target: string, guard: Guard): Promise<void> {
  await recover(target)
  await expectRunFolder(target)
  const fresh = await stage(files, target)
  const old = sibling(target, '.old-')
  try {
    guard()
    for (let attempt = 1; ; attempt += 1) {
      await moved(target, old).catch(ignoreAbsent)
      try {
        await moved(fresh, target)
        break
      } catch (cause) {
        // Another process put its own in between; it is the one to replace now.
        if (!isThere(cause) || attempt === 100) {
          if (!(await exists(target))) await moved(old, target).catch(() => undefined)
          throw cause
        }
        await discard(old)
      }
    }
  } catch (cause) {
    await discard(fresh)
    throw cannotWrite(target, cause)
  }
  await discard(old)
}

/** Is there anything of that name? */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

/** Removes what is left of a failed attempt; a second failure must not hide the first. */
export async function discard(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => undefined)
}

/** A name beside `target` that nobody else uses. */
export function sibling(target: string, prefix: '.tmp-' | '.old-'): string {
  return join(dirname(target), `${prefix}${basename(target)}-${process.pid}-${randomBytes(4).toString('hex')}`)
}

/** Files and folders that a crash left behind more than a day ago. */
export async function removeStale(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    if (!name.startsWith('.tmp-') && !name.startsWith('.old-')) continue
    const path = join(parent, name)
    const age = await stat(path)
      .then((s) => Date.now() - s.mtimeMs)
      .catch(() => 0)
    if (age > DAY_MS) await discard(path)
  }
}

/** What went wrong while writing, and what to do. */
export function cannotWrite(target: string, cause: unknown): OmegaError {
  if (cause instanceof OmegaError) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new OmegaError('OUT_WRITE', `cannot write ${target}: ${reason}`, {
    category: 'output',
    cause,
    details: { path: target },
    hint: 'check that the folder exists, is writable and has space',
  })
}

/** Writes the files into a temporary folder beside the target, flushed to disk. */
async function stage(files: Files, target: string): Promise<string> {
  const folder = sibling(target, '.tmp-')
  try {
    await mkdir(folder, { recursive: true })
    await removeStale(dirname(target))
    for (const [name, content] of files) {
      await put(join(folder, name), content)
    }
    return folder
  } catch (cause) {
    await discard(folder)
    throw cannotWrite(target, cause)
  }
}

async function put(path: string, content: Content): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const file = await open(path, 'w')
  try {
    await file.writeFile(typeof content === 'function' ? content() : content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Adds one file to a run folder that is there, whole or not at all. */
export async function addFile(content: Content, target: string, name: string, guard: Guard): Promise<void> {
  const fresh = sibling(target, '.tmp-')
  try {
    await put(fresh, content)
    await mkdir(dirname(join(target, name)), { recursive: true })
    guard()
    await moved(fresh, join(target, name))
  } catch (cause) {
    await discard(fresh)
    throw cannotWrite(target, cause)
  }
}

/** A replacement that was killed between its two renames left the only copy under another name: bring it back. */
async function recover(target: string): Promise<void> {
  if (await exists(target)) return
  const parent = dirname(target)
  const pattern = new RegExp(`^\\.old-${escaped(basename(target))}-(\\d+)-[0-9a-f]{8}$`)
  for (const name of await readdir(parent).catch(() => [])) {
    const owner = Number(pattern.exec(name)?.[1])
    if (owner > 0 && !isRunning(owner)) {
      await moved(join(parent, name), target).catch(() => undefined)
      return
    }
  }
}

function isRunning(pid: number): boolean {
  if (pid === process.pid) return true
  try {
    process.kill(pid, 0)
    return true
  } catch (cause) {
    return codeOf(cause) === 'EPERM'
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

/** Nothing but an empty folder or a run folder is ever replaced. */
async function expectRunFolder(target: string): Promise<void> {
  const names: string[] | undefined = await readdir(target).catch((cause: unknown) =>
    codeOf(cause) === 'ENOENT' ? [] : undefined,
  )
  const foreign = names?.find((name) => !RUN_FILES.has(name))
  if (names && foreign === undefined && (names.length === 0 || names.includes('meta.json'))) return
  const problem = names === undefined ? 'is not a folder' : `holds ${foreign ?? 'no meta.json'}`
  throw new OmegaError('OUT_EXISTS', `${target} ${problem}; only a run folder is replaced`, {
    category: 'output',
    details: { path: target },
    hint: 'choose another folder',
  })
}

/** Renames; on Windows a virus scanner may hold a file for a moment. */
async function moved(from: string, to: string): Promise<void> {
  const until = Date.now() + (process.platform === 'win32' ? 2_000 : 0)
  for (;;) {
    try {
      await rename(from, to)
      return
    } catch (cause) {
      if (Date.now() >= until || !['EPERM', 'EBUSY', 'EACCES'].includes(codeOf(cause))) throw cause
      await new Promise((again) => setTimeout(again, 50))
    }
  }
}

function isThere(cause: unknown): boolean {
  return ['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EPERM'].includes(codeOf(cause)) && !(cause instanceof OmegaError)
}

function ignoreAbsent(cause: unknown): void {
  if (codeOf(cause) !== 'ENOENT') throw cause
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : ''
}
