import { z } from 'zod'
import { nearest } from './edit-distance.ts'
import { type ConfigIssue, type IssueCode, pathText, shown } from './issue.ts'
import { notationOf } from './notation.ts'
import { inner, isNullable, type Schema, stepInto } from './schema-tree.ts'

type ZodIssue = z.core.$ZodIssue

/** What zod found, in the words of this project. `input` is the value that was checked against `root`. */
export function fromZod(issue: ZodIssue, root: Schema, input: unknown): ConfigIssue {
  const { schema, value } = find(root, input, issue.path)
  const path = pathText(issue.path)
  if (value === undefined) return { path, code: 'CFG_REQUIRED', message: `${path} is required`, ...expectedOf(schema) }
  const { code, what } = notationOf(schema ? inner(schema) : root)
  const received = shown(value)
  const refuse = (fallback: IssueCode, must: string, extras: Partial<ConfigIssue> = {}): ConfigIssue => ({
    path,
    code: code ?? fallback,
    message: `${path} must ${must}`,
    received,
    ...extras,
  })
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(path, schema, value)
    case 'invalid_value':
      return schema && typeof value === 'string'
        ? notInList(refuse, issue.values.map(String), value)
        : wrongType(path, schema, value)
    case 'invalid_union':
      return typeof value === 'string' ? notInList(refuse, kindsOf(issue), value) : wrongType(path, schema, value)
    case 'too_small':
    case 'too_big':
    case 'not_multiple_of':
      return outOfBounds(refuse, issue, schema, what)
    case 'invalid_key':
      return { path, code: 'CFG_FORMAT', message: `${path}: a key must be ${keyForm(root, input, issue)}` }
    default:
      return refuse('CFG_FORMAT', `be ${what ?? 'of another form'}`)
  }
}

type Refuse = (fallback: IssueCode, must: string, extras?: Partial<ConfigIssue>) => ConfigIssue

function wrongType(path: string, schema: Schema | undefined, value: unknown): ConfigIssue {
  const expected = expectedOf(schema)
  const article = /^[aeiou]/.test(expected.expected) ? 'an' : 'a'
  const received = shown(value)
  return { path, code: 'CFG_TYPE', message: `${path} must be ${article} ${expected.expected}`, ...expected, received }
}

function notInList(refuse: Refuse, values: readonly string[], value: string): ConfigIssue {
  const [only] = values
  const must = values.length === 1 ? `be '${only}'` : `be one of ${values.join(', ')}`
  const meant = values.find((candidate) => candidate.toLowerCase() === value.toLowerCase()) ?? nearest(value, values)
  return refuse('CFG_ENUM', must, meant === undefined ? {} : { hint: `did you mean '${meant}'?` })
}

function outOfBounds(
  refuse: Refuse,
  issue: ZodIssue,
  schema: Schema | undefined,
  what: string | undefined,
): ConfigIssue {
  if (what !== undefined) return refuse('CFG_RANGE', `be ${what}`, { expected: what })
  const origin = 'origin' in issue ? issue.origin : 'number'
  if (origin === 'string') return refuse('CFG_REQUIRED', 'not be empty')
  if (origin === 'array') return refuse('CFG_RANGE', 'have at least one entry', { expected: 'at least one entry' })
  const { words, signs } = boundsOf(schema, issue.code === 'too_big')
  return refuse('CFG_RANGE', `be ${words}`, { expected: signs })
}

/** The bounds of a number: `> 0` and `greater than 0`, `0 .. 10080` and `between 0 and 10080`. */
function boundsOf(schema: Schema | undefined, isTooBig: boolean): { words: string; signs: string } {
  const { lower, upper: own } = limitsOf(schema)
  // Without an upper limit of its own an integer still ends where doubles stop being exact.
  const upper = own ?? (isTooBig ? { value: Number.MAX_SAFE_INTEGER, inclusive: true } : undefined)
  if (lower?.inclusive && upper?.inclusive) {
    return { words: `between ${lower.value} and ${upper.value}`, signs: `${lower.value} .. ${upper.value}` }
  }
  const stated = [
    lower && {
      value: lower.value,
      word: lower.inclusive ? 'at least' : 'greater than',
      sign: lower.inclusive ? '>=' : '>',
    },
    upper && {
      value: upper.value,
      word: upper.inclusive ? 'at most' : 'less than',
      sign: upper.inclusive ? '<=' : '<',
    },
  ].filter((bound) => bound !== undefined)
  return {
    words: stated.map(({ value, word }) => `${word} ${value}`).join(' and '),
    signs: stated.map(({ value, sign }) => `${sign} ${value}`).join(' and '),
  }
}

interface Limit {
  value: number
  inclusive: boolean
}

function limitsOf(schema: Schema | undefined): { lower: Limit | undefined; upper: Limit | undefined } {
  const bare = schema && inner(schema)
  const checks = bare instanceof z.ZodNumber ? (bare.def.checks ?? []) : []
  let lower: Limit | undefined
  let upper: Limit | undefined
  for (const check of checks) {
    if (check instanceof z.core.$ZodCheckGreaterThan) lower = limit(check._zod.def)
    if (check instanceof z.core.$ZodCheckLessThan) upper = limit(check._zod.def)
  }
  return { lower, upper }
}

function limit({ value, inclusive }: { value: unknown; inclusive: boolean }): Limit {
  return { value: Number(value), inclusive }
}

function expectedOf(schema: Schema | undefined): { expected: string } {
  if (!schema) return { expected: 'JSON value' }
  const kind = typeName(inner(schema))
  return { expected: isNullable(schema) ? `${kind} or null` : kind }
}

function typeName(bare: Schema): string {
  if (bare instanceof z.ZodNumberFormat) return 'integer'
  if (bare instanceof z.ZodNumber) return 'number'
  if (bare instanceof z.ZodBoolean) return 'boolean'
  if (bare instanceof z.ZodArray) return 'array'
  if (bare instanceof z.ZodString || bare instanceof z.ZodEnum || bare instanceof z.ZodLiteral) return 'string'
  return 'object'
}

function kindsOf(issue: z.core.$ZodIssueInvalidUnion): string[] {
  return 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : []
}

function keyForm(root: Schema, input: unknown, issue: ZodIssue): string {
  const { schema } = find(root, input, issue.path.slice(0, -1))
  const bare = schema && inner(schema)
  return (bare instanceof z.ZodRecord ? notationOf(bare.keyType).what : undefined) ?? 'of another form'
}

function find(
  root: Schema,
  input: unknown,
  path: readonly PropertyKey[],
): { schema: Schema | undefined; value: unknown } {
  let schema: Schema | undefined = root
  let value: unknown = input
  for (const step of path) {
    schema = schema && stepInto(schema, step, value)
    value = typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined
  }
  return { schema, value }
}
