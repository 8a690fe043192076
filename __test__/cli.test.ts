import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { cleanEnv, dig, entriesOf, HAS_REAL, OMEGA, omega, omegaJson, REPOSITORY, real, tempFolder } from './support.ts'

const RUN = {
  schema_version: '2',
  strategy_name: 'mean_reversion_z_score',
  symbol: 'EURUSD',
  start_date: '2020-02-01',
  end_date: '2020-04-30',
  run_mode: 'dev',
  data_mode: 'candle',
  warmup_bars: 100,
  timeframes: { primary: 'H1' },
  strategy_parameters: { enabled_scenarios: [1] },
}

let folder: string

beforeAll(() => {
  folder = tempFolder()
  writeFileSync(join(folder, 'config.json'), JSON.stringify(RUN))
  const args = [
    'data',
    'generate',
    '--symbol',
    'EURUSD',
    '--timeframe',
    'H1',
    '--bars',
    '3000',
    '--seed',
    '4',
    '--additional',
    'D1',
  ]
  expect(omega(args, { cwd: folder }).status).toBe(0)
})

describe('omega', () => {
  it('prints help with every command, and the version of the package', () => {
    const { status, stdout } = omega(['--help'])
    expect(status).toBe(0)
    const commands = [
      'demo',
      'run',
      'validate',
      'migrate',
      'schema',
      'data',
      'strategies',
      'indicators',
      'metrics',
      'doctor',
    ]
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^ +${command}\\b`, 'm'))
    const manifest: unknown = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'))
    expect(omega(['--version']).stdout.trim()).toBe(dig(manifest, 'version'))
    for (const command of commands) expect([command, omega([command, '--help']).status]).toEqual([command, 0])
  })

  it('has no command that is not built', () => {
    const { stdout } = omega(['--help'])
    for (const command of ['sweep', 'report', 'init', 'verify', 'cache', 'compare']) {
      expect(stdout).not.toMatch(new RegExp(`^ +${command}\\b`, 'm'))
      expect(omega([command]).status).toBe(5)
    }
  })

  it('suggests what was meant', () => {
    expect(omega(['strategis']).stderr).toContain('strategies')
    expect(omega(['run', 'config.json', '--tread', '2'], { cwd: folder }).stderr).toContain('--threads')
    const { stderr } = omega(['run', 'config.json', '--set', 'strategy_parameters.ema_lenght=3'], { cwd: folder })
    expect(stderr).toContain('ema_length')
    expect(
      omega(['run', 'config.json', '--set', 'acount.risk_per_trade=3', '--out', 'typo'], { cwd: folder }).stderr,
    ).toContain("'account'")
  })
})

describe('omega --json', () => {
  it.each([
    [['rnu'], 'rnu'],
    [['run'], 'config'],
    [['run', 'config.json', '--treads', '1'], '--treads'],
    [['data', 'import', '--symbol', 'X'], '--timeframe'],
    [['run', 'config.json', '--threads', 'two'], 'two'],
  ])('prints a document for %j too, and ends with 5', (args, says) => {
    const { status, document } = omegaJson(args, { cwd: folder })
    expect(status).toBe(5)
    expect(document).toMatchObject({ ok: false, error: { code: 'ARG_INVALID', category: 'usage' } })
    expect(dig(document, 'error', 'message')).toContain(says)
  })
})

describe('omega run', () => {
  it('shows figures and the folder on stdout, warnings on stderr, and no progress in a pipe', () => {
    const { status, stdout, stderr } = omega(['run', 'config.json', '--out', 'plain'], { cwd: folder })
    expect(status).toBe(0)
    for (const word of ['EURUSD H1', 'net profit', 'drawdown', 'rejections', join(folder, 'plain', 'backtests')]) {
      expect(stdout).toContain(word)
    }
    expect(stdout).toContain('synthetic')
    expect(stderr).toContain('DATA_W_SYNTHETIC')
    expect(stdout + stderr).not.toContain('\u001b')
    expect(stderr).not.toMatch(/[█░]/)
  })

  it('is silent on stderr with --quiet', () => {
    const { status, stdout, stderr } = omega(['--quiet', 'run', 'config.json', '--out', 'quiet'], { cwd: folder })
    expect(status).toBe(0)
    expect(stderr).toBe('')
    expect(stdout).toContain('net profit')
  })

  it('prints one JSON document with --json, nanoseconds as text, and nothing on stderr', () => {
    const { status, stdout, stderr, document } = omegaJson(['run', 'config.json', '--out', 'json'], { cwd: folder })
    expect(status).toBe(0)
    expect(stderr).toBe('')
    expect(stdout.trimStart().startsWith('{')).toBe(true)
    expect(document).toMatchObject({ ok: true, command: 'run', data: { output: { written: true } } })
    expect(typeof dig(document, 'data', 'meta', 'generated_at_ns')).toBe('string')
    expect(typeof dig(document, 'data', 'metrics', 'profit_net')).toBe('number')
    expect(dig(document, 'data', 'meta', 'config', 'source')).toBe('config.json')
  })

  it('takes --json and --quiet before and behind the command', () => {
    const { status, stdout } = omega(['run', 'config.json', '--out', 'json', '--json'], { cwd: folder })
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, command: 'run' })
    expect(omega(['run', 'config.json', '--out', 'json', '--quiet'], { cwd: folder }).stderr).toBe('')
  })

  it('changes single fields with --set', () => {
    const args = [
      'run',
      'config.json',
      '--out',
      'set',
      '--set',
      'account.initial_balance=5000',
      '--set',
      'execution.allowed_directions=long',
    ]
    const { document } = omegaJson(args, { cwd: folder })
    const snapshot = dig(document, 'data', 'meta', 'config', 'snapshot')
    expect(dig(snapshot, 'account', 'initial_balance')).toBe(5_000)
    expect(dig(snapshot, 'execution', 'allowed_directions')).toBe('long')
    const trades: { direction: string }[] = JSON.parse(
      readFileSync(join(String(dig(document, 'data', 'output', 'dir')), 'trades.json'), 'utf8'),
    )
    expect(trades.length).toBeGreaterThan(0)
    expect(trades.every((trade) => trade.direction === 'long')).toBe(true)
  })

  it('writes below var/results, or where OMEGA_OUTPUT_ROOT says', () => {
    expect(omega(['run', 'config.json'], { cwd: folder })).toMatchObject({ status: 0 })
    expect(entriesOf(join(folder, 'var', 'results', 'backtests')).length).toBe(1)
    expect(omega(['run', 'config.json'], { cwd: folder, env: { OMEGA_OUTPUT_ROOT: 'elsewhere' } }).status).toBe(0)
    expect(entriesOf(join(folder, 'elsewhere', 'backtests')).length).toBe(1)
  })

  it('names the run folder with --run-id and keeps both with --if-exists suffix', () => {
    const args = ['run', 'config.json', '--out', 'named', '--run-id', 'mine', '--if-exists', 'suffix']
    expect([omega(args, { cwd: folder }).status, omega(args, { cwd: folder }).status]).toEqual([0, 0])
    expect(entriesOf(join(folder, 'named', 'backtests'))).toEqual(['mine', 'mine-2'])
  })

  it('says that costs and specifications come from the package, unless there are own ones', () => {
    const codes = (document: unknown) => JSON.stringify(dig(document, 'data', 'warnings'))
    const { document } = omegaJson(['run', 'config.json', '--out', 'package'], { cwd: folder })
    expect(codes(document)).toContain('CFG_W_PACKAGE_DEFAULTS')
    const own = [
      '--costs',
      join(REPOSITORY, 'configs', 'execution_costs.yaml'),
      '--symbol-specs',
      join(REPOSITORY, 'configs', 'symbol_specs.yaml'),
    ]
    expect(codes(omegaJson(['run', 'config.json', '--out', 'own', ...own], { cwd: folder }).document)).not.toContain(
      'CFG_W_PACKAGE',
    )
  })
})

describe.skipIf(!existsSync('/usr/bin/script') || process.platform !== 'linux')('On a terminal', () => {
  const onTerminal = (args: string) =>
    spawnSync('/usr/bin/script', ['-qec', `"${process.execPath}" "${OMEGA}" ${args}`, '/dev/null'], {
      cwd: folder,
      env: cleanEnv({ TERM: 'xterm' }),
      encoding: 'utf8',
    }).stdout

  it('progress is drawn, and colours are used unless switched off', () => {
    const generate = 'data generate --symbol EURUSD --timeframe M1 --bars 1500000 --seed 4 --overwrite --data-root big'
    expect(onTerminal(generate)).toMatch(/[█░]/)
    expect(onTerminal(`--quiet ${generate}`)).not.toMatch(/[█░]/)
    expect(onTerminal('run config.json --out colour')).toContain('\u001b[1m')
    expect(onTerminal('--no-color run config.json --out colour')).not.toContain('\u001b[1m')
  })
})

describe('omega validate and schema', () => {
  it('check without reading candles', () => {
    const alone = tempFolder()
    writeFileSync(join(alone, 'config.json'), JSON.stringify({ ...RUN, typo: 1 }))
    const { status, stdout, stderr } = omega(['validate', 'config.json'], { cwd: alone })
    expect(status).toBe(0)
    expect(stdout).toMatch(/valid; configuration hash [0-9a-f]{64}/)
    expect(stderr).toContain('CFG_W_UNKNOWN_KEY')
    expect(omega(['validate', 'config.json', '--strict'], { cwd: alone }).status).toBe(3)
    expect(omega(['validate', 'none.json'], { cwd: alone }).status).toBe(2)
    const { document } = omegaJson(['validate', 'config.json'], { cwd: alone })
    expect(document).toMatchObject({
      ok: true,
      command: 'validate',
      data: { config: { symbol: 'EURUSD', warmup_bars: 100 } },
    })
  })

  it('print a JSON Schema in both flavours', () => {
    const lenient: unknown = JSON.parse(omega(['schema']).stdout)
    const strict: unknown = JSON.parse(omega(['schema', '--strict', '--target', 'draft-07']).stdout)
    expect(dig(lenient, '$schema')).toContain('2020-12')
    expect(dig(strict, '$schema')).toContain('draft-07')
    expect(dig(strict, 'additionalProperties')).toBe(false)
    expect(dig(lenient, 'properties', 'symbol', 'description')).toBeDefined()
    expect(omegaJson(['schema']).document).toMatchObject({ ok: true, command: 'schema' })
  })
})

describe('omega data', () => {
  it('generates the same bytes for a seed, and no others', () => {
    const make = (root: string, seed: string) => {
      const args = [
        'data',
        'generate',
        '--symbol',
        'GBPUSD',
        '--timeframe',
        'H1',
        '--bars',
        '500',
        '--seed',
        seed,
        '--data-root',
        root,
      ]
      return omegaJson(args, { cwd: folder })
    }
    const sums = (document: unknown) => [0, 1].map((i) => dig(document, 'data', 'files', i, 'sha256'))
    const [first, again, other] = [make('g1', '8'), make('g2', '8'), make('g3', '9')]
    expect(first.status).toBe(0)
    expect(sums(first.document)).toEqual(sums(again.document))
    expect(sums(first.document)).not.toEqual(sums(other.document))
    expect(make('g1', '8').status).toBe(1)
    expect(entriesOf(join(folder, 'g1', 'GBPUSD'))).toEqual(['GBPUSD_H1_ASK.parquet', 'GBPUSD_H1_BID.parquet'])
  })

  it('inspects what it generated', () => {
    const { status, stdout } = omega(['data', 'inspect', '--symbol', 'EURUSD', '--timeframe', 'D1'], { cwd: folder })
    expect(status).toBe(0)
    expect(stdout).toContain('synthetic')
    const { document } = omegaJson(['data', 'inspect', '--symbol', 'EURUSD', '--timeframe', 'H1'], { cwd: folder })
    expect(document).toMatchObject({ ok: true, command: 'data inspect' })
    expect(JSON.stringify(document)).toContain('3000')
    expect(omega(['data', 'inspect', '--symbol', 'NONE', '--timeframe', 'H1'], { cwd: folder }).status).toBe(1)
  })

  it('imports a small file of its own format, unsorted and with a repetition', () => {
    const rows = [
      '2020-01-06 01:00:00+00:00,1.1,1.2,1.0,1.15,3',
      '2020-01-06 00:00:00+00:00,1.1,1.2,1.0,1.1,2',
      '2020-01-06 01:00:00+00:00,1.1,1.2,1.0,1.15,3',
    ]
    for (const side of ['bid', 'ask']) {
      writeFileSync(join(folder, `${side}.csv`), `UTC time,Open,High,Low,Close,Volume\n${rows.join('\n')}\n`)
    }
    const args = ['data', 'import', '--symbol', 'USDCHF', '--timeframe', 'h1', '--bid', 'bid.csv', '--ask', 'ask.csv']
    const { status, document } = omegaJson(args, { cwd: folder })
    expect(status).toBe(0)
    expect(dig(document, 'data', 'files', 0)).toMatchObject({
      rows: 2,
      first_time: '2020-01-06T00:00:00Z',
      side: 'bid',
    })
    expect(dig(document, 'data', 'sides', 0)).toMatchObject({ rows_in: 3, rows_out: 2, dropped: { duplicate: 1 } })
  })

  it.skipIf(!HAS_REAL)('refuses crossed quotes in words', () => {
    const files = ['--bid', real('gbpusd-m1-bid-2012.csv.gz'), '--ask', real('gbpusd-m1-ask-2012.csv.gz')]
    const { status, stderr } = omega(['data', 'import', '--symbol', 'GBPUSD', '--timeframe', 'M1', ...files], {
      cwd: tempFolder(),
    })
    expect(status).toBe(1)
    expect(stderr).toMatch(/^error IMPORT_CROSSED: .*676 of 30/)
    expect(stderr).toMatch(/^hint: .*clamp/m)
  })
})

describe('The catalogue', () => {
  it.each([
    ['strategies', 'mean_reversion_z_score'],
    ['indicators', 'ema'],
    ['metrics', 'profit_net'],
  ])('omega %s lists %s', (command, name) => {
    const { status, stdout } = omega([command])
    expect(status).toBe(0)
    expect(stdout).toContain(name)
    expect(omegaJson([command]).document).toMatchObject({ ok: true, command })
  })
})

describe('omega doctor', () => {
  it('says what is there and what is missing', () => {
    const { status, stdout } = omega(['doctor'], { cwd: tempFolder() })
    expect(status).toBe(0)
    expect(stdout).toMatch(/ok +Node/)
    expect(stdout).toMatch(/ok +native addon/)
    expect(stdout).toMatch(/absent +data root/)
    const { document } = omegaJson(['doctor'], { cwd: folder })
    expect(document).toMatchObject({ ok: true, command: 'doctor', data: { healthy: true } })
  })
})

describe('omega demo', () => {
  it('makes data, runs and says where everything is; a second time too', () => {
    const cwd = tempFolder()
    const first = omega(['demo'], { cwd })
    expect(first.status).toBe(0)
    for (const word of [
      'net profit',
      join(cwd, 'var', 'demo', 'results', 'backtests'),
      join(cwd, 'var', 'demo', 'data'),
      'Synthetic',
    ]) {
      expect(first.stdout).toContain(word)
    }
    const [id = ''] = entriesOf(join(cwd, 'var', 'demo', 'results', 'backtests'))
    expect(entriesOf(join(cwd, 'var', 'demo', 'results', 'backtests', id))).toEqual([
      'equity.csv',
      'meta.json',
      'metrics.json',
      'trades.json',
    ])
    const { status, document } = omegaJson(['demo', '--out', 'var/demo'], { cwd })
    expect(status).toBe(0)
    expect(dig(document, 'data', 'output', 'written')).toBe(false)
    expect(Number(dig(document, 'data', 'metrics', 'total_trades'))).toBeGreaterThan(20)
  })
})
