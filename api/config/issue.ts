import { OmegaError } from '../errors.ts'

/** Codes of what makes a configuration invalid, with the case each stands for. */
export const ISSUE_CODES = {
  CFG_FILE_NOT_FOUND: 'The configuration file does not exist.',
  CFG_FILE_READ: 'The configuration file cannot be read.',
  CFG_PARSE: 'The configuration file is not valid JSON.',
  CFG_NOT_OBJECT: 'The root is not an object.',
  CFG_V1_CONFIG: 'The configuration has the shape of Omega V1.',
  CFG_SCHEMA_VERSION: 'The schema generation is not 2.',
  CFG_REQUIRED: 'A field is missing.',
  CFG_TYPE: 'A value has the wrong type.',
  CFG_ENUM: 'A value is not in the list.',
  CFG_RANGE: 'A value is out of bounds.',
  CFG_FORMAT: 'A text does not have the required form.',
  CFG_TIMEFRAME: 'A timeframe is not supported.',
  CFG_DATE_INVALID: 'A date is not valid.',
  CFG_DATE_ORDER: 'The start lies after the end.',
  CFG_UNSUPPORTED: 'A setting needs a feature that is not built yet.',
  CFG_CONFLICT: 'Two settings contradict each other.',
  CFG_UNKNOWN_STRATEGY: 'The strategy is not registered.',
  CFG_STRATEGY_PARAM: 'A strategy parameter is invalid.',
  CFG_UNKNOWN_RULE: 'The trade-management rule does not exist.',
  CFG_UNKNOWN_KEY: 'A key does not exist (strict mode; always inside trade-management rules).',
  CFG_PATH_NOT_ALLOWED: 'A path stands in the configuration (strict mode).',
  CFG_ENGINE_REJECTED: 'The core refused a configuration that this layer accepted.',
} as const

/** A code of {@link ISSUE_CODES}. */
export type IssueCode = keyof typeof ISSUE_CODES

/** Codes of remarks about a configuration that is valid, with the case each stands for. */
export const WARNING_CODES = {
  CFG_W_UNKNOWN_KEY: 'A key does not exist and is ignored.',
  CFG_W_DEFAULTED: 'A field that should be written was filled in.',
  CFG_W_ALIAS: 'A field was given under another name.',
  CFG_W_NORMALISED: 'Entries of a list were removed.',
  CFG_W_EMPTY_SESSIONS: 'An empty list of sessions means no session gate.',
  CFG_W_FULL_DAY_SESSION: 'A session covers the whole day.',
  CFG_W_PATH_IGNORED: 'A path in the configuration is ignored.',
  CFG_W_CONFLICT_RESOLVED: 'One of two settings wins.',
  CFG_W_NO_EFFECT: 'A setting cannot act.',
  CFG_W_STRATEGY: 'A remark of the strategy about its parameters.',
  CFG_W_MIGRATION: 'A key of Omega V1 has no counterpart.',
} as const

/** A code of {@link WARNING_CODES}. */
export type ConfigWarningCode = keyof typeof WARNING_CODES

/** One thing wrong with a configuration. */
export interface ConfigIssue {
  /** `account.initial_balance`, `sessions[0].end`; empty for the root. */
  path: string
  code: IssueCode
  /** One English sentence that names the allowed values. */
  message: string
  /** What would be right. */
  expected?: string
  /** What was given, at most 80 characters. */
  received?: string
  /** What to do about it. */
  hint?: string
  /** Code of the strategy's own rules: `UNKNOWN_PARAM`, `INVALID_PARAM`, `CONFLICTING_PARAMS`. */
  reason?: string
}

/** One remark about a configuration that is valid. */
export interface ConfigWarning {
  path: string
  code: ConfigWarningCode
  message: string
  /** What to do about it. */
  hint?: string
  /** Code of the strategy's own remarks, `W-…`. */
  reason?: string
}

type IssueExtras = Omit<ConfigIssue, 'path' | 'code' | 'message'>
type WarningExtras = Omit<ConfigWarning, 'path' | 'code' | 'message'>

/** What was found while a configuration is read; everything is collected, not just the first. */
export class Findings {
  readonly #issues: ConfigIssue[] = []
  readonly #warnings: ConfigWarning[] = []
  readonly #seen = new Set<string>()

  issue(path: string, code: IssueCode, message: string, extras: IssueExtras = {}): void {
    this.addIssue({ path, code, message, ...extras })
  }

  /** The first issue of a path and code stays; another one would say the same. */
  addIssue(issue: ConfigIssue): void {
    const key = `${issue.code} ${issue.path}`
    if (!this.#seen.has(key)) this.#issues.push(issue)
    this.#seen.add(key)
  }

  warn(path: string, code: ConfigWarningCode, message: string, extras: WarningExtras = {}): void {
    this.addWarning({ path, code, message, ...extras })
  }

  addWarning(warning: ConfigWarning): void {
    this.#warnings.push(warning)
  }

  /** Is a value at, above or below `path` already known to be wrong? */
  blames(path: string): boolean {
    return this.#issues.some((issue) => contains(path, issue.path) || contains(issue.path, path))
  }

  /** Is there an issue about exactly this value? */
  hasIssueAt(path: string): boolean {
    return this.#issues.some((issue) => issue.path === path)
  }

  /** Sorted by path (code points), then code. */
  get issues(): ConfigIssue[] {
    return [...this.#issues].sort(byPathAndCode)
  }

  /** Sorted by path (code points), then code. */
  get warnings(): ConfigWarning[] {
    return [...this.#warnings].sort(byPathAndCode)
  }
}

/**
 * The error for an invalid configuration: its message is the first issue and the number of further ones,
 * `details.issues` and `details.warnings` hold all.
 */
export function configInvalid(issues: readonly ConfigIssue[], warnings: readonly ConfigWarning[] = []): OmegaError {
  const [first] = issues
  const further = issues.length - 1
  const more = further > 0 ? ` (and ${further} further issue${further === 1 ? '' : 's'})` : ''
  return new OmegaError('CONFIG_INVALID', `${first?.message ?? 'the configuration is invalid'}${more}`, {
    category: 'config',
    details: { issues, warnings },
    hint: first?.hint,
  })
}

/** How a value is shown in `received`. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN - 1)}…` : text
}

const LONGEST_SHOWN = 80

/** `['sessions', 0, 'end']` as `sessions[0].end`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => joined(text, typeof step === 'number' ? step : String(step)), '')
}

/** `path` with one more step. */
export function joined(path: string, step: string | number): string {
  if (typeof step === 'number') return `${path}[${step}]`
  return path === '' ? step : `${path}.${step}`
}

function contains(outer: string, path: string): boolean {
  return outer === '' || path === outer || path.startsWith(`${outer}.`) || path.startsWith(`${outer}[`)
}

function byPathAndCode(a: { path: string; code: string }, b: { path: string; code: string }): number {
  return byCodePoints(a.path, b.path) || byCodePoints(a.code, b.code)
}

function byCodePoints(a: string, b: string): number {
  const [left, right] = [[...a], [...b]]
  for (const [index, character] of left.entries()) {
    const difference = (character.codePointAt(0) ?? 0) - (right[index]?.codePointAt(0) ?? -1)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}
