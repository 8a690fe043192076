import { EXTENDED_METRICS, INDICATORS, METRICS, STRATEGIES } from './catalogue.ts'

/** A parameter of a strategy or indicator. */
export interface ParameterInfo {
  name: string
  type: string
  /** It must be given. */
  required: boolean
  /** `undefined`: there is none. If the parameter is not required, leaving it out has a meaning of its own. */
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
  /** `series`: arrays as long as the input. About one bar: `window` (values of the bars before it), `point`, `clusters`. */
  result: 'series' | 'window' | 'point' | 'clusters'
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
  /** `metrics.json`, or `metrics_extended.json` (on the result: `extended.metrics`). */
  file: string
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
  return INDICATORS.map(({ kind, text, input, outputs, warmup, result, parameters }) => ({
    kind,
    description: text,
    input: input.series,
    outputs,
    warmup,
    result,
    parameters: parameters.map(parameterInfo),
  }))
}

/** The core metrics, then those beyond them, each in the order of its table. */
export function listMetrics(): readonly MetricInfo[] {
  const infos = (list: readonly Omit<MetricInfo, 'file'>[], file: string): MetricInfo[] =>
    list.map(({ key, description, unit, domain, source, type, direction }) => ({
      key,
      description,
      unit,
      domain,
      source,
      type,
      direction,
      file,
    }))
  return [...infos(METRICS, 'metrics.json'), ...infos(EXTENDED_METRICS, 'metrics_extended.json')]
}

interface Described {
  readonly name: string
  readonly type: string
  readonly required?: boolean
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
    required: parameter.required ?? false,
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
