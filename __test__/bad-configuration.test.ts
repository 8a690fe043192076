import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BacktestConfigInput, type RunOptions, runBacktest, safeRunBacktest } from '@omega/native'
import { describe, expect, it } from 'vitest'
import { command, RUN, refused, smallRoot } from './refusal.ts'
import { failureOf, issuesOf, omega, omegaJson, REPOSITORY, tempFolder } from './support.ts'

interface Case {
  config: object
  issue: string
  says: string[]
}

const CONFIGURATIONS: Record<string, Case> = {
  'an unknown strategy parameter': {
    config: { strategy_parameters: { ema_lenght: 30 } },
    issue: 'strategy_parameters.ema_lenght: CFG_STRATEGY_PARAM',
    says: ['ema_lenght', 'ema_length'],
  },
  'a strategy parameter out of range': {
    config: { strategy_parameters: { b_b_length: 1 } },
    issue: 'strategy_parameters.b_b_length: CFG_STRATEGY_PARAM',
    says: ['b_b_length', '2'],
  },
  'a day that does not exist': {
    config: { start_date: '2020-02-30' },
    issue: 'start_date: CFG_DATE_INVALID',
    says: ['start_date', '2020-02-30'],
  },
  'a start after the end': {
    config: { start_date: '2020-04-01' },
    issue: 'end_date: CFG_DATE_ORDER',
    says: ['start_date', 'end_date'],
  },
  'an unknown strategy': {
    config: { strategy_name: 'mean_reversion' },
    issue: 'strategy_name: CFG_UNKNOWN_STRATEGY',
    says: ['mean_reversion', 'mean_reversion_z_score'],
  },
  'a timeframe that does not exist': {
    config: { timeframes: { primary: 'M7' } },
    issue: 'timeframes.primary: CFG_TIMEFRAME',
    says: ['M7', 'M15'],
  },
  'a negative balance': {
    config: { account: { initial_balance: -5 } },
    issue: 'account.initial_balance: CFG_RANGE',
    says: ['initial_balance', '0'],
  },
  'a balance that is text': {
    config: { account: { initial_balance: '10000' } },
    issue: 'account.initial_balance: CFG_TYPE',
    says: ['initial_balance'],
  },
  'a balance that is not a number': {
    config: { account: { initial_balance: Number.NaN } },
    issue: 'account.initial_balance: CFG_TYPE',
    says: ['initial_balance'],
  },
  'a currency of two letters': {
    config: { account: { account_currency: 'EU' } },
    issue: 'account.account_currency: CFG_FORMAT',
    says: ['account_currency'],
  },
  'a session that is no time': {
    config: { sessions: [{ start: '7:00', end: '25:00' }] },
    issue: 'sessions[0].end: CFG_FORMAT',
    says: ['sessions[0]'],
  },
  'a symbol that climbs out of the data root': {
    config: { symbol: '../EURUSD' },
    issue: 'symbol: CFG_FORMAT',
    says: ['symbol'],
  },
  'a missing symbol': { config: { symbol: undefined }, issue: 'symbol: CFG_REQUIRED', says: ['symbol'] },
  'parity in prod': {
    config: { execution_variant: 'v1_parity', run_mode: 'prod' },
    issue: 'execution_variant: CFG_CONFLICT',
    says: ['v1_parity', 'dev'],
  },
  'an unknown rule': {
    config: { trade_management: { rules: { brake_even: { enabled: true } } } },
    issue: 'trade_management.rules.brake_even: CFG_UNKNOWN_RULE',
    says: ['brake_even'],
  },
  'a configuration of Omega V1': {
    config: { strategy: { module: 'x', class: 'Y' }, strategy_name: undefined },
    issue: ': CFG_V1_CONFIG',
    says: [],
  },
}

describe('An invalid configuration', () => {
  it.each(Object.entries(CONFIGURATIONS))('with %s is refused and says where', async (_, { config, issue, says }) => {
    const error = await refused(config)
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', category: 'config' })
    expect(issuesOf(error)).toContain(issue)
    const text = `${error.message} ${error.hint ?? ''} ${JSON.stringify(error.details)}`
    for (const part of says) expect(text).toContain(part)
    expect(error.message.length).toBeLessThan(301)
  })

  it.each([
    'an unknown strategy parameter',
    'a day that does not exist',
    'a start after the end',
    'an unknown strategy',
  ])('with %s ends the command line with 3', (name) => {
    const wanted = CONFIGURATIONS[name]
    const { status, document, left } = command(wanted?.config ?? {})
    expect(status).toBe(3)
    expect(document).toMatchObject({ ok: false, error: { code: 'CONFIG_INVALID', category: 'config' } })
    expect(JSON.stringify(document)).toContain(wanted?.issue.split(': ').at(-1))
    expect(left).toEqual([])
  })

  it('reports every problem at once, sorted by path', async () => {
    const error = await refused({
      start_date: 'x',
      account: { initial_balance: 0, max_positions: 1.5 },
      warmup_bars: -1,
    })
    expect(issuesOf(error)).toEqual([
      'account.initial_balance: CFG_RANGE',
      'account.max_positions: CFG_TYPE',
      'start_date: CFG_DATE_INVALID',
      'warmup_bars: CFG_RANGE',
    ])
    expect(error.message).toContain('3 further issues')
  })

  it('that does not exist ends the command line with 2 and names the file', () => {
    const { status, document } = omegaJson(['run', 'no-such-config.json'], { cwd: tempFolder() })
    expect(status).toBe(2)
    expect(JSON.stringify(document)).toContain('CFG_FILE_NOT_FOUND')
    expect(JSON.stringify(document)).toContain('no-such-config.json')
  })

  it('that is not JSON ends the command line with 3 and tells line and column', () => {
    const { status, document, left } = command('{\n  "symbol": "EURUSD",\n  "start_date" "2020-01-01"\n}')
    expect(status).toBe(3)
    expect(JSON.stringify(document)).toContain('CFG_PARSE')
    // The colon is missing after the twelve characters of the key and two blanks.
    expect(JSON.stringify(document)).toMatch(/line 3, column 16/)
    expect(left).toEqual([])
  })

  it('that is a list or nothing is refused too', async () => {
    for (const input of [[], null, 7, 'no-such-file.json'] as unknown[]) {
      const given: BacktestConfigInput = Object(input)
      const error = await failureOf(() => runBacktest(typeof input === 'string' ? input : given, { data: smallRoot() }))
      expect(error.code).toBe('CONFIG_INVALID')
    }
  })
})

