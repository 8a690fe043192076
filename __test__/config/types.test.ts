import { describe, expectTypeOf, it } from 'vitest'
import type { BacktestConfig, BacktestConfigInput } from '../../api/config/backtest-config.ts'

const literal = {
  symbol: 'EURUSD',
  start_date: '2021-01-01',
  end_date: '2021-12-31',
  timeframes: { primary: 'M5', additional: ['H1'] },
  sessions: [{ start: '07:00', end: '16:00' }],
  strategy_parameters: { enabled_scenarios: [1, 2] },
} as const

describe('the types of a configuration', () => {
  it('take literals, and leave out what has a default or comes with the options', () => {
    expectTypeOf(literal).toExtend<BacktestConfigInput>()
    expectTypeOf<BacktestConfigInput['strategy_name']>().toEqualTypeOf<string | undefined>()
  })

  it('refuse keys and values that do not exist', () => {
    // @ts-expect-error: no such key
    const wrongKey: BacktestConfigInput = { ...literal, acount: {} }
    // @ts-expect-error: no such timeframe
    const wrongValue: BacktestConfigInput = { ...literal, timeframes: { primary: 'M7' } }
    // @ts-expect-error: another kind of sizing has this field
    const wrongVariant: BacktestConfigInput = { ...literal, account: { sizing: { kind: 'notional', lots: 1 } } }
    expectTypeOf([wrongKey, wrongValue, wrongVariant]).toEqualTypeOf<BacktestConfigInput[]>()
  })

  it('have every default filled after parsing', () => {
    expectTypeOf<BacktestConfig['account']['max_positions']>().toEqualTypeOf<number>()
    expectTypeOf<BacktestConfig['timeframes']['primary']>().toExtend<string>()
    expectTypeOf<BacktestConfig['sessions']>().toExtend<readonly object[] | null>()
  })
})
