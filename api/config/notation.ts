import { z } from 'zod'
import type { IssueCode } from './issue.ts'

/** How a field is written, beyond what its schema says. */
export interface Notation {
  /** Letters are brought to this case before the check. */
  letters?: 'upper' | 'lower'
  /** Code of the issue if the check fails. */
  code?: IssueCode
  /** Completes "must be …" if the check fails. */
  what?: string
}

const notations = z.registry<Notation>()

/** Attaches a notation to a schema. */
export function notated<S extends z.ZodType>(schema: S, notation: Notation): S {
  notations.add(schema, notation)
  return schema
}

/** The notation of a schema; empty if it has none. */
export function notationOf(schema: z.core.$ZodType): Notation {
  return notations.get(schema) ?? {}
}
