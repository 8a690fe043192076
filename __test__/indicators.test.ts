import { indicators, listIndicators } from '@omega/native'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { IndicatorWindow, VolatilityClusters } from '../index.ts'
import { at, failureOf, omega } from './support.ts'

// The candles of indicators.md 6; expected values stand in its tables 6.1 to 6.7, printed to 15 digits.
const close = Float64Array.of(
  1.1,
  1.1012,
  1.1007,
  1.1021,
  1.1015,
  1.103,
  1.1024,
  1.1009,
  1.0998,
  1.1005,
  1.1017,
  1.1026,
)
const high = Float64Array.of(
  1.1004,
  1.1015,
  1.1016,
  1.1023,
  1.1026,
  1.1033,
  1.1034,
  1.1025,
  1.1011,
  1.1008,
  1.1019,
  1.1028,
)
const low = Float64Array.of(
  1.0995,
  1.0998,
  1.1003,
  1.1005,
  1.1012,
  1.1014,
  1.1021,
  1.1006,
  1.0994,
  1.0996,
  1.1002,
  1.1013,
)
const bars = { high, low, close }
const garch = { alpha: 0.1, beta: 0.8 }

/** The function of a kind, whatever its types. */
function named(kind: string): (input: unknown, params?: unknown) => unknown {
  const name = kind.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  const found: unknown = Reflect.get(indicators, name)
  if (typeof found !== 'function') throw new Error(`indicators.${name} is not a function`)
  return (input, params) => found(input, params)
}

/** Values for what has no default. */
function required(kind: string): object {
  const parameters = listIndicators().find((entry) => entry.kind === kind)?.parameters ?? []
  return Object.fromEntries(parameters.filter((p) => p.required).map((p) => [p.name, 3]))
}

