import { dateRangeNs } from './date.ts'
import { type Findings, type IssueCode, joined } from './issue.ts'
import type { Draft } from './salvage.ts'
import { durationNs } from './timeframe.ts'

type Refuse = (path: string, code: IssueCode, message: string, hint?: string) => void

/** A condition between fields. */
interface Rule {
  /** Fields that it looks at; if one of them is wrong by itself, the rule says nothing. */
  reads: readonly string[]
  check(config: Draft, refuse: Refuse): void
}

const LAST_NS = 2n ** 63n - 1n

const DATE_ORDER: Rule = {
  reads: ['start_date', 'end_date'],
  check({ start_date, end_date }, refuse) {
    if (start_date === undefined || end_date === undefined) return
    const range = dateRangeNs(start_date, end_date)
    if (range && range.startNs > range.endNs) {
      refuse('end_date', 'CFG_DATE_ORDER', `end_date ${end_date} lies before start_date ${start_date}`)
    }
  },
}

const WARMUP_FITS: Rule = {
  reads: ['warmup_bars', 'timeframes.primary', 'timeframes.additional'],
  check({ warmup_bars, timeframes }, refuse) {
    if (warmup_bars === undefined || !timeframes) return
    const longest = [timeframes.primary, ...timeframes.additional].reduce((a, b) =>
      durationNs(b) > durationNs(a) ? b : a,
    )
    const most = LAST_NS / durationNs(longest)
    if (BigInt(warmup_bars) > most) {
      refuse(
        'warmup_bars',
        'CFG_RANGE',
        `warmup_bars must be at most ${most} with timeframe ${longest}: time is counted in 64-bit nanoseconds`,
      )
    }
  },
}

const NEWS_CURRENCIES: Rule = {
  reads: ['news_filter', 'symbol'],
  check({ news_filter, symbol }, refuse) {
    if (!news_filter?.enabled || news_filter.currencies !== null || symbol === undefined) return
    if (/^[A-Z]{6}$/.test(symbol)) return
    const message = `news_filter.currencies must be given: they cannot be read from the symbol ${symbol}`
    refuse('news_filter.currencies', 'CFG_RANGE', message, 'name the currencies, such as ["USD"]')
  },
}

const AGGREGATES_ARE_LONGER: Rule = {
  reads: ['timeframes'],
  check({ timeframes }, refuse) {
    if (timeframes?.additional_source !== 'aggregate_from_primary') return
    const { primary, additional } = timeframes
    const shorter = additional.filter((timeframe) => durationNs(timeframe) < durationNs(primary))
    if (shorter.length === 0) return
    const path = 'timeframes.additional'
    const message = `${path} asks for ${shorter.join(', ')}, which cannot be made of the primary timeframe ${primary}`
    refuse(path, 'CFG_CONFLICT', message, 'use additional_source "separate_parquet", or a shorter primary timeframe')
  },
}

const SESSION_END_NEEDS_SESSIONS: Rule = {
  reads: ['trade_management.rules.session_end', 'sessions'],
  check({ trade_management, sessions }, refuse) {
    if (!trade_management?.rules.session_end?.enabled || (sessions && sessions.length > 0)) return
    refuse('trade_management.rules.session_end', 'CFG_CONFLICT', "rule 'session_end' needs sessions")
  },
}

const NEWS_EXIT_NEEDS_FILTER: Rule = {
  reads: ['trade_management.rules.news_exit', 'news_filter.enabled'],
  check({ trade_management, news_filter }, refuse) {
    if (!trade_management?.rules.news_exit?.enabled || news_filter?.enabled) return
    refuse('trade_management.rules.news_exit', 'CFG_CONFLICT', "rule 'news_exit' needs news_filter.enabled true")
  },
}

