import type { BacktestConfigInput } from './backtest-config.ts'
import { type ConfigWarning, configInvalid, Findings, type IssueCode, joined } from './issue.ts'
import { isObject, type JsonObject, plainCopy } from './plain-json.ts'
import { v1Sign } from './v1-config.ts'

/** A configuration of Omega V1 in the form of this version. */
export interface MigratedConfig {
  /** As a user would write it: defaults are not filled in. Check it with `parseConfig`. */
  config: BacktestConfigInput
  /** Keys of V1 without a counterpart, and settings that mean something else now. */
  warnings: readonly ConfigWarning[]
}

/**
 * Rewrites a configuration of Omega V1. Values are moved, not judged: what V1 accepted and this version does not is
 * reported by `parseConfig` at its new place.
 *
 * @throws {OmegaError} `CONFIG_INVALID` if it is no V1 configuration, or holds several strategies or symbols.
 */
export function migrateV1(input: unknown): MigratedConfig {
  const findings = new Findings()
  const source = plainCopy(input, findings)
  if (findings.issues.length > 0) throw configInvalid(findings.issues)
  if (!isObject(source)) {
    throw refused('CFG_NOT_OBJECT', '', 'the configuration must be a JSON object')
  }
  if (v1Sign(source) === undefined && !isObject(source.strategies) && !Array.isArray(source.strategies)) {
    throw refused(
      'CFG_CONFLICT',
      '',
      "this is no configuration of Omega V1: it has neither 'strategy.module' nor 'mode'",
      'a configuration of this version needs no migration; check it with omega validate',
    )
  }
  for (const key of ['strategies', 'multi_symbols']) {
    if (isFilled(source[key])) {
      throw refused(
        'CFG_UNSUPPORTED',
        key,
        `${key}: a run trades one strategy on one symbol`,
        'split it into one configuration per run',
      )
    }
  }
  const migration = new Migration(source, findings)
  migration.run()
  return { config: migration.target as unknown as BacktestConfigInput, warnings: findings.warnings }
}

/** One key of V1 whose value is taken over as it is: where it was, and where it belongs now. */
const MOVED: readonly (readonly [from: string, to: string])[] = [
  ['mode', 'data_mode'],
  ['symbol', 'symbol'],
  ['start_date', 'start_date'],
  ['warmup_bars', 'warmup_bars'],
  ['initial_balance', 'account.initial_balance'],
  ['risk_per_trade', 'account.risk_per_trade'],
  ['account_currency', 'account.account_currency'],
  ['enable_entry_logging', 'logging.enable_entry_logging'],
  ['logging_mode', 'logging.logging_mode'],
  ['profiling.enabled', 'observability.profiling_mode'],
  ['execution.fee_multiplier', 'costs.fee_multiplier'],
  ['execution.slippage_multiplier', 'costs.slippage_multiplier'],
  ['execution.spread_multiplier', 'costs.spread_multiplier'],
  ['strategy.parameters', 'strategy_parameters'],
  ['enable_backtest_robust_metrics', 'metrics.robustness.enabled'],
  ['robust_jitter_frac', 'metrics.robustness.jitter_frac'],
  ['robust_jitter_repeats', 'metrics.robustness.jitter_repeats'],
  ['reporting.robust_dropout_frac', 'metrics.robustness.dropout_frac'],
  ['reporting.robust_dropout_runs', 'metrics.robustness.dropout_runs'],
  ['robust_data_jitter_repeats', 'metrics.data_jitter.repeats'],
  ['robust_data_jitter_atr_period', 'metrics.data_jitter.atr_period'],
  ['robust_data_jitter_sigma_atr', 'metrics.data_jitter.sigma_atr'],
  ['robust_data_jitter_fraq', 'metrics.data_jitter.fraq'],
  ['cooldown_candles', 'execution.cooldown_bars'],
  ['cooldown_minutes', 'execution.cooldown_minutes'],
  ['cooldown_minutes_trade', 'execution.cooldown_minutes_after_exit'],
  ['rates_static', 'account.fx.static_rates'],
  ['rates.stale_limit_bars', 'account.fx.stale_limit_bars'],
  ['timestamp_alignment.entry_timestamp_mode', 'timeframes.mapping_mode'],
  ['timestamp_alignment.stale_bar_limit_bars', 'timeframes.stale_limit_bars'],
]