describe('indicators', () => {
  it('agree with the tables of the specification at the last bar', () => {
    const last = (values: Float64Array) => at(values, 11)
    expect(last(indicators.ema(close, { period: 5 }))).toBeCloseTo(1.10162074886958, 13)
    expect(last(indicators.atr(bars, { period: 5 }))).toBeCloseTo(0.00153793510400002, 15)
    expect(last(indicators.bollinger(close, { period: 5 }).upper)).toBeCloseTo(1.10326794833887, 13)
    expect(last(indicators.zscore(close, { window: 5, meanSource: 'ema', emaPeriod: 3 }))).toBeCloseTo(
      0.997719651254542,
      10,
    )
    expect(last(indicators.kalmanZscore(close, { window: 5, r: 0.5, q: 0.1 }))).toBeCloseTo(1.04864182864955, 10)
    const sigma = indicators.garchVolatility(close, { ...garch, minPeriods: 3 })
    expect(last(sigma) / 0.000909121397842628).toBeCloseTo(1, 9)
    expect(
      last(indicators.garchVolatility(close, { ...garch, minPeriods: 3, useLogReturns: false })) / 0.000909177304695897,
    ).toBeCloseTo(1, 9)
    const score = indicators.kalmanGarchZscore(close, { r: 0.5, q: 0.1, ...garch, minPeriods: 3 })
    expect(last(score)).toBeCloseTo(0.937490176361535, 10)
    expect(last(indicators.rsi(close, { period: 5 }))).toBeCloseTo(69.5551314966746, 9)
    const { macd, signal } = indicators.macd(close, { fast: 3, slow: 6, signal: 4 })
    expect([last(macd) * 1e4, last(signal) * 1e5]).toEqual([
      expect.closeTo(3.22318100195229, 9),
      expect.closeTo(9.18652868893346, 9),
    ])
    const { plusDi, minusDi, adx } = indicators.dmi(bars, { period: 4 })
    expect([last(plusDi), last(minusDi), last(adx)]).toEqual([
      expect.closeTo(33.503027859217, 9),
      expect.closeTo(16.0075364036016, 9),
      expect.closeTo(47.800749494542, 9),
    ])
    expect(last(indicators.choppiness(bars, { period: 5 }))).toBeCloseTo(53.1655246497596, 9)
    expect(last(indicators.roc(close, { period: 3 }))).toBeCloseTo(0.254591743953438, 12)
  })

  it('of one bar agree with the examples of the specification', () => {
    // indicators.md 6.5 and 6.7.
    const local = { idx: 11, lookback: 6, ...garch, minPeriods: 2 }
    const { start, values } = indicators.garchVolatilityLocal(close, local)
    expect(start).toBe(6)
    expect([...values.subarray(0, 3)]).toEqual([Number.NaN, Number.NaN, Number.NaN])
    expect([...values.subarray(3)].map((v) => v * 1e4)).toEqual([
      expect.closeTo(1.14804366779899, 10),
      expect.closeTo(6.40080399381746, 10),
      expect.closeTo(9.63698697518264, 10),
    ])
    expect(indicators.kalmanGarchZscoreLocal(close, { ...local, r: 0.5, q: 0.1 })).toBeCloseTo(0.919092226602131, 10)
    const tail = [5.2e-4, 4.9e-4, 5.5e-4, 9.1e-4, 8.7e-4, 1.3e-3, 1.25e-3, 6.0e-4, 5.1e-4, 8.9e-4, 1.4e-3, 9.0e-4]
    expect(indicators.volClusterState(tail, { window: 12, k: 3, minPoints: 5 })).toEqual({
      status: 'ok',
      sampleSize: 12,
      label: 'mid',
      sigma: 0.0009,
      labels: [0, 0, 0, 1, 1, 2, 2, 0, 0, 1, 2, 1],
      names: ['low', 'mid', 'high'],
      centers: [0.000532668123357585, 0.000892376839615005, 0.00131520605714281].map((c) => expect.closeTo(c, 16)),
      centersLog: [-7.53761198559604, -7.02162204866177, -6.63376192818117].map((c) => expect.closeTo(c, 12)),
    })
    expect(indicators.volClusterState(tail, { minPoints: 13 })).toEqual({
      status: 'insufficient_points',
      sampleSize: 12,
    })
    expect(indicators.volClusterState(tail, { idx: -1 })).toEqual({ status: 'invalid_index', sampleSize: 0 })
    const feature = indicators.volClusterSeries(bars, { feature: 'atr_points', atrLength: 5 })
    expect(feature).toEqual({ start: 0, values: indicators.atr(bars, { period: 5 }) })
    const forecast = indicators.volClusterSeries(bars, { ...garch, garchLookback: 6, minPeriods: 2 })
    expect(forecast).toEqual({ start, values })
  })

  it('of one bar have nothing to say where there is nothing', () => {
    // indicators.md 2.9 and 2.10: alpha + beta from 1 on is no error.
    expect(indicators.kalmanGarchZscoreLocal(close, { idx: 12 })).toBeUndefined()
    expect(indicators.kalmanGarchZscoreLocal(close, { alpha: 0.5, beta: 0.5, minPeriods: 0 })).toBeUndefined()
    expect(indicators.garchVolatilityLocal(close, { idx: -1 })).toEqual({ start: 0, values: new Float64Array(0) })
  })

  it('all take what the list says and give what it says', () => {
    for (const { kind, input, outputs, result } of listIndicators()) {
      const given = input.length === 1 ? close : bars
      const answer: unknown = named(kind)(given, required(kind))
      if (result === 'series') {
        const series = outputs.length === 1 ? [answer] : Object.values(Object(answer))
        expect([kind, series.length]).toEqual([kind, outputs.length])
        for (const one of series) {
          expect(one).toBeInstanceOf(Float64Array)
          expect(Reflect.get(Object(one), 'length')).toBe(12)
        }
      } else if (result === 'window') {
        expect([kind, answer]).toEqual([kind, { start: 0, values: expect.any(Float64Array) }])
      } else if (result === 'clusters') {
        expect([kind, answer]).toEqual([kind, { status: 'insufficient_points', sampleSize: 12 }])
      } else {
        expect([kind, result, answer]).toEqual([kind, 'point', undefined])
      }
    }
  })

  it('give empty for empty and never look ahead, arrays and typed arrays alike', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.double({ min: 0.5, max: 2, noNaN: true }), fc.constant(Number.NaN)), { maxLength: 60 }),
        fc.nat(60),
        (prices, cut) => {
          for (const { kind, input, outputs, result } of listIndicators()) {
            if (result !== 'series') continue
            const of = (values: readonly number[] | Float64Array): unknown[] => {
              const given = input.length === 1 ? values : { high: values, low: values, close: values }
              const answer = named(kind)(given, required(kind))
              return outputs.length === 1 ? [answer] : Object.values(Object(answer))
            }
            const whole = of(prices)
            expect(of(Float64Array.from(prices))).toEqual(whole)
            const short = of(prices.slice(0, cut))
            for (const [i, one] of whole.entries()) {
              if (!(one instanceof Float64Array)) throw new Error(`${kind} gives no array`)
              expect(short[i]).toEqual(one.slice(0, cut))
            }
          }
        },
      ),
      { numRuns: 20 },
    )
  })

  it('have the types that the catalogue says', () => {
    expectTypeOf(indicators.rsi(close)).toEqualTypeOf<Float64Array>()
    expectTypeOf(indicators.macd(close)).toEqualTypeOf<{ macd: Float64Array; signal: Float64Array }>()
    expectTypeOf(indicators.dmi(bars)).toEqualTypeOf<{
      plusDi: Float64Array
      minusDi: Float64Array
      adx: Float64Array
    }>()
    expectTypeOf(indicators.garchVolatilityLocal(close)).toEqualTypeOf<IndicatorWindow>()
    expectTypeOf(indicators.kalmanGarchZscoreLocal(close)).toEqualTypeOf<number | undefined>()
    expectTypeOf(indicators.volClusterState(close)).toEqualTypeOf<VolatilityClusters>()
    const wrong = () => {
      // @ts-expect-error: a length is required
      indicators.momentum(close)
      // @ts-expect-error: no such parameter
      indicators.rsi(close, { length: 14 })
      // @ts-expect-error: bars, not a series
      indicators.dmi(close)
      // @ts-expect-error: one of two features
      indicators.volClusterSeries(bars, { feature: 'atr' })
    }
    expect(wrong).toThrow()
  })
})

