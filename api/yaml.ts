import type { CST } from 'yaml'

/** Why a text gives no value. */
export class YamlProblem extends Error {
  readonly line: number | undefined
  readonly column: number | undefined

  constructor(message: string, at?: { line: number; col: number }, cause?: unknown) {
    super(message.split('\n')[0], { cause })
    this.line = at?.line
    this.column = at?.col
  }
}

/** Deeper texts exhaust the stack while they are put together, which can end the process. */
const DEEPEST = 100

/**
 * The value of a YAML text with one document; of an empty one `{}`. It may hold what JSON cannot: dates, infinities, cycles.
 *
 * @throws {YamlProblem} if it is not YAML, or more than 100 levels deep.
 */
export async function yamlValue(text: string): Promise<unknown> {
  const { LineCounter, Parser, parseDocument } = await import('yaml')
  const lines = new LineCounter()
  const deep = tooDeep(new Parser(lines.addNewLine).parse(text))
  if (deep !== undefined) throw new YamlProblem(`more than ${DEEPEST} levels`, lines.linePos(deep))
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true, logLevel: 'error' })
  const problem = document.errors[0]
  if (problem) throw new YamlProblem(problem.message, problem.linePos?.[0], problem)
  try {
    return document.toJS() ?? {}
  } catch (cause) {
    // An alias without an anchor, or too many of them.
    throw new YamlProblem(cause instanceof Error ? cause.message : String(cause), undefined, cause)
  }
}

/** Where the text goes deeper than allowed. Its parts lie in a list of their own: no recursion. */
function tooDeep(tokens: Iterable<CST.Token>): number | undefined {
  const open: { token: CST.Token; level: number }[] = []
  for (const token of tokens) {
    if (token.type === 'document' && token.value) open.push({ token: token.value, level: 0 })
  }
  for (let next = open.pop(); next; next = open.pop()) {
    const { token, level } = next
    if (level > DEEPEST) return token.offset
    if (!('items' in token)) continue
    for (const { key, value } of token.items) {
      if (key) open.push({ token: key, level: level + 1 })
      if (value) open.push({ token: value, level: level + 1 })
    }
  }
  return undefined
}
