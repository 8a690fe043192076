import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { canonicalJson } from './config/canonical.ts'
import { Findings } from './config/issue.ts'
import { plainCopy } from './config/plain-json.ts'
import { OmegaError } from './errors.ts'
import { deepFreeze } from './freeze.ts'
import { environmentVariable, type PathName, type PathOrigin, resolvePath } from './paths.ts'
import { YamlProblem, yamlValue } from './yaml.ts'

/** A small file (costs, specifications, rates) as the core takes it. */
export interface FileContent {
  /** Base name, or `inline` for an object. */
  path: string
  sha256: string
  origin: PathOrigin
  value: unknown
}

/** The content, and the absolute path if it was a file. */
export interface SmallInput {
  content: FileContent
  file: string | undefined
}

/** A file, or the same content as an object. */
export type FileOrObject = string | Readonly<Record<string, unknown>>

const KINDS = {
  costs: {
    path: 'executionCostsFile',
    missing: 'costs_file_missing',
    invalid: 'costs_invalid',
    shipped: 'execution_costs.yaml',
  },
  symbolSpecs: {
    path: 'symbolSpecsFile',
    missing: 'symbol_spec_missing',
    invalid: 'symbol_spec_invalid',
    shipped: 'symbol_specs.yaml',
  },
  fxRates: { path: 'fxRatesFile', missing: 'fx_rates_missing', invalid: 'fx_rates_invalid', shipped: undefined },
} as const satisfies Record<string, { path: PathName; missing: string; invalid: string; shipped: string | undefined }>

/** One of the three small inputs. */
export type SmallInputKind = keyof typeof KINDS

/**
 * Reads costs, specifications or rates: option, environment variable, `configs/` under `cwd`, then (costs and
 * specifications only) the file shipped in the package. A file that was named but does not exist is an error.
 */
export async function readSmallInput(
  kind: SmallInputKind,
  option: FileOrObject | undefined,
  cwd: string | undefined,
): Promise<SmallInput | undefined> {
  const { path: name, missing, invalid, shipped } = KINDS[kind]
  if (typeof option === 'object') {
    const { value, problem, key } = asJson(option)
    if (problem !== undefined) throw new OmegaError('ARG_INVALID', `${kind}: ${problem}`, { details: { key } })
    const content = { path: 'inline', sha256: sha256(canonicalJson(value)), origin: 'option', value } as const
    return { content, file: undefined }
  }
  const { path, origin } = resolvePath(name, option, cwd)
  const bytes = await readIfThere(path)
  if (bytes) return { content: await parse(bytes, path, origin, invalid), file: path }
  if (origin !== 'default') {
    throw new OmegaError(missing, `${name} does not exist: ${path}`, {
      category: 'execution',
      details: { path, origin },
      hint: origin === 'env' ? `correct or unset ${environmentVariable(name)}` : 'correct the path',
    })
  }
  if (!shipped) return undefined
  const file = shippedFile(shipped)
  const packaged = await readIfThere(file)
  return packaged && { content: await parse(packaged, file, 'package', invalid), file }
}

function shippedFile(name: string): string {
  // api/ lies beside configs/ in the sources and one level deeper, in dist/, in the package.
  const up = import.meta.url.includes('/dist/api/') ? '../../configs/' : '../configs/'
  return fileURLToPath(new URL(up + name, import.meta.url))
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR'))
      return undefined
    throw new OmegaError('DATA_READ', `cannot read ${path}`, {
      category: 'market_data',
      cause,
      details: { path },
      hint: 'check that it is a readable file and not a folder',
    })
  }
}

/** Values by digest: every run reads the same few files, and parsing them takes longer than a small backtest. */
const known = new Map<string, unknown>()
const MOST_KNOWN = 16

async function parse(bytes: Buffer, path: string, origin: PathOrigin, invalid: string): Promise<FileContent> {
  const digest = sha256(bytes)
  if (!known.has(digest)) {
    const value = await parseYaml(bytes.toString('utf8'), path, invalid)
    if (known.size >= MOST_KNOWN) known.clear()
    known.set(digest, deepFreeze(value))
  }
  return { path: basename(path), sha256: digest, origin, value: known.get(digest) }
}

/**
 * Numbers that JSON does not have would reach the core as `null`, which means absent there: an infinite fee would be none.
 */
async function parseYaml(text: string, path: string, invalid: string): Promise<unknown> {
  const refused = (message: string, details: object, cause?: unknown) =>
    new OmegaError(invalid, message, {
      category: 'execution',
      cause,
      details: { path, ...details },
      hint: 'correct the file; the shipped one in configs/ shows the shape',
    })
  let read: unknown
  try {
    read = await yamlValue(text)
  } catch (cause) {
    if (!(cause instanceof YamlProblem)) throw cause
    const { line, column, message } = cause
    const at = line === undefined ? '' : ` at line ${line}, column ${column}`
    throw refused(`${path} is not valid YAML${at}: ${message}`, { line, column }, cause)
  }
  const { value, problem, key } = asJson(read)
  if (problem !== undefined) throw refused(`${path}: ${problem}`, { key })
  return value
}

/** A copy of a value as JSON, and what JSON cannot hold of it. */
function asJson(given: unknown): { value: unknown; problem?: string; key?: string } {
  const findings = new Findings()
  const value = plainCopy(given, findings)
  const [issue] = findings.issues
  if (!issue) return { value }
  const { path, expected, received } = issue
  return { value, key: path, problem: `${path || 'the content'} must be ${expected}, not ${received}` }
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}
