import { describe, expect, it } from 'vitest'
import { ISSUE_CODES, type IssueCode } from '../../api/config/issue.ts'
import { parseConfig, safeParseConfig } from '../../api/config/parse.ts'
import { OmegaError } from '../../api/errors.ts'
import { anyStrategy, codesOf, issuesOf, minimal } from './support.ts'

/** Raised outside this layer (the native core), or by reading a file; tested there. */
const ELSEWHERE: IssueCode[] = [
  'CFG_FILE_NOT_FOUND',
  'CFG_FILE_READ',
  'CFG_PARSE',
  'CFG_UNSUPPORTED',
  'CFG_UNKNOWN_STRATEGY',
  'CFG_ENGINE_REJECTED',
]

const CASES: [changes: object, expected: string, strict?: boolean][] = [
  [{ strategy: { module: 'x.y' } }, ': CFG_V1_CONFIG'],
  [{ schema_version: '3' }, 'schema_version: CFG_SCHEMA_VERSION'],
  [{ symbol: undefined }, 'symbol: CFG_REQUIRED'],
  [{ strategy_name: '  ' }, 'strategy_name: CFG_REQUIRED'],
  [{ timeframes: undefined }, 'timeframes: CFG_REQUIRED'],
  [{ timeframes: null }, 'timeframes: CFG_TYPE'],
  [{ symbol: 5 }, 'symbol: CFG_TYPE'],
  [{ rng_seed: 1.5 }, 'rng_seed: CFG_TYPE'],
  [{ rng_seed: '7' }, 'rng_seed: CFG_TYPE'],
  [{ account: { initial_balance: Number.NaN } }, 'account.initial_balance: CFG_TYPE'],
  [{ account: { initial_balance: Number.POSITIVE_INFINITY } }, 'account.initial_balance: CFG_TYPE'],
  [{ costs: [] }, 'costs: CFG_TYPE'],
  [{ warmup_bars: null }, 'warmup_bars: CFG_TYPE'],
  [{ strategy_parameters: { f: () => 1 } }, 'strategy_parameters.f: CFG_TYPE'],
  [{ run_mode: 'DEV' }, 'run_mode: CFG_ENUM'],
  [{ account: { sizing: { kind: 'lots' } } }, 'account.sizing.kind: CFG_ENUM'],
  [{ account: { sizing: {} } }, 'account.sizing.kind: CFG_REQUIRED'],
  [{ account: { sizing: { kind: 'fixed_lots' } } }, 'account.sizing.lots: CFG_REQUIRED'],
  [{ account: { max_positions: 10001 } }, 'account.max_positions: CFG_RANGE'],
  [{ metrics: { overfitting: { pbo_blocks: 5 } } }, 'metrics.overfitting.pbo_blocks: CFG_RANGE'],
  [{ execution: { allowed_order_types: [] } }, 'execution.allowed_order_types: CFG_RANGE'],
  [{ news_filter: { currencies: [] } }, 'news_filter.currencies: CFG_RANGE'],
  [{ rng_seed: 2 ** 53 }, 'rng_seed: CFG_RANGE'],
  [{ account: { account_currency: 'EURO' } }, 'account.account_currency: CFG_FORMAT'],
  [{ account: { fx: { static_rates: { eurusd: 1 } } } }, 'account.fx.static_rates.eurusd: CFG_FORMAT'],
  [{ account: { fx: { static_rates: { EURUSD: 0 } } } }, 'account.fx.static_rates.EURUSD: CFG_RANGE'],
  [{ symbol: 'EUR..USD' }, 'symbol: CFG_FORMAT'],
  [{ symbol: '../x' }, 'symbol: CFG_FORMAT'],
  [{ sessions: [{ start: '7:00', end: '12:00' }] }, 'sessions[0].start: CFG_FORMAT'],
  [{ sessions: [{ start: '07:00', end: '12:00', timezone: 'Mars/Base' }] }, 'sessions[0].timezone: CFG_FORMAT'],
  [{ timeframes: { primary: 'M7' } }, 'timeframes.primary: CFG_TIMEFRAME'],
  [{ timeframes: { primary: 'M5', additional: ['H1', 'H2'] } }, 'timeframes.additional[1]: CFG_TIMEFRAME'],
  [{ start_date: '2021-02-30' }, 'start_date: CFG_DATE_INVALID'],
  [{ end_date: '2020-12-31' }, 'end_date: CFG_DATE_ORDER'],
  [{ execution_variant: 'v1_parity', run_mode: 'prod' }, 'execution_variant: CFG_CONFLICT'],
  [{ trade_management: { rules: { break_evn: {} } } }, 'trade_management.rules.break_evn: CFG_UNKNOWN_RULE'],
  [{ typo: 1 }, 'typo: CFG_UNKNOWN_KEY', true],
  [{ data_path: '/data' }, 'data_path: CFG_PATH_NOT_ALLOWED', true],
]

