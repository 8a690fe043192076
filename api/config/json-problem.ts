/** The first place at which a text stops being JSON. */
export interface JsonProblem {
  /** Both from 1; columns count UTF-16 code units. */
  line: number
  column: number
  message: string
}

/** Where and why `text` is not JSON (RFC 8259); `undefined` if it is. Node's own message lacks the place. */
export function jsonProblem(text: string): JsonProblem | undefined {
  const scanner = new Scanner(text)
  try {
    scanner.document()
    return undefined
  } catch (problem) {
    if (!(problem instanceof Mismatch)) throw problem
    const before = text.slice(0, problem.offset).split(/\r\n|\n|\r/)
    return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1, message: problem.message }
  }
}

class Mismatch extends Error {
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

const DEEPEST = 1000
const SPACE = /[ \t\n\r]*/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
/** All but quotes, backslashes and what lies before the blank. */
const PLAIN_TEXT = /[ !#-[\]-\uffff]*/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

class Scanner {
  readonly #text: string
  #offset = 0

  constructor(text: string) {
    this.#text = text
  }

  document(): void {
    this.#value(0)
    this.#take(SPACE)
    if (this.#offset < this.#text.length) this.#fail('the end of the file')
  }

  #value(depth: number): void {
    this.#take(SPACE)
    const next = this.#text[this.#offset]
    if (depth > DEEPEST) this.#fail('fewer levels')
    else if (next === '{') this.#list('}', () => this.#member(depth))
    else if (next === '[') this.#list(']', () => this.#value(depth + 1))
    else if (next === '"') this.#string()
    else if (!this.#literal() && !this.#take(NUMBER)) this.#fail('a value')
  }

  #literal(): boolean {
    const word = ['true', 'false', 'null'].find((literal) => this.#text.startsWith(literal, this.#offset))
    this.#offset += word?.length ?? 0
    return word !== undefined
  }

  #list(close: '}' | ']', entry: () => void): void {
    this.#offset += 1
    this.#take(SPACE)
    if (this.#skip(close)) return
    do entry()
    while (this.#spaced(','))
    if (!this.#skip(close)) this.#fail(`',' or '${close}'`)
  }

  #member(depth: number): void {
    this.#take(SPACE)
    if (this.#text[this.#offset] !== '"') this.#fail('a key in double quotes')
    this.#string()
    if (!this.#spaced(':')) this.#fail("':'")
    this.#value(depth + 1)
  }

  #string(): void {
    this.#offset += 1
    do this.#take(PLAIN_TEXT)
    while (this.#take(ESCAPE))
    if (!this.#skip('"')) this.#fail(this.#text[this.#offset] === '\\' ? 'a valid escape' : "the closing '\"'")
  }

  #spaced(character: string): boolean {
    this.#take(SPACE)
    return this.#skip(character)
  }

  #skip(character: string): boolean {
    if (this.#text[this.#offset] !== character) return false
    this.#offset += 1
    return true
  }

  /** Moves past what matches here; tells whether that was anything. */
  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.#offset
    const length = pattern.exec(this.#text)?.[0].length ?? 0
    this.#offset += length
    return length > 0
  }

  #fail(expected: string): never {
    const found = this.#text.codePointAt(this.#offset)
    const text = found === undefined ? 'the file ends' : `found ${JSON.stringify(String.fromCodePoint(found))}`
    throw new Mismatch(`${expected} expected, ${text}`, this.#offset)
  }
}
