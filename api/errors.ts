/** Which part of the system an error belongs to. */
export type ErrorCategory =
  | 'config'
  | 'usage'
  | 'native'
  | 'market_data'
  | 'execution'
  | 'strategy'
  | 'runtime'
  | 'output'

/** Facts about an error, for programs. */
export type ErrorDetails = Readonly<Record<string, unknown>>

/** What an `OmegaError` carries beside code and message. */
export interface OmegaErrorOptions {
  category?: ErrorCategory | undefined
  details?: ErrorDetails | undefined
  hint?: string | undefined
  cause?: unknown
}

/** An error as the native core describes it. */
export interface Failure {
  code: string
  category: string
  message: string
  details?: unknown
  hint?: string | null | undefined
}

/**
 * The only class of error that Omega throws.
 *
 * `code` is stable: never renamed or reused. `message` is one English sentence, `hint` says what to do about it.
 */
export class OmegaError extends Error {
  readonly code: string
  readonly category: ErrorCategory
  readonly details: ErrorDetails
  declare readonly hint?: string

  static {
    OmegaError.prototype.name = 'OmegaError'
  }

  /** `category` follows from the code if it is not given. */
  constructor(code: string, message: string, options: OmegaErrorOptions = {}) {
    super(message, 'cause' in options && options.cause !== undefined ? { cause: options.cause } : undefined)
    this.code = code
    this.category = options.category ?? categoryOf(code)
    this.details = options.details ?? {}
    if (options.hint !== undefined) this.hint = options.hint
  }

  /** The error behind a failure that the native core returned as a value. */
  static fromFailure(failure: Failure): OmegaError {
    return new OmegaError(failure.code, failure.message, {
      category: isCategory(failure.category) ? failure.category : categoryOf(failure.code),
      details: detailsOf(failure.details),
      hint: failure.hint ?? undefined,
    })
  }

  /** Everything but stack and cause, as `--json` prints it. */
  toJSON(): { code: string; category: ErrorCategory; message: string; details: ErrorDetails; hint?: string } {
    const { code, category, message, details, hint } = this
    return { code, category, message, details, ...(hint === undefined ? {} : { hint }) }
  }
}

const CATEGORIES: readonly string[] = [
  'config',
  'usage',
  'native',
  'market_data',
  'execution',
  'strategy',
  'runtime',
  'output',
] satisfies ErrorCategory[]

function isCategory(text: string): text is ErrorCategory {
  return CATEGORIES.includes(text)
}

function detailsOf(details: unknown): ErrorDetails {
  if (typeof details !== 'object' || details === null) return {}
  return Array.isArray(details) ? { list: details } : { ...details }
}

/** Families of codes; the first that fits. Codes of the core arrive with their category. */
const FAMILIES: readonly (readonly [RegExp, ErrorCategory])[] = [
  [/^(CONFIG|CFG)_/, 'config'],
  [/^ARG_/, 'usage'],
  [/^NATIVE_/, 'native'],
  [/^(DATA|IMPORT)_/, 'market_data'],
  [/^(STRAT|RULES|SIGNALS|COLUMN)_/, 'strategy'],
  [/^(OUT|MAN)_/, 'output'],
  [/^[a-z]/, 'execution'],
]

function categoryOf(code: string): ErrorCategory {
  return FAMILIES.find(([family]) => family.test(code))?.[1] ?? 'runtime'
}
