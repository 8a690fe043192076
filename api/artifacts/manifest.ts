import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OmegaError } from '../errors.ts'
import { discard, removeStale, sibling } from './run-folder.ts'

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
  const fresh = sibling(path, '.tmp-')
  try {
    await mkdir(directory, { recursive: true })
    await removeStale(directory)
    await writeFile(fresh, manifest, { flush: true })
    await rename(fresh, path)
  } catch (cause) {
    await discard(fresh)
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new OmegaError('MAN_WRITE', `manifest ${sha256.slice(0, 16)}…: cannot write ${path}: ${reason}`, {
      category: 'output',
      cause,
      details: { path },
      hint: 'check that the folder exists, is writable and has space; manifestDir names another',
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
