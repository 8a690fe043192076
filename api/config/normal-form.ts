import type { BacktestConfig } from './backtest-config.ts'
import { normalDate } from './date.ts'
import type { Findings } from './issue.ts'
import { type Session, timeZoneName } from './sessions.ts'

/** Brings the values of a valid configuration, sessions aside, to their canonical form. Changes `config`. */
export function normaliseValues(config: BacktestConfig, findings: Findings): void {
  config.start_date = normalDate(config.start_date)
  config.end_date = normalDate(config.end_date)
  normaliseTimeframes(config.timeframes, findings)
  const { currencies } = config.news_filter
  if (currencies) config.news_filter.currencies = withoutRepeats(currencies, 'news_filter.currencies', findings)
  config.execution.allowed_order_types = [...new Set(config.execution.allowed_order_types)].sort()
  for (const rule of Object.values(config.trade_management.rules)) {
    if (rule) rule.only_scenarios = [...new Set(rule.only_scenarios)].sort((a, b) => a - b)
  }
}

/** Brings the sessions of a valid configuration to their canonical form. Changes `config`. */
export function normaliseSessions(config: BacktestConfig, findings: Findings): void {
  if (config.sessions) config.sessions = normalSessions(config.sessions, findings)
}

function normaliseTimeframes(timeframes: BacktestConfig['timeframes'], findings: Findings): void {
  const path = 'timeframes.additional'
  const others = timeframes.additional.filter((timeframe) => timeframe !== timeframes.primary)
  if (others.length < timeframes.additional.length) {
    findings.warn(path, 'CFG_W_NORMALISED', `the primary timeframe ${timeframes.primary} was removed from ${path}`)
  }
  timeframes.additional = withoutRepeats(others, path, findings)
}

function normalSessions(sessions: readonly Session[], findings: Findings): Session[] | null {
  if (sessions.length === 0) {
    findings.warn('sessions', 'CFG_W_EMPTY_SESSIONS', 'an empty list of sessions means no session gate', {
      hint: 'write null, or leave it out',
    })
    return null
  }
  const windows = withoutRepeats(sessions.map(normalSession), 'sessions', findings, windowOf)
  for (const { start, end } of windows) {
    if (start !== end) continue
    findings.warn('sessions', 'CFG_W_FULL_DAY_SESSION', `the session from ${start} to ${end} covers the whole day`)
  }
  return windows
}

/** What makes two sessions the same; keys that the schema does not have do not count. */
function windowOf({ start, end, timezone }: Session): string {
  return JSON.stringify([start, end, timezone])
}

function normalSession(session: Session): Session {
  const { timezone, ...window } = session
  const end = window.end === '24:00' ? '00:00' : window.end
  const zone = timezone === undefined ? 'UTC' : timeZoneName(timezone)
  return zone === 'UTC' ? { ...window, end } : { ...window, end, timezone: zone }
}

function withoutRepeats<T>(
  list: readonly T[],
  path: string,
  findings: Findings,
  identity: (entry: T) => unknown = same,
): T[] {
  const identities = list.map(identity)
  const distinct = list.filter((_, index) => identities.indexOf(identities[index]) === index)
  const removed = list.length - distinct.length
  if (removed > 0) {
    const entries = removed === 1 ? 'entry was' : 'entries were'
    findings.warn(path, 'CFG_W_NORMALISED', `${removed} repeated ${entries} removed from ${path}`)
  }
  return distinct
}

function same(entry: unknown): unknown {
  return entry
}
