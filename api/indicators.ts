import {
  INDICATORS,
  type IndicatorInputs,
  type IndicatorName,
  type IndicatorOutputs,
  type IndicatorParams,
  type IndicatorResults,
} from './catalogue.ts'
import { OmegaError } from './errors.ts'
import { native } from './native.ts'

/** A series of numbers; NaN is a missing value. It is copied. */
export type NumericSeries = Float64Array | readonly number[]

/** Bars for indicators that need them. */
export interface BarColumns {
  high: NumericSeries
  low: NumericSeries
  close: NumericSeries
}

/** What an indicator reads. */
export type IndicatorInput<K extends IndicatorName> = IndicatorInputs[K] extends 'series' ? NumericSeries : BarColumns

/** Values of consecutive bars, the last of which is the bar that was asked for. */
export interface IndicatorWindow {
  /** The bar of the first value; 0 if there is none. */
  start: number
  /** NaN is undefined. */
  values: Float64Array
}

/** Groups of the latest values of a volatility series, or why there are none. */
export type VolatilityClusters =
  | {
      status: 'ok'
      /** Number of values that were there, before the window was cut out of them. */
      sampleSize: number
      /** Name of the group of the last value: `low`, `mid`, `high`, `very_high`, `extreme`, `cluster_5` … */
      label: string
      /** The last value. */
      sigma: number
      /** One label per value of the window, in the order of time: an index of `names`. */
      labels: readonly number[]
      /** The name of each label. */
      names: readonly string[]
      /** The centres, ascending, in the unit of the values. */
      centers: readonly number[]
      /** Their logarithms, if logarithms were grouped. */
      centersLog?: readonly number[]
    }
  | {
      status: 'invalid_index' | 'insufficient_points' | 'insufficient_unique' | 'clustering_failed'
      sampleSize: number
    }

/** What an indicator gives. NaN is undefined. */
export type IndicatorResult<K extends IndicatorName> = IndicatorResults[K] extends 'window'
  ? IndicatorWindow
  : IndicatorResults[K] extends 'point'
    ? number | undefined
    : IndicatorResults[K] extends 'clusters'
      ? VolatilityClusters
      : [IndicatorOutputs[K]] extends ['value']
        ? Float64Array
        : { [Output in IndicatorOutputs[K]]: Float64Array }

/** Parameters may be left out if all of them have defaults. */
export type IndicatorCall<K extends IndicatorName> =
  Record<never, never> extends IndicatorParams[K]
    ? (input: IndicatorInput<K>, params?: IndicatorParams[K]) => IndicatorResult<K>
    : (input: IndicatorInput<K>, params: IndicatorParams[K]) => IndicatorResult<K>

/** Every indicator of the core: the same code that strategies use. */
export type Indicators = { readonly [K in IndicatorName]: IndicatorCall<K> }

/**
 * The indicators of the core as plain functions: `indicators.sma(close, { period: 20 })`.
 *
 * A result is as long as its input; NaN means undefined. The value at `t` depends on values up to `t` only. Those with a
 * parameter `idx` answer for that bar alone: a window of values, one value or `undefined`, or clusters. Inputs are copied.
 *
 * @throws {OmegaError} `IND_PARAM` for a parameter, `IND_INPUT` for an input.
 */
export const indicators: Indicators = unchecked(
  Object.freeze(
    Object.fromEntries(
      INDICATORS.map((entry) => [
        camelCase(entry.kind),
        (input: unknown, params: unknown) => call(entry, input, params),
      ]),
    ),
  ),
)

type Entry = (typeof INDICATORS)[number]

// The table's type and the generated catalogue agree; a contract test compares them with the core.
function call(entry: Entry, input: unknown, params: unknown = {}): never {
  const names: readonly string[] = entry.input.series
  const columns =
    names.length === 1 ? [columnOf(entry, 'input', input)] : names.map((n) => columnOf(entry, n, property(input, n)))
  const answer = native().computeIndicator(entry.kind, JSON.stringify(snakeKeys(entry, params)), columns)
  if (answer.failure !== undefined) throw OmegaError.fromFailure(JSON.parse(answer.failure))
  const outputs = answer.outputs ?? []
  switch (entry.result) {
    case 'window':
      return unchecked({ start: answer.start, values: outputs[0] })
    case 'point':
      return unchecked(answer.point)
    case 'clusters':
      return unchecked(camelKeys(JSON.parse(answer.clusters ?? '{}')))
    case 'series':
      return unchecked(
        entry.outputs.length === 1
          ? outputs[0]
          : Object.fromEntries(entry.outputs.map((name, i) => [camelCase(name), outputs[i]])),
      )
  }
}

/** A copy: what another thread writes into a shared array meanwhile must not reach the core. */
function columnOf(entry: Entry, name: string, value: unknown): Float64Array {
  const refuse = (problem: string): never => {
    throw new OmegaError('IND_INPUT', `${entry.kind}: ${name} ${problem}`, {
      category: 'runtime',
      details: { indicator: entry.kind, input: name },
      hint: entry.input.series.length > 1 ? `pass { ${entry.input.series.join(', ')} }` : 'pass one series',
    })
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      if (typeof value[i] !== 'number') refuse(`must hold numbers, but [${i}] is ${nameOf(value[i])}`)
    }
  } else if (Object.prototype.toString.call(value) !== '[object Float64Array]') {
    refuse(`must be a Float64Array or an array of numbers, got ${nameOf(value)}`)
  }
  try {
    return new Float64Array(unchecked(value))
  } catch {
    return refuse('cannot be read')
  }
}

/** What a value is, for messages. */
function nameOf(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
  if (typeof value === 'object' && value !== null) return Object.prototype.toString.call(value).slice(8, -1)
  return typeof value === 'function' ? 'a function' : String(value)
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function snakeKeys(entry: Entry, params: unknown): unknown {
  if (!isRecord(params)) return json(params)
  const named = new Map<string, unknown>()
  for (const [key, value] of Object.entries(params)) {
    const name = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
    if (value === undefined) continue
    if (named.has(name)) {
      throw new OmegaError('IND_PARAM', `${entry.kind}: ${name} is given twice`, {
        category: 'runtime',
        details: { indicator: entry.kind, parameter: name },
        hint: `write it once, as ${camelCase(name)}`,
      })
    }
    named.set(name, json(value))
  }
  return Object.fromEntries(named)
}

/** A plain object: a class instance has properties of its own kind, which would pass for no parameters at all. */
function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Whatever JSON has no form for reaches the core as text, so that its message can name it. */
function json(value: unknown): unknown {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  return Array.isArray(value) ? [] : nameOf(value)
}

function camelKeys(value: object): object {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [camelCase(key), item]))
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function unchecked(value: unknown): never {
  return value as never
}
