import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { migrateV1, OmegaError, parseConfig, runBacktest } from '@omega/native'
import { RUN, smallRoot } from '../refusal.ts'
import { omegaJson, REPOSITORY, SPECS, tempFolder } from '../support.ts'
import type { Cases } from './case.ts'

/** Parses a configuration with changes. */
const parse = (changes: object, strict = false) => parseConfig({ ...RUN, ...changes }, { strict })

/** A run with changes. */
const run = (changes: object, options: object = {}) =>
  runBacktest(Object.assign({ ...RUN }, changes), { data: smallRoot(), ...options })

/** A run of a file with this text. */
function runFile(text: string) {
  const file = join(tempFolder(), 'config.json')
  writeFileSync(file, text)
  return runBacktest(file, { data: smallRoot() })
}

/** What the core says to a request with sessions that TypeScript would never pass on. */
function requestWith(sessions: unknown): never {
  const binding: { checkRun: (request: string) => { failure?: string } } = createRequire(import.meta.url)(
    join(REPOSITORY, 'dist', 'binding.cjs'),
  )
  const { config } = parse({ account: { account_currency: 'USD' }, costs: { enabled: false } })
  const symbol_specs = { path: 'inline', sha256: '', origin: 'option', value: SPECS }
  const options = { calendar: 'none', not_built: [], keep_indicators: false, profiling: false }
  const request = { config: { ...config, sessions }, config_hash: '', seed: 1, symbol_specs, options }
  throw OmegaError.fromFailure(JSON.parse(binding.checkRun(JSON.stringify(request)).failure ?? '{}'))
}

/** Issues of a configuration, config.md 12. */
export const CONFIG_ISSUES: Cases = {
  CONFIG_INVALID: {
    error: () => parse({ account: { initial_balance: -5 }, warmup_bars: -1 }),
    says: ['account.initial_balance must be greater than 0', 'and 1 further issue'],
    hint: false,
  },
  CFG_FILE_NOT_FOUND: {
    issue: () => runBacktest(join(tempFolder(), 'no-such-config.json'), { data: smallRoot() }),
    path: '',
    says: 'no-such-config.json',
    hint: 'check the path',
  },
  CFG_FILE_READ: {
    issue: () => {
      const folder = join(tempFolder(), 'config.json')
      mkdirSync(folder)
      return runBacktest(folder, { data: smallRoot() })
    },
    path: '',
    says: 'config.json',
    hint: 'not a folder',
  },
  CFG_PARSE: {
    issue: () => runFile('{\n  "symbol": "EURUSD",\n  "start_date" "2020-01-01"\n}'),
    path: '',
    // The colon is missing after the twelve characters of the key and two blanks.
    says: 'line 3, column 16',
  },
  CFG_NOT_OBJECT: { issue: () => parseConfig([1]), path: '', says: 'object' },
  CFG_V1_CONFIG: {
    issue: () => parseConfig({ strategy: { module: 'x', class: 'Y' }, symbol: 'EURUSD' }),
    path: '',
    says: 'V1',
    hint: 'migrate',
  },
  CFG_SCHEMA_VERSION: {
    issue: () => parse({ schema_version: '3' }),
    path: 'schema_version',
    says: ["'2'", '"received":"3"'],
  },
  CFG_REQUIRED: { issue: () => parse({ symbol: undefined }), path: 'symbol', says: 'symbol' },
  CFG_TYPE: {
    issue: () => parse({ account: { initial_balance: '10000' } }),
    path: 'account.initial_balance',
    says: ['number', '10000'],
  },
  CFG_ENUM: { issue: () => parse({ run_mode: 'live' }), path: 'run_mode', says: ['dev', 'prod', 'live'] },
  CFG_RANGE: {
    issue: () => parse({ account: { max_positions: 10_001 } }),
    path: 'account.max_positions',
    says: ['10000', '10001'],
  },
  CFG_FORMAT: {
    issue: () => parse({ account: { account_currency: 'EURO' } }),
    path: 'account.account_currency',
    says: 'EURO',
  },
  CFG_TIMEFRAME: {
    issue: () => parse({ timeframes: { primary: 'M7' } }),
    path: 'timeframes.primary',
    says: ['M1, M5, M15, M30, H1, H4, D1, W1', 'M7'],
  },
  CFG_DATE_INVALID: { issue: () => parse({ start_date: '2020-02-30' }), path: 'start_date', says: '2020-02-30' },
  CFG_DATE_ORDER: {
    issue: () => parse({ start_date: '2020-04-01' }),
    path: 'end_date',
    says: ['2020-04-01', '2020-03-31'],
  },
  CFG_UNSUPPORTED: {
    issue: () => run({ execution: { market_fill: 'next_open' } }),
    path: 'execution.market_fill',
    says: 'next_open',
    hint: 'signal_close',
  },
  CFG_CONFLICT: {
    issue: () => parse({ execution_variant: 'v1_parity', run_mode: 'prod' }),
    path: 'execution_variant',
    says: ['v1_parity', 'dev'],
  },
  CFG_UNKNOWN_STRATEGY: {
    issue: () => run({ strategy_name: 'mean_reversion' }),
    path: 'strategy_name',
    says: ['mean_reversion', 'mean_reversion_z_score'],
  },
  CFG_STRATEGY_PARAM: {
    issue: () => run({ strategy_parameters: { ema_lenght: 30 } }),
    path: 'strategy_parameters.ema_lenght',
    says: ['ema_lenght', 'UNKNOWN_PARAM'],
    hint: 'ema_length',
  },
  CFG_UNKNOWN_RULE: {
    issue: () => parse({ trade_management: { rules: { brake_even: {} } } }),
    path: 'trade_management.rules.brake_even',
    says: 'brake_even',
    hint: 'break_even',
  },
  CFG_UNKNOWN_KEY: { issue: () => parse({ acount: {} }, true), path: 'acount', says: 'acount', hint: 'account' },
  CFG_PATH_NOT_ALLOWED: {
    issue: () => parse({ data_path: '/data' }, true),
    path: 'data_path',
    says: 'data_path',
    hint: 'data',
  },
  CFG_ENGINE_REJECTED: {
    // Only a bug of TypeScript would let this pass.
    issue: () => requestWith([{ start: '25:00', end: '09:00' }]),
    path: 'sessions[0].start',
    says: '25:00',
  },
}