/** Keys without a counterpart and why. */
const DROPPED: Readonly<Record<string, string>> = {
  anchored_session_filter: 'anchored sessions do not exist; state fixed windows under sessions',
  execution_costs_file: 'paths are options: costs, --costs or OMEGA_EXECUTION_COSTS_FILE',
  symbol_specs_file: 'paths are options: symbolSpecs, --symbol-specs or OMEGA_SYMBOL_SPECS_FILE',
  data_path: 'paths are options: dataRoot, --data-root or OMEGA_DATA_PARQUET_ROOT',
  fees: 'fees belong into the execution costs file',
  slippage: 'slippage belongs into the execution costs file',
  'strategy.class': 'a strategy is found by its name alone',
}

const RATE_MODES: Readonly<Record<string, string>> = { timeseries: 'candles', static: 'static', composite: 'auto' }

class Migration {
  readonly target: JsonObject = { schema_version: '2', run_mode: 'dev' }
  readonly #source: JsonObject
  readonly #findings: Findings
  /** Paths of V1 that have been dealt with. */
  readonly #done = new Set<string>()

  constructor(source: JsonObject, findings: Findings) {
    this.#source = source
    this.#findings = findings
  }

  run(): void {
    this.#strategy()
    for (const [from, to] of MOVED) this.#move(from, to)
    this.#endDate()
    this.#timeframes()
    this.#seed()
    this.#sessions()
    this.#news()
    this.#rates()
    this.#positionManager()
    this.#put('account.max_positions', 1)
    this.#leftOver()
  }

