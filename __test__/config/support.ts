import { canonicalForm } from '../../api/config/hash.ts'
import type { ConfigIssue, ConfigWarning } from '../../api/config/issue.ts'
import { type ParsedConfig, type RunParseOptions, safeParseConfig } from '../../api/config/parse.ts'
import type { StrategyCheck } from '../../api/config/strategy-check.ts'

/** A check that accepts any strategy and any parameters. */
export const anyStrategy: StrategyCheck = () => ({ issues: [], warnings: [] })

/** The shortest configuration without warnings. */
export const minimal = {
  schema_version: '2',
  strategy_name: 'mean_reversion_z_score',
  symbol: 'EURUSD',
  start_date: '2021-01-01',
  end_date: '2021-12-31',
  run_mode: 'dev',
  data_mode: 'candle',
  timeframes: { primary: 'M5' },
}

/** The result for {@link minimal} with `changes`; fails if it is invalid. */
export function parsed(changes: object = {}, options: RunParseOptions = {}): ParsedConfig {
  const result = safeParseConfig({ ...minimal, ...changes }, { checkStrategy: anyStrategy, ...options })
  if (!result.ok) throw new Error(JSON.stringify(result.issues))
  return result
}

/** The issues for {@link minimal} with `changes`; empty if it is valid. */
export function issuesOf(changes: object, options: RunParseOptions = {}): ConfigIssue[] {
  const result = safeParseConfig({ ...minimal, ...changes }, { checkStrategy: anyStrategy, ...options })
  return result.ok ? [] : result.issues
}

/** `path: code` of every issue. */
export function codesOf(changes: object, options: RunParseOptions = {}): string[] {
  return issuesOf(changes, options).map(({ path, code }) => `${path}: ${code}`)
}

/** `path: code` of every warning of a valid configuration. */
export function warningsOf(changes: object, options: RunParseOptions = {}): string[] {
  return briefly(parsed(changes, options).warnings)
}

/** `path: code` of each. */
export function briefly(warnings: readonly ConfigWarning[]): string[] {
  return warnings.map(({ path, code }) => `${path}: ${code}`)
}

/** What is hashed, as a value. */
export function hashedValue(changes: object): Record<string, unknown> {
  return JSON.parse(canonicalForm(parsed(changes).config))
}
