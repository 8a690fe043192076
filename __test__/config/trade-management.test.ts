import { describe, expect, it } from 'vitest'
import { codesOf, hashedValue, parsed, warningsOf } from './support.ts'

const trigger = { mode: 'r', value: 1 }
const rules = (written: object, others: object = {}) => ({ trade_management: { rules: written, ...others } })
/** Blocks of `strategy_parameters`. */
const overrides = (blocks: object, others: object = {}) => ({ strategy_parameters: { ...others, overrides: blocks } })
const managerOf = (changes: object) => parsed(changes).config.trade_management

describe('trade management', () => {
  it('is off and knows the holding time by default', () => {
    const standard = {
      enabled: false,
      stop_update_policy: 'apply_next_bar',
      tp_update_policy: 'forbid',
      rules: { max_holding_time: { enabled: true, max_holding_minutes: null, only_scenarios: [] } },
    }
    for (const written of [undefined, null, {}, { rules: [] }, { rules: {} }, { rules: null }]) {
      expect(managerOf({ trade_management: written })).toEqual(standard)
    }
  })

  it.each([
    // decisions.md 22: a rule that is written is on, and switches the manager on.
    [rules({ break_even: { trigger } }), true],
    [rules({ break_even: { trigger, enabled: false } }), false],
    [rules({ break_even: { trigger } }, { enabled: false }), false],
    // The holding time needs a number.
    [rules({ max_holding_time: { max_holding_minutes: 60 } }), true],
    [rules({ max_holding_time: { max_holding_minutes: 60, enabled: false } }), false],
    [rules({ max_holding_time: {} }), false],
    [{ ...rules({ max_holding_time: {} }), strategy_parameters: { max_holding_minutes: 60 } }, true],
    // decisions.md 21: the minutes of the strategy alone switch nothing on.
    [{ strategy_parameters: { max_holding_minutes: 60 } }, false],
    [{ strategy_parameters: { use_position_manager: true } }, true],
    [{ strategy_parameters: { use_position_manager: false } }, false],
    [{ strategy_parameters: { use_position_manager: true }, trade_management: { enabled: false } }, false],
    [{ trade_management: { enabled: true } }, true],
    // Strategy specification 2.5: the strongest block of this symbol and timeframe speaks.
    [overrides({ 'eurusd / m5': { use_position_manager: true } }), true],
    [overrides({ 'EURUSD/*': { use_position_manager: true }, '*/M5': { use_position_manager: false } }), false],
    [overrides({ '*/*': { use_position_manager: false } }, { use_position_manager: true }), false],
    [overrides({ '*/*': { use_position_manager: null } }, { use_position_manager: true }), false],
    [overrides({ 'GBPUSD/*': { use_position_manager: true }, '*/H1': { use_position_manager: true } }), false],
    [overrides({ '*/M5': { max_holding_minutes: 60 } }), false],
    [{ ...rules({ max_holding_time: {} }), ...overrides({ '*/M5': { max_holding_minutes: 60 } }) }, true],
  ])('%j is on: %s', (changes, enabled) => {
    expect(managerOf(changes).enabled).toBe(enabled)
  })

  it('warns of minutes that cannot act', () => {
    const path = 'strategy_parameters.max_holding_minutes: CFG_W_NO_EFFECT'
    const strategy_parameters = { max_holding_minutes: 60 }
    expect(warningsOf({ strategy_parameters })).toEqual([path])
    expect(warningsOf({ strategy_parameters, trade_management: { enabled: true } })).toEqual([])
    expect(warningsOf({ strategy_parameters: { ...strategy_parameters, use_position_manager: true } })).toEqual([])
    expect(warningsOf({ strategy_parameters, ...rules({ break_even: { trigger } }) })).toEqual([])
    expect(warningsOf({ strategy_parameters, ...rules({ max_holding_time: { max_holding_minutes: 30 } }) })).toEqual([
      path,
    ])
    const off = rules({ max_holding_time: { enabled: false } }, { enabled: true })
    expect(warningsOf({ strategy_parameters, ...off })).toEqual([path])
  })

  it('warns of minutes in the block that wins', () => {
    const path = 'strategy_parameters.overrides["*/M5"].max_holding_minutes: CFG_W_NO_EFFECT'
    const blocks = { '*/*': { max_holding_minutes: 50 }, '*/M5': { max_holding_minutes: 60 } }
    expect(warningsOf(overrides(blocks, { max_holding_minutes: 40 }))).toEqual([path])
    expect(warningsOf({ ...overrides(blocks), trade_management: { enabled: true } })).toEqual([])
    expect(warningsOf(overrides({ 'GBPUSD/M5': { max_holding_minutes: 60 } }))).toEqual([])
    const both = { ...blocks, 'EURUSD/M5': { use_position_manager: true } }
    expect(warningsOf(overrides(both))).toEqual([])
    expect(warningsOf({ ...overrides(both), trade_management: { enabled: false } })).toEqual([
      path,
      'trade_management.enabled: CFG_W_CONFLICT_RESOLVED',
    ])
  })

  it('warns of rules under a manager that is written off', () => {
    const written = { break_even: { trigger }, max_holding_time: { max_holding_minutes: 5 } }
    expect(warningsOf(rules(written, { enabled: false }))).toEqual([
      'trade_management.rules.break_even: CFG_W_NO_EFFECT',
      'trade_management.rules.max_holding_time: CFG_W_NO_EFFECT',
    ])
    expect(warningsOf(rules({ break_even: { trigger, enabled: false } }, { enabled: false }))).toEqual([])
  })

  it('fills the defaults of the rules that are written, and stores no others', () => {
    const written = {
      break_even: { trigger: { mode: 'pips', value: 10 } },
      trailing_stop: { distance: { mode: 'atr', value: 2, atr_period: 20 } },
      session_end: {},
      news_exit: {},
      partial_close: { levels: [{ trigger, fraction: 0.5 }] },
      kill_switch: { max_drawdown_pct: 0.2 },
    }
    const shared = { enabled: true, only_scenarios: [] }
    // By hand, from the table of config.md 3.9 and decisions.md 22.
    const stored = {
      max_holding_time: { ...shared, max_holding_minutes: null },
      break_even: { ...shared, trigger: { mode: 'pips', value: 10, atr_period: 14 }, buffer_pips: 0 },
      trailing_stop: {
        ...shared,
        distance: { mode: 'atr', value: 2, atr_period: 20 },
        activation: { mode: 'pips', value: 0, atr_period: 14 },
        reference: 'close',
        step_pips: 0,
      },
      session_end: { ...shared, minutes_before: 0, cancel_pending: false, weekend_close_utc: null },
      news_exit: { ...shared, mode: 'close' },
      partial_close: { ...shared, levels: [{ trigger: { ...trigger, atr_period: 14 }, fraction: 0.5 }] },
      kill_switch: {
        ...shared,
        max_drawdown_pct: 0.2,
        max_daily_loss: null,
        max_daily_loss_pct: null,
        max_consecutive_losses: null,
        reset: 'never',
      },
    }
    const sessions = [{ start: '07:00', end: '16:00' }]
    const changes = { ...rules(written), sessions, news_filter: { enabled: true } }
    expect(managerOf(changes).rules).toEqual(stored)
    expect(hashedValue(rules({ break_even: null }))).toEqual(hashedValue({}))
  })

  it('sorts scenarios and accepts digits for them', () => {
    const max_holding_time = { max_holding_minutes: 5, only_scenarios: ['10', 2, 2, '0', 255] }
    expect(managerOf(rules({ max_holding_time })).rules.max_holding_time.only_scenarios).toEqual([0, 2, 10, 255])
  })

  it.each([
    [{ max_holding_time: { max_holding_minutes: 0 } }, 'max_holding_time.max_holding_minutes: CFG_RANGE'],
    [{ max_holding_time: { only_scenarios: [256] } }, 'max_holding_time.only_scenarios[0]: CFG_RANGE'],
    [{ max_holding_time: { only_scenarios: ['x'] } }, 'max_holding_time.only_scenarios[0]: CFG_TYPE'],
    [{ break_even: {} }, 'break_even.trigger: CFG_REQUIRED'],
    [{ break_even: { trigger: { mode: 'points', value: 1 } } }, 'break_even.trigger.mode: CFG_ENUM'],
    [{ break_even: { trigger: { mode: 'r', value: -1 } } }, 'break_even.trigger.value: CFG_RANGE'],
    [{ break_even: { trigger: { ...trigger, valeu: 1 } } }, 'break_even.trigger.valeu: CFG_UNKNOWN_KEY'],
    [{ trailing_stop: { distance: { mode: 'r', value: 0 } } }, 'trailing_stop.distance.value: CFG_RANGE'],
    [{ session_end: {} }, 'session_end: CFG_CONFLICT'],
    [{ news_exit: {} }, 'news_exit: CFG_CONFLICT'],
    [{ partial_close: { levels: [] } }, 'partial_close.levels: CFG_RANGE'],
    [{ partial_close: { levels: [{ trigger, fraction: 1 }] } }, 'partial_close.levels[0].fraction: CFG_RANGE'],
    [
      {
        partial_close: {
          levels: [
            { trigger, fraction: 0.6 },
            { trigger, fraction: 0.5 },
          ],
        },
      },
      'partial_close.levels: CFG_RANGE',
    ],
    [{ kill_switch: {} }, 'kill_switch: CFG_REQUIRED'],
    [{ kill_switch: { max_drawdown_pct: 20 } }, 'kill_switch.max_drawdown_pct: CFG_RANGE'],
    [{ trailing: {} }, 'trailing: CFG_UNKNOWN_RULE'],
    [{ max_holding_time: { minutes: 5 } }, 'max_holding_time.minutes: CFG_UNKNOWN_KEY'],
  ])('refuses %j', (written, expected) => {
    expect(codesOf(rules(written))).toEqual([`trade_management.rules.${expected}`])
  })

  it('takes fractions whose binary sum exceeds 1 by rounding', () => {
    // By hand: 0.7 + 0.2 + 0.1 is 1 in decimals, 0.8999…+0.1 or 1.0000…2 in binary, depending on the order.
    const levels = [0.1, 0.7, 0.2].map((fraction) => ({ trigger, fraction }))
    expect(codesOf(rules({ partial_close: { levels } }))).toEqual([])
  })

  it('refuses a list of rules', () => {
    expect(codesOf({ trade_management: { rules: [{}] } })).toEqual(['trade_management.rules: CFG_TYPE'])
  })

  it('asks nothing of a rule that is off', () => {
    expect(codesOf(rules({ session_end: { enabled: false }, news_exit: { enabled: false } }))).toEqual([])
  })
})