  #strategy(): void {
    const module = this.#take('strategy.module')
    const name = typeof module === 'string' ? module.split('.')[0] : module
    this.#put('strategy_name', name ?? this.#take('strategy.name'))
  }

  /** V1 stopped at the first instant of a date. */
  #endDate(): void {
    const end = this.#take('end_date')
    const isDate = typeof end === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(end.trim())
    this.#put('end_date', isDate ? `${end.trim()}T00:00:00Z` : end)
  }

  #timeframes(): void {
    const [primary, additional] = [this.#take('timeframes.primary'), this.#take('timeframes.additional')]
    this.#put('timeframes.primary', primary)
    const upper = (value: unknown) => (typeof value === 'string' ? value.trim().toUpperCase() : value)
    const others = (list: unknown[]) => list.map(upper).filter((timeframe) => timeframe !== upper(primary))
    this.#put('timeframes.additional', Array.isArray(additional) ? [...new Set(others(additional))] : additional)
  }

  #seed(): void {
    const [isDev, devSeed] = [this.#take('reporting.dev_mode'), this.#take('reporting.dev_seed')]
    const seed = this.#take('execution.random_seed')
    this.#put('rng_seed', isDev === true && devSeed !== undefined ? devSeed : seed)
  }

  #sessions(): void {
    const windows = this.#take('session_filter.fixed_times')
    if (windows === undefined || windows === null) return
    const session = (window: unknown) =>
      Array.isArray(window) ? { start: window[0] ?? '', end: window[1] ?? '' } : window
    this.#put('sessions', Array.isArray(windows) ? windows.map(session) : windows)
  }

  /** The filter of V1 was built in: an hour before and half an hour after every event of both currencies and of USD. */
  #news(): void {
    const filter = this.#source.news_filter
    this.#done.add('news_filter')
    if (filter === undefined || filter === null || filter === false) return
    const enabled = this.#take('news_filter.enabled') ?? true
    for (const key of isObject(filter) ? Object.keys(filter) : []) {
      if (key === 'enabled') continue
      const reason = key.endsWith('_path')
        ? 'paths are options: newsCalendarFile or OMEGA_NEWS_CALENDAR_FILE'
        : 'the news filter of V1 had fixed settings, which are written out'
      this.#warn(`news_filter.${key}`, reason)
    }
    if (enabled !== true) return
    const symbol = typeof this.#source.symbol === 'string' ? this.#source.symbol.trim().toUpperCase() : ''
    const legs = /^[A-Z]{6}$/.test(symbol) ? [symbol.slice(0, 3), symbol.slice(3)] : []
    const antipodes = legs.some((leg) => leg === 'AUD' || leg === 'NZD') ? ['AUD', 'NZD'] : []
    this.#put('news_filter', {
      enabled: true,
      minutes_before: 60,
      minutes_after: 30,
      min_impact: 'low',
      currencies: [...new Set([...legs, 'USD', ...antipodes])],
    })
  }

  #rates(): void {
    const mode = this.#take('rates.mode')
    if (mode === undefined) return
    const known = typeof mode === 'string' ? RATE_MODES[mode] : undefined
    if (known === undefined)
      this.#warn('rates.mode', `'${String(mode)}' is not one of ${Object.keys(RATE_MODES).join(', ')}`)
    this.#put('account.fx.mode', known)
  }

  /** V1 reached its manager only where exactly one session filter was installed; it was on with 30 minutes unless told. */
  #positionManager(): void {
    const of = (name: string) => this.#take(name) ?? at(this.#source, `strategy.parameters.${name}`)
    const [uses, minutes] = [of('use_position_manager'), of('max_holding_minutes')]
    const filters = ['session_filter', 'anchored_session_filter'].filter((key) => isObject(this.#source[key]))
    const enabled = filters.length === 1 && uses !== false
    const rule = { max_holding_time: { enabled: true, max_holding_minutes: minutes ?? 30 } }
    this.target.trade_management = enabled ? { enabled, rules: rule } : { enabled }
    if (!enabled && uses !== false) {
      const message =
        'V1 closed positions after a time only where exactly one session filter was installed; here it did not, so trade management is off'
      this.#findings.warn('trade_management.enabled', 'CFG_W_MIGRATION', message)
    }
  }

  /** Everything of V1 that nothing above has dealt with. */
  #leftOver(): void {
    const visit = (value: JsonObject, path: string) => {
      for (const [key, member] of Object.entries(value)) {
        const here = joined(path, key)
        if (this.#done.has(here)) continue
        const reason = here.startsWith('reporting.') ? 'settings of the optimizer are not part of a run' : DROPPED[here]
        if (reason !== undefined) this.#warn(here, reason)
        else if (here === 'timestamp_alignment.higher_tf_timestamps_mode') this.#labels(here, member)
        else if (isObject(member) && this.#isKnownBelow(here)) visit(member, here)
        else if (path === '' || isObject(this.#source[path])) this.#warn(here, 'it has no counterpart')
      }
    }
    visit(this.#source, '')
  }

  #labels(path: string, mode: unknown): void {
    const reason =
      mode === 'close'
        ? 'bars are always stamped with their open time; import such data again with the right label'
        : 'bars are always stamped with their open time'
    this.#warn(path, reason)
  }

  #isKnownBelow(path: string): boolean {
    return [...this.#done].some((done) => done.startsWith(`${path}.`))
  }

  #move(from: string, to: string): void {
    this.#put(to, this.#take(from))
  }

  /** The value at `path`, which is thereby dealt with. */
  #take(path: string): unknown {
    this.#done.add(path)
    return at(this.#source, path)
  }

  #put(path: string, value: unknown): void {
    if (value === undefined) return
    const steps = path.split('.')
    const last = steps.pop() ?? ''
    let block = this.target
    for (const step of steps) {
      const inner = block[step]
      const next = isObject(inner) ? inner : {}
      block[step] = next
      block = next
    }
    block[last] = value
  }

  #warn(path: string, reason: string): void {
    this.#findings.warn(path, 'CFG_W_MIGRATION', `${path} is left out: ${reason}`)
  }
}

function at(root: JsonObject, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, step) => (isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined), root)
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null && value !== false
}

function refused(code: IssueCode, path: string, message: string, hint?: string) {
  return configInvalid([{ path, code, message, ...(hint === undefined ? {} : { hint }) }])
}
