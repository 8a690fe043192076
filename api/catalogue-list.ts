import { INDICATORS, METRICS, STRATEGIES } from './catalogue.ts'

/** A parameter of a strategy or indicator. */
export interface ParameterInfo {
  name: string
  type: string
  /** `undefined`: there is none, a value is required or absence has a meaning of its own. */
  default?: unknown
  /** What is allowed, in words. */
  range?: string
  description: string
}

/** A registered strategy. */
export interface StrategyInfo {
  name: string
  version: string
  description: string
  parameters: readonly ParameterInfo[]
}

/** An indicator of `indicators.*`. */
export interface IndicatorInfo {
  /** snake_case, as in files and trees. */
  kind: string
  description: string
  /** Names of the series that it reads. */
  input: readonly string[]
  outputs: readonly string[]
  /** First defined index in terms of the parameters. */
  warmup: string
  parameters: readonly ParameterInfo[]
}

/** A metric. */
export interface MetricInfo {
  key: string
  description: string
  unit: string
  domain: string
  source: string
  type: string
  /** Whether larger or smaller values are better. */
  direction: string
}

/** The strategies that `strategy_name` knows, sorted by name. */
export function listStrategies(): readonly StrategyInfo[] {
  return STRATEGIES.map(({ name, version, text, parameters }) => ({
    name,
    version,
    description: text,
    parameters: parameters.map(parameterInfo),
  }))
}

/** The indicators, sorted by kind. */
export function listIndicators(): readonly IndicatorInfo[] {
  return INDICATORS.map(({ kind, text, input, outputs, warmup, parameters }) => ({
    kind,
    description: text,
    input: input.series,
    outputs,
    warmup,
    parameters: parameters.map(parameterInfo),
  }))
}

/** The core metrics, in the order of the file. */
export function listMetrics(): readonly MetricInfo[] {
  return METRICS.map(({ key, description, unit, domain, source, type, direction }) => ({
    key,
    description,
    unit,
    domain,
    source,
    type,
    direction,
  }))
}

interface Described {
  readonly name: string
  readonly type: string
  readonly default?: unknown
  readonly text: string
  readonly min?: unknown
  readonly max?: unknown
  readonly above?: unknown
  readonly choices?: readonly unknown[] | null
}

function parameterInfo(parameter: Described): ParameterInfo {
  const { name, type, text } = parameter
  const range = rangeOf(parameter)
  return {
    name,
    type,
    ...(parameter.default === null || parameter.default === undefined ? {} : { default: parameter.default }),
    ...(range === '' ? {} : { range }),
    description: text,
  }
}

function rangeOf({ min, max, above, choices }: Described): string {
  if (choices && choices.length > 0) return choices.join(', ')
  return [
    typeof min === 'number' || typeof min === 'string' ? `≥ ${min}` : '',
    typeof above === 'number' ? `> ${above}` : '',
    typeof max === 'number' && max < 4_294_967_295 ? `≤ ${max}` : '',
  ]
    .filter((part) => part !== '')
    .join(', ')
}
