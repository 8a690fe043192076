import { createRequire } from 'node:module'
import { OmegaError } from './errors.ts'

export type Binding = typeof import('#binding')
export type Answer = import('#binding').Answer
export type DatasetHandle = NonNullable<Answer['dataset']>
export type SignalsHandle = NonNullable<Answer['signals']>
export type RunHandle = NonNullable<Answer['run']>

let loaded: Binding | undefined

/**
 * The native binding, loaded on first use so that importing the package costs nothing.
 *
 * @throws {OmegaError} `NATIVE_UNAVAILABLE` with the platform, the reason and what helps.
 */
export function native(): Binding {
  loaded ??= load()
  return loaded
}

function load(): Binding {
  try {
    const require = createRequire(import.meta.url)
    const binding: Binding = require('#binding')
    return binding
  } catch (cause) {
    const platform = `${process.platform}-${process.arch}`
    throw new OmegaError('NATIVE_UNAVAILABLE', `the native addon for ${platform} could not be loaded`, {
      category: 'native',
      cause,
      details: { platform: process.platform, arch: process.arch, node: process.version, reason: reasonOf(cause) },
      hint: 'install with optional dependencies (npm i @omega/native), or build from source: npm run build; `omega doctor` shows more',
    })
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause)
}

/** The value of an answer, or its failure as an exception. */
export function unwrap(answer: Answer): Answer {
  if (answer.failure !== undefined) throw OmegaError.fromFailure(JSON.parse(answer.failure))
  return answer
}

/** The JSON of an answer. */
export function jsonOf<T>(answer: Answer): T {
  return JSON.parse(unwrap(answer).json ?? 'null')
}
