import { describe, expect, it } from 'vitest'
import { editDistance, nearest } from '../../api/config/edit-distance.ts'
import { codesOf, issuesOf, parsed, warningsOf } from './support.ts'

const hintOf = (changes: object) => parsed(changes).warnings[0]?.hint

describe('unknown keys', () => {
  it('look like the example of config.md 12', () => {
    expect(parsed({ cost: {} }).warnings).toEqual([
      {
        path: 'cost',
        code: 'CFG_W_UNKNOWN_KEY',
        message: "unknown key 'cost' is ignored",
        hint: "did you mean 'costs'?",
      },
    ])
  })

  it('are kept in the result where they stood', () => {
    const sessions = [
      { start: '07:00', end: '09:00' },
      { start: '10:00', end: '12:00', note: { a: [1] } },
    ]
    const { config } = parsed({ typo: 1, account: { x: null }, sessions })
    expect(config).toMatchObject({ typo: 1, account: { x: null, initial_balance: 10000 }, sessions })
  })

  it('get a suggestion within two edits, or the one place that has the name', () => {
    expect(hintOf({ account: { initial_balanc: 1 } })).toBe("did you mean 'account.initial_balance'?")
    expect(hintOf({ metrics: { robustness: { jitter_fracs: 1 } } })).toBe(
      "did you mean 'metrics.robustness.jitter_frac'?",
    )
    expect(hintOf({ risk_per_trade: 5 })).toBe("did you mean 'account.risk_per_trade'?")
    expect(hintOf({ execution: { fee_multiplier: 2 } })).toBe("did you mean 'costs.fee_multiplier'?")
    expect(hintOf({ execution: { spread_multiplier: 2 } })).toBe("did you mean 'costs.spread_multiplier'?")
    expect(hintOf({ qqqqqq: 1 })).toBeUndefined()
  })

  it('are errors in strict mode, without their values', () => {
    const [issue] = issuesOf(
      { pasword: 'secret', sessions: [{ start: '07:00', end: '09:00', lable: 'secret' }] },
      { strict: true },
    )
    expect(issue).toEqual({ path: 'pasword', code: 'CFG_UNKNOWN_KEY', message: "unknown key 'pasword'" })
    expect(codesOf({ news_filter: { news_path: 'x' }, data_path: 'y' }, { strict: true })).toEqual([
      'data_path: CFG_PATH_NOT_ALLOWED',
      'news_filter.news_path: CFG_PATH_NOT_ALLOWED',
    ])
  })

  it('are always errors inside rules', () => {
    const rules = { max_holding_time: { max_holding_minute: 5 } }
    expect(issuesOf({ trade_management: { rules } })).toMatchObject([
      {
        code: 'CFG_UNKNOWN_KEY',
        hint: "did you mean 'trade_management.rules.max_holding_time.max_holding_minutes'?",
      },
    ])
    expect(issuesOf({ trade_management: { rules: { brake_even: 1 } } })).toMatchObject([
      { code: 'CFG_UNKNOWN_RULE', hint: "did you mean 'trade_management.rules.break_even'?" },
    ])
  })

  it('are never reported for editors and remarks', () => {
    const changes = { $schema: 'x', _note: 1, 'x-tool': {}, account: { _a: 1 }, trade_management: { rules: { _b: 1 } } }
    expect(warningsOf(changes, { strict: true })).toEqual([])
    expect(parsed(changes).config).toMatchObject({ $schema: 'x', _note: 1 })
  })

  it('stay out of the way of records and strategy parameters', () => {
    const changes = { strategy_parameters: { anything: 1 }, account: { fx: { static_rates: { EURUSD: 1.1 } } } }
    expect(warningsOf(changes, { strict: true })).toEqual([])
  })
})

describe('nearest', () => {
  it('counts insertions, deletions and replacements', () => {
    // Published example: kitten → sitting needs three edits.
    expect(editDistance('kitten', 'sitting')).toBe(3)
    expect(editDistance('', 'abc')).toBe(3)
    expect(editDistance('abc', 'abc')).toBe(0)
  })

  it('takes the nearest, then the first in the alphabet, and nothing for words that are too short', () => {
    expect(nearest('costs', ['cost', 'most', 'post'])).toBe('cost')
    expect(nearest('xost', ['post', 'cost', 'most'])).toBe('cost')
    expect(nearest('ab', ['fx', 'zz'])).toBeUndefined()
  })
})
