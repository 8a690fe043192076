/** The fewest insertions, deletions and replacements of characters that turn `a` into `b` (Levenshtein, 1966). */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[b.length] ?? 0
}

const FARTHEST = 2

/** The candidate that was probably meant: at most two edits away, the nearest, the first in the alphabet. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const [best] = [...candidates]
    .filter((candidate) => candidate !== word && Math.abs(candidate.length - word.length) <= FARTHEST)
    .map((candidate) => ({ candidate, edits: editDistance(word, candidate) }))
    // A word of two letters is two edits away from every other one.
    .filter(({ candidate, edits }) => edits <= FARTHEST && edits < Math.min(word.length, candidate.length))
    .sort((a, b) => a.edits - b.edits || (a.candidate < b.candidate ? -1 : 1))
  return best?.candidate
}
