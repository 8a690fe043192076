import { resolve } from 'node:path'
import { OmegaError } from '../errors.ts'
import type { RunOptions } from '../options.ts'
import type { BacktestConfig, BacktestConfigInput } from './backtest-config.ts'
import { readConfigFile } from './config-file.ts'
import { knownConfig } from './hash.ts'
import type { ConfigWarning } from './issue.ts'
import { parseConfig } from './parse.ts'

/** A configuration with overrides already applied, and the file it came from. */
export interface ReadConfigInput {
  file: string
  value: unknown
}

/** The configuration of a run: from a file or an object, checked, hashed together with the strategy of the options. */
export async function readConfig(
  input: BacktestConfigInput | ReadConfigInput | string,
  options: Pick<RunOptions, 'strategy' | 'strict' | 'cwd'>,
): Promise<{ config: BacktestConfig; hash: string; warnings: readonly ConfigWarning[]; source: string }> {
  const { value, source } = await load(input, options.cwd)
  const { strategy, strict } = options
  const given = strategy && { name: strategy.name, strategy: { form: strategy.form, sha256: strategy.sha256 } }
  const { config, hash, warnings } = parseConfig(value, { strict, given })
  return { config: knownConfig(config), hash, warnings, source }
}

async function load(
  input: BacktestConfigInput | ReadConfigInput | string,
  cwd = process.cwd(),
): Promise<{ value: unknown; source: string }> {
  if (typeof input === 'string') return { value: await readConfigFile(resolve(cwd, input)), source: input }
  if (isReadAlready(input)) return { value: input.value, source: input.file }
  return { value: input, source: 'object' }
}

const read = new WeakSet<object>()

function isReadAlready(input: object): input is ReadConfigInput {
  return read.has(input)
}

/**
 * A configuration file with single fields replaced: `account.risk_per_trade=50`. The value is JSON if it parses, else text.
 *
 * @throws {OmegaError} `CONFIG_INVALID` for the file, `ARG_INVALID` for a malformed override.
 */
export async function readConfigWithOverrides(file: string, overrides: readonly string[]): Promise<ReadConfigInput> {
  const value = await readConfigFile(resolve(file))
  for (const override of overrides) apply(value, override)
  const input = { file, value }
  read.add(input)
  return input
}

function apply(root: unknown, override: string): void {
  const at = override.indexOf('=')
  const path = override.slice(0, Math.max(at, 0)).split('.')
  if (at < 1 || path.some((step) => step === '' || step === '__proto__')) {
    throw new OmegaError('ARG_INVALID', `'${override}' is not path=value`, {
      category: 'usage',
      hint: 'for example --set account.risk_per_trade=50',
    })
  }
  const last = path.pop() ?? ''
  let target = root
  for (const step of path) {
    if (!isObject(target)) return
    checkIndex(target, step, override)
    if (!isObject(target[step])) target[step] = {}
    target = target[step]
  }
  if (!isObject(target)) return
  checkIndex(target, last, override)
  target[last] = parsed(override.slice(at + 1))
}

/** A list may grow by one entry, not by a gap. */
function checkIndex(target: object, step: string, override: string): void {
  if (!Array.isArray(target) || (/^\d{1,9}$/.test(step) && Number(step) <= target.length)) return
  throw new OmegaError('ARG_INVALID', `'${override}': '${step}' is not an index from 0 to ${target.length}`, {
    category: 'usage',
    hint: 'entries are numbered from 0: sessions.0.start=07:00',
  })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
