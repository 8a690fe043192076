import {
  INDICATORS,
  type IndicatorInputs,
  type IndicatorName,
  type IndicatorOutputs,
  type IndicatorParams,
} from './catalogue.ts'
import { OmegaError } from './errors.ts'
import { native } from './native.ts'

/** A series of numbers; NaN is a missing value. Arrays of numbers are copied. */
export type NumericSeries = Float64Array | readonly number[]

/** Bars for indicators that need them. */
export interface BarColumns {
  high: NumericSeries
  low: NumericSeries
  close: NumericSeries
}

/** What an indicator reads. */
export type IndicatorInput<K extends IndicatorName> = IndicatorInputs[K] extends 'series' ? NumericSeries : BarColumns

/** One array as long as the input, or one per output. NaN is undefined. */
export type IndicatorResult<K extends IndicatorName> = [IndicatorOutputs[K]] extends ['value']
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
 * A result is as long as its input; NaN means undefined. The value at `t` depends on values up to `t` only.
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
  const answer = native().computeIndicator(entry.kind, JSON.stringify(snakeKeys(params)), columns)
  if (answer.failure !== undefined) throw OmegaError.fromFailure(JSON.parse(answer.failure))
  const outputs = answer.outputs ?? []
  const result: unknown =
    entry.outputs.length === 1
      ? outputs[0]
      : Object.fromEntries(entry.outputs.map((name, i) => [camelCase(name), outputs[i]]))
  return unchecked(result)
}

function columnOf(entry: Entry, name: string, value: unknown): Float64Array {
  if (value instanceof Float64Array) return value
  if (Array.isArray(value) && value.every((item) => typeof item === 'number')) return Float64Array.from(value)
  throw new OmegaError('IND_INPUT', `${entry.kind}: ${name} must be a Float64Array or an array of numbers`, {
    category: 'runtime',
    details: { indicator: entry.kind, input: name },
    hint: entry.input.series.length > 1 ? `pass { ${entry.input.series.join(', ')} }` : 'pass one series',
  })
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function snakeKeys(params: unknown): unknown {
  if (typeof params !== 'object' || params === null) return params
  const known = Object.entries(params).filter(([, value]) => value !== undefined)
  return Object.fromEntries(
    known.map(([key, value]) => [key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), json(value)]),
  )
}

/** NaN and infinities reach the core as text, so that its message can name them. */
function json(value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function unchecked(value: unknown): never {
  return value as never
}
