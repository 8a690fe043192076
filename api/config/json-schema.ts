import { z } from 'zod'
import { BacktestConfig, MANDATORY } from './backtest-config.ts'
import { isObject, type JsonObject } from './plain-json.ts'
import { type StrategyDescriptor, strategyParametersSchema } from './strategy-schema.ts'

/** What {@link configJsonSchema} makes. */
export interface ConfigJsonSchemaOptions {
  /** Unknown keys are wrong, and what strict mode requires is required. Default: `false`. */
  strict?: boolean | undefined
  /** Default: `draft-2020-12`; `draft-07` is for older editors. */
  target?: 'draft-2020-12' | 'draft-07' | undefined
  /** Registered strategies, whose parameters are described too. Default: none. */
  strategies?: readonly StrategyDescriptor[] | undefined
}

/**
 * The JSON Schema of a configuration in its canonical form: no aliases, enums in their canonical case. Parsing is more
 * tolerant; conditions between fields are checked by parsing only.
 */
export function configJsonSchema(options: ConfigJsonSchemaOptions = {}): JsonObject {
  const { strict = false, target = 'draft-2020-12', strategies = [] } = options
  const { $schema, ...schema } = z.toJSONSchema(BacktestConfig, { io: 'input', target, unrepresentable: 'any' })
  const root = openOrClosed(schema, strict)
  const required = Array.isArray(root.required) ? root.required : []
  return {
    $schema,
    $id: 'omega-v2-config',
    title: 'Omega run configuration',
    description: 'One backtest: everything that can change its result.',
    ...root,
    ...(strict ? { required: [...new Set([...MANDATORY, ...required])] } : {}),
    ...(strategies.length > 0 ? { allOf: strategies.map(parametersOf) } : {}),
  }
}

/** Says of every object whether it takes further keys. Trade-management rules never do, except remarks. */
function openOrClosed(schema: JsonObject, closed: boolean, path = ''): JsonObject {
  const within = (value: unknown, step: string, shut = closed): unknown => {
    if (Array.isArray(value)) return value.map((entry: unknown) => within(entry, step, shut))
    return isObject(value) ? openOrClosed(value, shut, `${path}/${step}`) : value
  }
  const result: JsonObject = { ...schema }
  for (const key of ['items', 'anyOf', 'oneOf']) {
    if (key in schema) result[key] = within(schema[key], key)
  }
  if (!isObject(schema.properties)) return result
  const properties = Object.entries(schema.properties).map(([name, member]): [string, unknown] => [
    name,
    within(member, name, closed || `${path}/${name}` === '/trade_management/rules'),
  ])
  result.properties = Object.fromEntries([...(path === '' ? [EDITOR_KEY] : []), ...properties])
  result.additionalProperties = !closed
  if (closed) result.patternProperties = { '^(_|x-)': {} }
  if (closed && path === '/timeframes') result.required = ['primary']
  return result
}

const EDITOR_KEY: [string, unknown] = ['$schema', { type: 'string', description: 'Schema of this file, for editors.' }]

function parametersOf(strategy: StrategyDescriptor): JsonObject {
  return {
    if: { properties: { strategy_name: { const: strategy.name } }, required: ['strategy_name'] },
    // biome-ignore lint/suspicious/noThenProperty: the word of JSON Schema
    then: { properties: { strategy_parameters: strategyParametersSchema(strategy) } },
  }
}