describe('issues', () => {
  it.each(CASES)('%j: %s', (changes, expected, strict) => {
    expect(codesOf(changes, { strict })).toEqual([expected])
  })

  it('covers every code of this layer', () => {
    const tested = new Set(CASES.map(([, expected]) => expected.split(': ').at(-1)))
    const others = ['CFG_NOT_OBJECT', 'CFG_STRATEGY_PARAM', ...ELSEWHERE]
    expect([...tested, ...others].sort()).toEqual(Object.keys(ISSUE_CODES).sort())
  })

  it.each([null, 'text', 5, [], undefined, true])('refuses the root %j', (root) => {
    const result = safeParseConfig(root)
    expect(result).toMatchObject({ ok: false, issues: [{ path: '', code: 'CFG_NOT_OBJECT' }] })
  })

  it('looks like the examples of config.md 12', () => {
    expect(issuesOf({ account: { initial_balance: -5 } })).toEqual([
      {
        path: 'account.initial_balance',
        code: 'CFG_RANGE',
        message: 'account.initial_balance must be greater than 0',
        expected: '> 0',
        received: '-5',
      },
    ])
    expect(issuesOf({ timeframes: { primary: 'M7' } })).toMatchObject([
      {
        path: 'timeframes.primary',
        code: 'CFG_TIMEFRAME',
        message: 'timeframes.primary must be one of M1, M5, M15, M30, H1, H4, D1, W1',
        received: 'M7',
      },
    ])
    expect(issuesOf({ execution_variant: 'v1_parity', run_mode: 'prod' })).toEqual([
      {
        path: 'execution_variant',
        code: 'CFG_CONFLICT',
        message: "execution_variant 'v1_parity' needs run_mode 'dev'",
      },
    ])
  })

  it('states both ends of a range, and what may be null', () => {
    expect(issuesOf({ news_filter: { minutes_before: -1 } })).toMatchObject([
      { message: 'news_filter.minutes_before must be between 0 and 10080', expected: '0 .. 10080', received: '-1' },
    ])
    expect(issuesOf({ metrics: { data_jitter: { fraq: 1 } } })).toMatchObject([
      { message: 'metrics.data_jitter.fraq must be at least 0 and less than 1', expected: '>= 0 and < 1' },
    ])
    expect(issuesOf({ costs: { pip_size: 'x' } })).toMatchObject([
      { message: 'costs.pip_size must be a number or null', expected: 'number or null', received: 'x' },
    ])
    expect(issuesOf({ timeframes: { primary: 'M5', stale_limit_bars: -1 } })).toMatchObject([
      { message: 'timeframes.stale_limit_bars must be at least 0', expected: '>= 0' },
    ])
    expect(issuesOf({ timeframes: { primary: 'M5', stale_limit_bars: 2 ** 60 } })).toMatchObject([
      { code: 'CFG_RANGE', message: 'timeframes.stale_limit_bars must be between 0 and 9007199254740991' },
    ])
    expect(issuesOf({ warmup_bars: 0.5 })).toMatchObject([
      { message: 'warmup_bars must be an integer', received: '0.5' },
    ])
  })

  it('collects all of them, sorted by path and code', () => {
    const changes = {
      symbol: undefined,
      account: { initial_balance: 0, fx: { mode: 'x' } },
      sessions: [{ start: '25:00' }],
      strategy_params: {},
      strategy_parameters: { a: 1 },
    }
    expect(codesOf(changes)).toEqual([
      'account.fx.mode: CFG_ENUM',
      'account.initial_balance: CFG_RANGE',
      'sessions[0].end: CFG_REQUIRED',
      'sessions[0].start: CFG_FORMAT',
      'strategy_params: CFG_CONFLICT',
      'symbol: CFG_REQUIRED',
    ])
  })

  it('cuts what was received at 80 characters and suggests near values', () => {
    const [long] = issuesOf({ symbol: '€'.repeat(200) })
    expect(long?.received).toBe(`${'€'.repeat(79)}…`)
    expect(issuesOf({ run_mode: 'prd' })[0]?.hint).toBe("did you mean 'prod'?")
  })

  it('refuses values that are not JSON, cycles and bottomless nesting', () => {
    const cycle: { self?: unknown; again?: unknown } = {}
    cycle.self = cycle
    cycle.again = cycle
    let deep: unknown = 1
    for (let level = 0; level < 5000; level += 1) deep = [deep]
    for (const value of [cycle, deep, 5n, new Date(0), new Map(), new Float64Array(2), [undefined]]) {
      const codes = issuesOf({ strategy_parameters: { value } }).map(({ code }) => code)
      expect(new Set(codes)).toEqual(new Set(['CFG_TYPE']))
    }
  })

  it('accepts objects without prototype and keys that name object members', () => {
    const bare = Object.assign(Object.create(null), minimal)
    expect(safeParseConfig(bare, { checkStrategy: anyStrategy }).ok).toBe(true)
    const hostile = JSON.parse('{"__proto__":{"polluted":1},"constructor":1,"toString":2}')
    const result = safeParseConfig({ ...minimal, ...hostile, account: hostile }, { checkStrategy: anyStrategy })
    expect(result.ok).toBe(true)
    expect({}).not.toHaveProperty('polluted')
  })
})