describe('A feature that is not built', () => {
  it.each([
    ['execution.market_fill', { execution: { market_fill: 'next_open' } }],
    ['execution.on_opposite', { execution: { on_opposite: 'reverse' } }],
    ['account.sizing', { account: { sizing: { kind: 'fixed_lots', lots: 1 } } }],
    ['trade_management.stop_update_policy', { trade_management: { stop_update_policy: 'apply_immediate' } }],
    ['data_mode', { data_mode: 'tick' }],
  ])('%s is CFG_UNSUPPORTED before any data is read', async (path, config) => {
    const error = await refused(config, { data: join(smallRoot(), 'not-there') })
    expect([error.code, ...issuesOf(error)].join(' ')).toContain('CFG_UNSUPPORTED')
    expect(issuesOf(error).some((issue) => issue.startsWith(path))).toBe(true)
    expect(error.category).toBe('config')
  })

  it('is refused by the command line with 3, by run and by validate', () => {
    const config = { execution: { market_fill: 'next_open' } }
    expect(command(config)).toMatchObject({ status: 3, left: [] })
    const folder = tempFolder()
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...RUN, ...config }))
    const { status, document } = omegaJson(['validate', 'config.json'], { cwd: folder })
    expect(status).toBe(3)
    expect(JSON.stringify(document)).toContain('execution.market_fill')
  })

  it('counts as an option as well', async () => {
    const options: RunOptions = Object({ columns: {} })
    expect(issuesOf(await refused({}, options)).join()).toContain('columns')
  })
})

describe('An option or command', () => {
  it('that does not exist is ARG_INVALID and says what may be meant', async () => {
    const options: RunOptions = Object({ outputdir: 'x' })
    const error = await refused({}, options)
    expect(error).toMatchObject({ code: 'ARG_INVALID', category: 'usage' })
    expect(`${error.message} ${error.hint}`).toContain('outputDir')
  })

  it.each([
    ['threads', { threads: 0 }],
    ['ifExists', { ifExists: 'overwrite' }],
    ['runId', { runId: '../x' }],
    ['curve', { curve: false }],
    ['data', { data: 7 }],
    ['maxGapLoss', { maxGapLoss: 2 }],
    ['strategy', { strategy: {} }],
  ])('%s with a wrong value is ARG_INVALID', async (_, wrong) => {
    const options: RunOptions = Object(wrong)
    expect(await refused({}, options)).toMatchObject({ code: 'ARG_INVALID', category: 'usage' })
  })

  it.each([
    [['run', 'config.json', '--treads', '2'], '--threads'],
    [['rnu', 'config.json'], 'run'],
    [['run'], 'config'],
    [['run', 'config.json', '--threads', 'two'], 'two'],
    [['data', 'import', '--symbol', 'EURUSD'], '--timeframe'],
    [['data', 'reimport'], 'import'],
  ])('%j ends the command line with 5', (args, says) => {
    const { status, stderr, stdout } = omega(args, { cwd: tempFolder() })
    expect(status).toBe(5)
    expect(stderr).toContain(says)
    expect(stdout).toBe('')
  })

  it('with a malformed --set ends with 5, with a wrong value with 3', () => {
    expect(command({}, '--set', 'symbol')).toMatchObject({ status: 5, left: [] })
    expect(command({}, '--set', 'account.initial_balance=-1')).toMatchObject({ status: 3, left: [] })
  })
})

describe('Every failure', () => {
  it('is a value with safeRunBacktest', async () => {
    const outcome = await safeRunBacktest({ ...RUN, symbol: 'NOSUCH' }, { data: smallRoot() })
    expect(outcome.ok).toBe(false)
    if (!outcome.ok) expect(outcome.error.code).toBe('symbol_spec_missing')
  })

  it('prints one line with the code, then the hint', () => {
    const folder = tempFolder()
    writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...RUN, symbol: 'NOSUCH' }))
    const { status, stdout, stderr } = omega(['run', 'config.json', '--data-root', smallRoot(), '--out', 'out'], {
      cwd: folder,
    })
    expect(status).toBe(1)
    expect(stdout).toBe('')
    const lines = stderr.trimEnd().split('\n')
    expect(lines[0]).toMatch(/^error symbol_spec_missing: /)
    expect(lines[1]).toMatch(/^hint: /)
    expect(REPOSITORY).not.toBe('')
  })
})
