import { nearest } from './edit-distance.ts'
import { type Findings, joined, pathText } from './issue.ts'
import { isObject, type JsonObject } from './plain-json.ts'
import { elementOf, membersOf, type Schema } from './schema-tree.ts'

/** A key that the schema does not have. */
export interface UnknownKey {
  /** Path of the object that holds it. */
  parent: readonly PropertyKey[]
  key: string
  value: unknown
  /** Keys that its object may have. */
  siblings: readonly string[]
}

/** Every key of `value` that `schema` does not have. Records take any key. */
export function unknownKeys(schema: Schema, value: unknown, parent: readonly PropertyKey[] = []): UnknownKey[] {
  const element = elementOf(schema)
  if (element && Array.isArray(value)) {
    return value.flatMap((entry, index) => unknownKeys(element, entry, [...parent, index]))
  }
  const members = membersOf(schema, value)
  if (!members || !isObject(value)) return []
  return Object.entries(value).flatMap(([key, member]) => {
    const known = Object.hasOwn(members, key) ? members[key] : undefined
    if (known) return unknownKeys(known, member, [...parent, key])
    return [{ parent, key, value: member, siblings: Object.keys(members) }]
  })
}

/** Reports unknown keys: errors in strict mode and always inside rules, otherwise warnings. */
export function reportUnknownKeys(
  keys: readonly UnknownKey[],
  schema: Schema,
  findings: Findings,
  strict: boolean,
): void {
  for (const unknown of keys) {
    if (isRemark(unknown.key)) continue
    const path = joined(pathText(unknown.parent), unknown.key)
    const [first, second, rule] = unknown.parent
    const hint = suggestion(unknown, schema)
    const extras = hint === undefined ? {} : { hint }
    if (first === 'trade_management' && second === 'rules') {
      if (rule === undefined) {
        const message = `'${unknown.key}' is not a trade-management rule; the rules are ${unknown.siblings.join(', ')}`
        findings.issue(path, 'CFG_UNKNOWN_RULE', message, extras)
      } else {
        findings.issue(path, 'CFG_UNKNOWN_KEY', `unknown key '${path}' in a trade-management rule`, extras)
      }
    } else if (isPathKey(unknown)) {
      reportPath(path, pathOption(unknown), findings, strict)
    } else if (strict) {
      findings.issue(path, 'CFG_UNKNOWN_KEY', `unknown key '${path}'`, extras)
    } else {
      findings.warn(path, 'CFG_W_UNKNOWN_KEY', `unknown key '${path}' is ignored`, extras)
    }
  }
}

/** Puts unknown keys back where they stood. Changes `config`. */
export function keepUnknownKeys(keys: readonly UnknownKey[], config: object): void {
  for (const { parent, key, value } of keys) {
    let holder: unknown = config
    for (const step of parent)
      holder = typeof holder === 'object' && holder !== null ? Reflect.get(holder, step) : undefined
    if (typeof holder !== 'object' || holder === null) continue
    Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true })
  }
}

/** Keys for editors and people. */
function isRemark(key: string): boolean {
  return key === '$schema' || key.startsWith('_') || key.startsWith('x-')
}

const PATH_OPTIONS: Readonly<Record<string, string>> = {
  execution_costs_file: "option 'costs' or OMEGA_EXECUTION_COSTS_FILE",
  symbol_specs_file: "option 'symbolSpecs' or OMEGA_SYMBOL_SPECS_FILE",
  data_path: "option 'data' or OMEGA_DATA_PARQUET_ROOT",
}
const NEWS_OPTION = "option 'news' or OMEGA_NEWS_CALENDAR_FILE"

function isPathKey({ parent, key }: UnknownKey): boolean {
  if (parent.length === 0) return Object.hasOwn(PATH_OPTIONS, key)
  return parent.length === 1 && parent[0] === 'news_filter' && key.endsWith('_path')
}

function pathOption({ parent, key }: UnknownKey): string {
  return (parent.length === 0 ? PATH_OPTIONS[key] : undefined) ?? NEWS_OPTION
}

function reportPath(path: string, option: string, findings: Findings, strict: boolean): void {
  const hint = `give it as ${option}`
  if (strict) findings.issue(path, 'CFG_PATH_NOT_ALLOWED', `'${path}' is a path; a configuration holds none`, { hint })
  else
    findings.warn(path, 'CFG_W_PATH_IGNORED', `'${path}' is a path and is ignored; a configuration holds none`, {
      hint,
    })
}

/** A sibling with nearly the same name, else the one other place that has this name. */
function suggestion({ parent, key, siblings }: UnknownKey, schema: Schema): string | undefined {
  const sibling = nearest(key, siblings)
  if (sibling !== undefined) return `did you mean '${joined(pathText(parent), sibling)}'?`
  const [place, ...others] = placesOf(key, schema)
  return place !== undefined && others.length === 0 ? `did you mean '${place}'?` : undefined
}

function placesOf(key: string, schema: Schema, path = ''): string[] {
  const members: Readonly<JsonObject> & Readonly<Record<string, Schema>> = membersOf(schema, undefined) ?? {}
  return Object.entries(members).flatMap(([name, member]) => {
    const at = joined(path, name)
    return [...(name === key ? [at] : []), ...placesOf(key, member, at)]
  })
}