describe('parseConfig', () => {
  it('throws an OmegaError whose message is the first issue and the number of further ones', () => {
    const broken = { ...minimal, account: { initial_balance: 0, max_positions: 0 }, warmup_bars: -1, typo: 1 }
    expect(() => parseConfig(broken, { checkStrategy: anyStrategy })).toThrowError(OmegaError)
    try {
      parseConfig(broken, { checkStrategy: anyStrategy })
    } catch (error) {
      expect(error).toMatchObject({
        name: 'OmegaError',
        code: 'CONFIG_INVALID',
        category: 'config',
        message: 'account.initial_balance must be greater than 0 (and 2 further issues)',
        details: {
          issues: [{ path: 'account.initial_balance' }, { path: 'account.max_positions' }, { path: 'warmup_bars' }],
          warnings: [{ path: 'typo', code: 'CFG_W_UNKNOWN_KEY' }],
        },
      })
    }
  })

  it('gives a frozen configuration and leaves the input alone', () => {
    const input = { ...minimal, strategy_params: { list: [1] }, timeframes: { htf: 'h1' } }
    const before = structuredClone(input)
    const { config } = parseConfig(input, { checkStrategy: anyStrategy })
    expect(input).toEqual(before)
    expect(Object.isFrozen(config)).toBe(true)
    expect(Object.isFrozen(config.strategy_parameters.list)).toBe(true)
    expect(Object.isFrozen(input.strategy_params.list)).toBe(false)
  })
})