/** Warnings of the command line, which prints those of the run as well. */
function cliWarnings(changes: object, folder = tempFolder()) {
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...RUN, ...changes }))
  const { document } = omegaJson(['validate', 'config.json'], { cwd: folder })
  const { warnings }: { warnings: { code: string; message: string; path?: string }[] } = Object(
    Reflect.get(Object(document), 'data'),
  )
  return warnings
}

/** Warnings about a configuration that is valid. */
export const CONFIG_WARNINGS: Cases = {
  CFG_W_UNKNOWN_KEY: { warning: () => parse({ acount: {} }).warnings, path: 'acount', says: 'acount' },
  CFG_W_DEFAULTED: { warning: () => parse({ run_mode: undefined }).warnings, path: 'run_mode', says: '"dev"' },
  CFG_W_ALIAS: { warning: () => parse({ schema_version: 2 }).warnings, path: 'schema_version', says: '"2"' },
  CFG_W_NORMALISED: {
    warning: () => parse({ timeframes: { primary: 'H1', additional: ['H4', 'H4'] } }).warnings,
    path: 'timeframes.additional',
    says: '1 repeated entry',
  },
  CFG_W_EMPTY_SESSIONS: { warning: () => parse({ sessions: [] }).warnings, path: 'sessions', says: 'sessions' },
  CFG_W_FULL_DAY_SESSION: {
    warning: () => parse({ sessions: [{ start: '08:00', end: '08:00' }] }).warnings,
    path: 'sessions',
    says: 'day',
  },
  CFG_W_PATH_IGNORED: { warning: () => parse({ data_path: '/data' }).warnings, path: 'data_path', says: 'data_path' },
  CFG_W_CONFLICT_RESOLVED: {
    warning: () =>
      parse({ strategy_parameters: { use_position_manager: true }, trade_management: { enabled: false } }).warnings,
    path: 'trade_management.enabled',
    says: 'use_position_manager',
  },
  CFG_W_NO_EFFECT: {
    warning: () => parse({ costs: { enabled: false, fee_multiplier: 2 } }).warnings,
    path: 'costs.fee_multiplier',
    says: 'costs.enabled',
  },
  CFG_W_STRATEGY: {
    warning: () => cliWarnings({ strategy_parameters: { enabled_scenarios: [3] }, timeframes: { primary: 'H1' } }),
    says: 'W-TPDIST',
  },
  CFG_W_MIGRATION: {
    warning: () =>
      migrateV1({ mode: 'candle', symbol: 'EURUSD', strategy: { module: 'x.y' }, anchored_session_filter: {} })
        .warnings,
    path: 'anchored_session_filter',
    says: 'anchored_session_filter',
  },
  CFG_W_PACKAGE_DEFAULTS: { warning: () => cliWarnings({}), says: 'execution_costs.yaml of the package' },
}