describe('the list of indicators', () => {
  it('tells what is required from what may be left out without having a default', () => {
    const required = listIndicators().flatMap(({ kind, parameters }) =>
      parameters.filter((p) => p.required).map((p) => `${kind} ${p.name}`),
    )
    // indicators.md 2: "period (none)" of ema and sma, and 2.18.
    expect(required).toEqual([
      'dema period',
      'ema period',
      'momentum period',
      'rolling_mean n',
      'rolling_std n',
      'sma period',
      'tema period',
    ])
    const { stdout } = omega(['indicators'])
    expect(stdout).toMatch(/^ {2}omega +number +- +Constant of the variance/m)
    expect(stdout).toMatch(/^ {2}period +integer +required +≥ 1\. Look-back length of the averages/m)
    expect(stdout).toMatch(/^ {2}feature +choice +"garch_forecast" +atr_points, garch_forecast\. /m)
  })
})

describe('inputs of indicators', () => {
  it('are copied: a shared array may be written to, and no result is a view of an input', () => {
    const shared = new Float64Array(new SharedArrayBuffer(12 * 8))
    shared.set(close)
    const mean = indicators.rollingMean(shared, { n: 1 })
    shared.fill(7)
    expect(mean).toEqual(close)
    const own = Float64Array.from(close)
    const same = indicators.ema(own, { period: 1 })
    same.fill(0)
    expect(own).toEqual(close)
    expect(indicators.ema(close.subarray(3, 9), { period: 1 })).toEqual(close.slice(3, 9))
  })

  it.each([
    ['nothing', undefined, 'ema: input must be a Float64Array or an array of numbers, got undefined'],
    ['text', '1,2,3', 'ema: input must be a Float64Array or an array of numbers, got "1,2,3"'],
    ['other numbers', Float32Array.of(1), 'ema: input must be a Float64Array or an array of numbers, got Float32Array'],
    ['bars', bars, 'ema: input must be a Float64Array or an array of numbers, got Object'],
    ['text in an array', [1, '2'], 'ema: input must hold numbers, but [1] is "2"'],
    ['a hole', Object.assign([1], { 2: 3 }), 'ema: input must hold numbers, but [1] is undefined'],
    ['null', [null], 'ema: input must hold numbers, but [0] is null'],
    ['big integers', [1n], 'ema: input must hold numbers, but [0] is 1'],
  ])('that are %s are refused', async (_, input, message) => {
    const error = await failureOf(() => named('ema')(input, { period: 2 }))
    expect([error.code, error.category, error.message, error.hint]).toEqual([
      'IND_INPUT',
      'runtime',
      message,
      'pass one series',
    ])
  })

  it('that are gone or pretend to be arrays are refused', async () => {
    const gone = Float64Array.of(1, 2)
    structuredClone(gone, { transfer: [gone.buffer] })
    expect((await failureOf(() => named('ema')(gone, { period: 2 }))).message).toBe('ema: input cannot be read')
    const proxy = new Proxy(Float64Array.of(1, 2), {})
    expect((await failureOf(() => named('ema')(proxy, { period: 2 }))).code).toBe('IND_INPUT')
  })

  it('of bars are named', async () => {
    const cases: [unknown, string][] = [
      [undefined, 'atr: high must be a Float64Array or an array of numbers, got undefined'],
      [{ high, low }, 'atr: close must be a Float64Array or an array of numbers, got undefined'],
      [{ high, low: [1, 'x'], close }, 'atr: low must hold numbers, but [1] is "x"'],
      [{ high, low, close: close.slice(1) }, 'inputs of atr: 11 values where 12 are needed'],
    ]
    for (const [input, message] of cases) {
      const error = await failureOf(() => named('atr')(input))
      expect([error.code, error.category, error.message]).toEqual(['IND_INPUT', 'runtime', message])
      expect(error.hint).toMatch(/^pass \{ high, low, close \}$|^give every input series/)
    }
  })
})

