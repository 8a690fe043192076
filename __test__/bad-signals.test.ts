import { type BacktestConfigInput, indicators, runBacktest, signals } from '@omega/native'
import { describe, expect, it } from 'vitest'
import { BARS } from './refusal.ts'
import { EXAMPLE, failureOf, issuesOf, MONDAY_NS, NO_COSTS, SPECS, smallDataset } from './support.ts'

describe('Signals', () => {
  const run = (columns: Parameters<typeof signals>[0], changes: BacktestConfigInput = EXAMPLE) =>
    runBacktest(changes, { data: smallDataset(BARS), strategy: signals(columns), costs: NO_COSTS, symbolSpecs: SPECS })

  it('of the wrong length are refused with both lengths', async () => {
    const error = await failureOf(() => run({ direction: new Int8Array(2) }))
    expect(error).toMatchObject({ code: 'SIGNALS_LENGTH', category: 'strategy' })
    expect(error.message).toMatch(/direction.*2.*3/)
    const unequal = await failureOf(() => run({ direction: new Int8Array(3), stopLoss: new Float64Array(4) }))
    expect(unequal.code).toBe('SIGNALS_LENGTH')
    expect(unequal.message).toMatch(/stop_?loss.*4.*3/i)
  })

  it('with impossible values are refused with the row', async () => {
    const two = await failureOf(() => signals({ direction: Int8Array.of(0, 2, 0) }))
    expect(two.code).toBe('SIGNALS_VALUE')
    expect(two.message).toMatch(/direction.*2.*row 1/)
    const exit = await failureOf(() => signals({ direction: new Int8Array(3), exit: Uint8Array.of(0, 0, 4) }))
    expect(exit.message).toMatch(/exit.*4.*row 2/)
    const kind = await failureOf(() => signals({ direction: new Int8Array(2), orderType: Uint8Array.of(0, 3) }))
    expect(kind.message).toMatch(/order_type.*3.*row 1.*market.*limit.*stop/)
    const stop = await failureOf(() => signals({ direction: new Int8Array(1), stopLoss: Float64Array.of(-1) }))
    expect(stop.code).toBe('SIGNALS_VALUE')
  })

  it('of another series are refused with the row and both times', async () => {
    const time = BigInt64Array.from([0, 1, 3], (i) => MONDAY_NS + BigInt(i) * 300_000_000_000n)
    const error = await failureOf(() => run({ direction: new Int8Array(3), time }))
    expect(error.code).toBe('SIGNALS_TIME')
    expect(error.message).toContain('row 2')
  })

  it('of the wrong type or an unknown name are ARG_INVALID', async () => {
    const plain: Int8Array = Object([0, 1])
    expect((await failureOf(() => signals({ direction: plain }))).message).toContain('Int8Array')
    const columns: Parameters<typeof signals>[0] = Object.assign(
      { direction: new Int8Array(1) },
      { stoploss: new Float64Array(1) },
    )
    expect((await failureOf(() => signals(columns))).message).toContain('stoploss')
  })

  it('in columns that are not built yet are CFG_UNSUPPORTED if they would act', async () => {
    const direction = Int8Array.of(1, 0, 0)
    const error = await failureOf(() => run({ direction, oco: Uint8Array.of(1, 0, 0) }))
    expect(issuesOf(error).join()).toMatch(/oco.*CFG_UNSUPPORTED/)
    const { trades } = await run({ direction, stopLoss: Float64Array.of(1.05, 0, 0), oco: new Uint8Array(3) })
    expect(trades.length).toBe(1)
  })

  it('of a pending order without a price are counted as invalid, and the run goes on', async () => {
    const direction = Int8Array.of(1, 1, 0)
    const stopLoss = Float64Array.of(1.05, 1.05, 0)
    const result = await run({ direction, stopLoss, orderType: Uint8Array.of(2, 0, 0), price: new Float64Array(3) })
    expect(result.rejectionCounts).toEqual({ invalid_signal: 1 })
    expect(result.trades.row(0)).toMatchObject({ order_id: 2, order_type: 'market' })
  })

  it('without a stop are counted, and the run goes on', async () => {
    const result = await run({ direction: Int8Array.of(1, 1, 0), stopLoss: Float64Array.of(Number.NaN, 1.05, 0) })
    expect(result.rejectionCounts).toEqual({ missing_stop_loss: 1 })
    expect(result.rejections.row(0)).toMatchObject({ order_id: 1, bar_index: 0, reason: 'missing_stop_loss' })
    expect(result.trades.row(0)).toMatchObject({ order_id: 2, position_id: 1 })
  })

  it('together with another strategy name are a conflict', async () => {
    const error = await failureOf(() =>
      run({ direction: new Int8Array(3) }, { ...EXAMPLE, strategy_name: 'mean_reversion_z_score' }),
    )
    expect(issuesOf(error)).toContain('strategy_name: CFG_CONFLICT')
  })
})

describe('An indicator', () => {
  // decisions.md 51: IND_PARAM, IND_INPUT.
  it('with a wrong parameter or input names it', async () => {
    const close = new Float64Array(10)
    const period = await failureOf(() => indicators.sma(close, { period: 0 }))
    expect(period.code).toBe('IND_PARAM')
    expect(period.message).toContain('period')
    expect((await failureOf(() => indicators.sma(close, { period: Number.NaN }))).code).toBe('IND_PARAM')
    const input: Float64Array = Object('abc')
    expect((await failureOf(() => indicators.sma(input, { period: 3 }))).code).toBe('IND_INPUT')
    const bars = { high: close, low: close, close: new Float64Array(9) }
    expect((await failureOf(() => indicators.atr(bars, { period: 3 }))).code).toBe('IND_INPUT')
  })
})