const KILL_SWITCH_NEEDS_LIMIT: Rule = {
  reads: ['trade_management.rules.kill_switch'],
  check({ trade_management }, refuse) {
    const limits = trade_management?.rules.kill_switch
    if (!limits) return
    const { max_drawdown_pct, max_daily_loss, max_daily_loss_pct, max_consecutive_losses } = limits
    if ([max_drawdown_pct, max_daily_loss, max_daily_loss_pct, max_consecutive_losses].some((limit) => limit !== null))
      return
    const message =
      "rule 'kill_switch' needs at least one of max_drawdown_pct, max_daily_loss, max_daily_loss_pct, max_consecutive_losses"
    refuse('trade_management.rules.kill_switch', 'CFG_REQUIRED', message)
  },
}

const PARITY_SCORES_NEED_DEV: Rule = {
  reads: ['metrics.robustness.scores_variant', 'run_mode'],
  check({ metrics, run_mode }, refuse) {
    if (metrics?.robustness.scores_variant !== 'v1_parity' || run_mode === 'dev') return
    const path = 'metrics.robustness.scores_variant'
    refuse(path, 'CFG_CONFLICT', `${path} 'v1_parity' needs run_mode 'dev'`)
  },
}

const PARITY_NEEDS_DEV: Rule = {
  reads: ['execution_variant', 'run_mode'],
  check({ execution_variant, run_mode }, refuse) {
    if (execution_variant !== 'v1_parity' || run_mode === 'dev') return
    refuse('execution_variant', 'CFG_CONFLICT', "execution_variant 'v1_parity' needs run_mode 'dev'")
  },
}

const PARITY_HAS_ONE_RULE: Rule = {
  reads: ['execution_variant', 'trade_management.rules'],
  check({ execution_variant, trade_management }, refuse) {
    if (execution_variant !== 'v1_parity') return
    for (const [name, rule] of Object.entries(trade_management?.rules ?? {})) {
      if (name === 'max_holding_time' || rule === undefined) continue
      const message = `execution_variant 'v1_parity' knows no rule '${name}', only 'max_holding_time'`
      refuse(joined('trade_management.rules', name), 'CFG_CONFLICT', message)
    }
  },
}

/** A field that must have its default in `v1_parity`. */
function parityNeeds(
  path: string,
  needed: string | number,
  read: (config: Draft) => string | number | undefined,
): Rule {
  return {
    reads: ['execution_variant', path],
    check(config, refuse) {
      const value = read(config)
      if (config.execution_variant !== 'v1_parity' || value === undefined || value === needed) return
      const quoted = typeof needed === 'string' ? `'${needed}'` : needed
      refuse(path, 'CFG_CONFLICT', `execution_variant 'v1_parity' needs ${path} ${quoted}`)
    },
  }
}

const RULES: readonly Rule[] = [
  DATE_ORDER,
  WARMUP_FITS,
  NEWS_CURRENCIES,
  AGGREGATES_ARE_LONGER,
  SESSION_END_NEEDS_SESSIONS,
  NEWS_EXIT_NEEDS_FILTER,
  KILL_SWITCH_NEEDS_LIMIT,
  PARITY_SCORES_NEED_DEV,
  PARITY_NEEDS_DEV,
  PARITY_HAS_ONE_RULE,
  parityNeeds('costs.spread_multiplier', 1, ({ costs }) => costs?.spread_multiplier),
  parityNeeds('account.sizing', 'risk', ({ account }) => account?.sizing.kind),
  parityNeeds('execution.market_fill', 'signal_close', ({ execution }) => execution?.market_fill),
  parityNeeds('execution.on_opposite', 'ignore', ({ execution }) => execution?.on_opposite),
  parityNeeds('data.quotes', 'bid_ask', ({ data }) => data?.quotes),
]

/** Checks the conditions between fields on whatever is valid. */
export function checkCrossFields(config: Draft, findings: Findings): void {
  const broken: Parameters<Refuse>[] = []
  for (const rule of RULES) {
    if (rule.reads.some((path) => findings.blames(path))) continue
    rule.check(config, (...issue) => broken.push(issue))
  }
  for (const [path, code, message, hint] of broken) {
    findings.issue(path, code, message, hint === undefined ? {} : { hint })
  }
}
