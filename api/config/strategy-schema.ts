import type { JsonObject } from './plain-json.ts'

/** A parameter as the native core describes it. */
export interface ParameterDescriptor {
  readonly name: string
  /** `int`, `number`, `bool`, `enum`, `string`, `map`, or `list<…>` of one of them. */
  readonly type: string
  readonly default?: unknown
  readonly min?: number
  /** `min` itself is not allowed. */
  readonly min_open?: boolean
  readonly max?: number
  /** `max` itself is not allowed. */
  readonly max_open?: boolean
  /** The closed set of values (of a list: of its entries). */
  readonly choices?: readonly unknown[] | null
  readonly nullable?: boolean
  /** `global`, `direction` (may also stand in a `long` or `short` block), `structure` (holds other parameters). */
  readonly scope?: string
  /** Belongs to one direction only. */
  readonly only?: string
  readonly text: string
}

/** A registered strategy as the native core describes it. */
export interface StrategyDescriptor {
  readonly name: string
  readonly text: string
  readonly parameters: readonly ParameterDescriptor[]
}

/** The JSON Schema of a strategy's parameters. Unknown ones are always wrong. */
export function strategyParametersSchema({ name, text, parameters }: StrategyDescriptor): JsonObject {
  const blockOf = (direction: string) =>
    closedObject(parameters.filter(({ scope, only }) => scope === 'direction' && (only ?? direction) === direction))
  const properties = parameters.map((parameter): [string, JsonObject] => {
    const isDirection = parameter.scope === 'structure' && (parameter.name === 'long' || parameter.name === 'short')
    const described = parameterSchema(parameter)
    return [parameter.name, isDirection ? { ...described, ...blockOf(parameter.name) } : described]
  })
  return {
    type: 'object',
    description: `Parameters of ${name}. ${text}`.trim(),
    properties: Object.fromEntries(properties),
    additionalProperties: false,
  }
}

function closedObject(parameters: readonly ParameterDescriptor[]): JsonObject {
  const properties = parameters.map((parameter): [string, JsonObject] => [parameter.name, parameterSchema(parameter)])
  return { type: 'object', properties: Object.fromEntries(properties), additionalProperties: false }
}

function parameterSchema(parameter: ParameterDescriptor): JsonObject {
  const value = valueSchema(parameter.type, parameter)
  return {
    description: parameter.text,
    ...(parameter.default === undefined ? {} : { default: parameter.default }),
    ...(parameter.nullable ? { anyOf: [value, { type: 'null' }] } : value),
  }
}

const TYPES: Readonly<Record<string, string>> = {
  int: 'integer',
  number: 'number',
  bool: 'boolean',
  enum: 'string',
  string: 'string',
  map: 'object',
}

function valueSchema(type: string, parameter: ParameterDescriptor): JsonObject {
  const entry = /^list<(.*)>$/.exec(type)?.[1]
  if (entry !== undefined) return { type: 'array', items: valueSchema(entry, parameter) }
  const { min, max, min_open, max_open, choices } = parameter
  return {
    ...(TYPES[type] === undefined ? {} : { type: TYPES[type] }),
    ...(choices ? { enum: choices } : {}),
    ...(min === undefined ? {} : { [min_open ? 'exclusiveMinimum' : 'minimum']: min }),
    ...(max === undefined ? {} : { [max_open ? 'exclusiveMaximum' : 'maximum']: max }),
  }
}
