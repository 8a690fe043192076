import type { ArtifactValue } from '../head.ts'
import { parseArtifactJson } from './json.ts'

/** Fields of `meta.json` that say when and where a run was made, not what it is. */
const INCIDENTAL = ['generated_at', 'generated_at_ns', 'host', 'git'] as const

/**
 * The first difference between two artifacts of the same name, or `undefined`. Fields that tell time and machine do not count;
 * `comparable` says what of a `meta.json` does.
 */
export function firstDifference(
  name: string,
  left: string,
  right: string,
  comparable: (meta: ArtifactValue) => ArtifactValue = neutral,
): string | undefined {
  if (name.endsWith('.json')) {
    const [a, b] = [parseArtifactJson(left), parseArtifactJson(right)]
    return name === 'meta.json' ? differ(comparable(a), comparable(b), '') : differ(a, b, '')
  }
  const [a, b] = [lines(left), lines(right)]
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    if (a[i] !== b[i]) return `line ${i + 1}: ${cut(a[i])} instead of ${cut(b[i])}`
  }
  return undefined
}

/** `meta.json` without the fields that tell time, machine and version: what golden runs are compared by (output.md 11). */
export function timeless(meta: ArtifactValue): ArtifactValue {
  if (!isRecord(meta)) return meta
  const copy: Record<string, ArtifactValue | undefined> = { ...meta }
  for (const key of INCIDENTAL) delete copy[key]
  if (isRecord(copy.engine)) copy.engine = { ...copy.engine, version: undefined }
  if (isRecord(copy.config)) copy.config = { ...copy.config, source: undefined }
  return copy
}

/** {@link timeless}, and without what is not part of a run's identity: remarks about spelling, how gaps are counted. */
export function neutral(meta: ArtifactValue): ArtifactValue {
  const copy = timeless(meta)
  if (!isRecord(copy)) return copy
  const { warnings, dataset } = copy
  return {
    ...copy,
    ...(isList(warnings) ? { warnings: warnings.filter((warning) => !isIncidental(warning)) } : {}),
    // The calendar counts gaps; it is an option that changes no trade.
    ...(isRecord(dataset) && isRecord(dataset.governance)
      ? { dataset: { ...dataset, governance: { ...dataset.governance, gaps: undefined } } }
      : {}),
  }
}

/** How a configuration was spelt, which file of the same content was read, how gaps are counted: not a run's identity. */
function isIncidental(warning: ArtifactValue): boolean {
  if (!isRecord(warning) || typeof warning.code !== 'string') return false
  return /^CFG_W_/.test(warning.code) || warning.code === 'DATA_W_GAPS'
}

function differ(left: ArtifactValue | undefined, right: ArtifactValue | undefined, path: string): string | undefined {
  if (isRecord(left) && isRecord(right)) {
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      const found = differ(left[key], right[key], path ? `${path}.${key}` : key)
      if (found) return found
    }
    return undefined
  }
  if (isList(left) && isList(right)) {
    for (let i = 0; i < Math.max(left.length, right.length); i += 1) {
      const found = differ(left[i], right[i], `${path}[${i}]`)
      if (found) return found
    }
    return undefined
  }
  return left === right ? undefined : `${path || 'root'}: ${cut(left)} instead of ${cut(right)}`
}

function isList(value: ArtifactValue | undefined): value is readonly ArtifactValue[] {
  return Array.isArray(value)
}

function isRecord(value: ArtifactValue | undefined): value is { readonly [key: string]: ArtifactValue | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function lines(text: string): string[] {
  return text.replaceAll('\r\n', '\n').split('\n')
}

function cut(value: unknown): string {
  const text = value === undefined ? 'nothing' : typeof value === 'string' ? value : String(value)
  return text.length > 80 ? `${text.slice(0, 77)}…` : text
}
