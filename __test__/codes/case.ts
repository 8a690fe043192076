import type { OmegaError, Warning } from '@omega/native'

/** Texts and patterns that all must occur. */
export type Says = string | RegExp | readonly (string | RegExp)[]

/** A call that fails with the code. */
export interface ErrorCase {
  error: () => unknown
  /** The offending value and where it stands. */
  says: Says
  /** What to do about it; `false` where nothing can be done. */
  hint: Says | false
}

/** A call that fails with `CONFIG_INVALID` or with the code itself, and names the code in `details.issues`. */
export interface IssueCase {
  issue: () => unknown
  /** Where in the configuration. */
  path: string
  says: Says
  /** Left out where the message names what is right. */
  hint?: Says
}

/** A call that succeeds and warns with the code. */
export interface WarningCase {
  warning: () => Promise<readonly Warning[]> | readonly Warning[]
  path?: string
  says: Says
}

/** A code that cannot be provoked from outside. */
export interface ElsewhereCase {
  /** Why not. */
  because: string
  /** The file that tests it instead; `false` if nothing can raise it. */
  tested: string | false
  /** What to look for in that file; default: the code. */
  as?: string
}

/** How a code is provoked through the public API or the command line. */
export type Case = ErrorCase | IssueCase | WarningCase | ElsewhereCase

/** Cases by code. */
export type Cases = Readonly<Record<string, Case>>

/** What an error or issue says, as one text. */
export function textOf({ message, details }: Pick<OmegaError, 'message' | 'details'>): string {
  return `${message} ${JSON.stringify(details)}`
}
