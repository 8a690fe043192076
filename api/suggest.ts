import { nearest } from './config/edit-distance.ts'

/** `did you mean 'x'?`, if one of `known` is near enough. */
export function suggestion(word: string, known: readonly string[]): string | undefined {
  const best = nearest(word, known)
  return best === undefined ? undefined : `did you mean '${best}'?`
}
