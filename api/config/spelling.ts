import { notationOf } from './notation.ts'
import { isObject, type JsonObject } from './plain-json.ts'
import { elementOf, inner, isBlock, isNullable, isOptional, membersOf, type Schema } from './schema-tree.ts'

/**
 * `value` in the spelling that its schema expects: texts trimmed, letters in the right case, `null` for a whole block
 * left out so that its defaults apply. Unknown keys and `strategy_parameters` stay as they are.
 */
export function spelled(schema: Schema, value: unknown): unknown {
  if (typeof value === 'string') return inCase(value.trim(), notationOf(inner(schema)).letters)
  const element = elementOf(schema)
  if (element && Array.isArray(value)) return value.map((entry) => spelled(element, entry))
  const members = membersOf(schema, value)
  if (!members || !isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, member]) => {
      const memberSchema = Object.hasOwn(members, key) ? members[key] : undefined
      if (!memberSchema) return [[key, member]]
      if (member === null && meansDefaults(memberSchema)) return []
      return [[key, spelled(memberSchema, member)]]
    }),
  )
}

/** The rules of trade management: `[]` for none, and digits in `only_scenarios`. Changes `input`. */
export function spellRules(input: JsonObject): void {
  const management = input.trade_management
  if (!isObject(management)) return
  if (Array.isArray(management.rules) && management.rules.length === 0) management.rules = {}
  if (!isObject(management.rules)) return
  for (const rule of Object.values(management.rules)) {
    if (isObject(rule) && Array.isArray(rule.only_scenarios)) {
      rule.only_scenarios = rule.only_scenarios.map((id: unknown) => scenarioId(id))
    }
  }
}

function scenarioId(id: unknown): unknown {
  return typeof id === 'string' && /^\s*\d{1,3}\s*$/.test(id) ? Number(id) : id
}

function meansDefaults(schema: Schema): boolean {
  return isBlock(schema) && isOptional(schema) && !isNullable(schema)
}

/** ASCII letters only: other alphabets have no place in names of instruments and currencies. */
function inCase(text: string, letters: 'upper' | 'lower' | undefined): string {
  if (letters === 'upper') return text.replace(/[a-z]/g, (letter) => letter.toUpperCase())
  if (letters === 'lower') return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
  return text
}