describe('parameters of indicators', () => {
  it.each([
    ['rsi', { period: 0 }, 'rsi: period must be an integer of at least 1, got 0'],
    ['rsi', { period: Number.NaN }, 'rsi: period must be an integer of at least 1, got "NaN"'],
    ['rsi', { period: 2.5 }, 'rsi: period must be an integer of at least 1, got 2.5'],
    ['rsi', { period: 14n }, 'rsi: period must be an integer of at least 1, got "14"'],
    ['rsi', { period: () => 14 }, 'rsi: period must be an integer of at least 1, got "a function"'],
    ['rsi', { length: 14 }, 'rsi: length is not a parameter, known are period'],
    ['rsi', 14, 'rsi: its parameters must be an object, got 14'],
    ['rsi', [14], 'rsi: its parameters must be an object, got []'],
    ['rsi', new Map([['period', 5]]), 'rsi: its parameters must be an object, got "Map"'],
    ['rolling_std', {}, 'rolling_std: n is required and must be an integer of at least 2'],
    [
      'bollinger',
      { stdFactor: Number.POSITIVE_INFINITY },
      'bollinger: std_factor must be a finite number of at least 0, got "Infinity"',
    ],
    ['bollinger', { stdFactor: 1, std_factor: 2 }, 'bollinger: std_factor is given twice'],
    ['garch_volatility', { omega: 'none' }, 'garch_volatility: omega must be a finite number, got "none"'],
    ['kalman_garch_zscore', { r: 0, q: 0 }, 'kalman_garch_zscore: q must be above 0 if r is 0'],
    ['garch_volatility_local', { idx: 0.5 }, 'garch_volatility_local: idx must be an integer, got 0.5'],
    ['vol_cluster_state', { logTransform: 'yes' }, 'vol_cluster_state: log_transform must be true or false, got "yes"'],
  ])('%s refuses %o', async (kind, params, message) => {
    const error = await failureOf(() => named(kind)(close, params))
    expect([error.code, error.category, error.message]).toEqual(['IND_PARAM', 'runtime', message])
    expect(error.details).toMatchObject({ indicator: kind })
    expect(error.hint).toMatch(/^the parameters of |^write it once, as stdFactor$/)
  })

  it('that are null or undefined count as left out', () => {
    const plain = indicators.rsi(close)
    expect(named('rsi')(close, null)).toEqual(plain)
    expect(named('rsi')(close, { period: null })).toEqual(plain)
    expect(indicators.rsi(close, { period: undefined })).toEqual(plain)
    // indicators.md 2.8: left out and 0 are different omegas.
    const sigma = (omega?: number) => at(indicators.garchVolatility(close, { omega, minPeriods: 0 }), 11)
    expect(sigma(0)).not.toBe(sigma())
  })
})
