import { createHash } from 'node:crypto'
import { AccountConfig } from './account.ts'
import { BacktestConfig } from './backtest-config.ts'
import { canonicalJson } from './canonical.ts'
import { DataConfig } from './data.ts'
import { ExecutionConfig } from './execution.ts'
import { sameJson } from './plain-json.ts'

/** How a strategy that is given in the options enters the identity of a run. */
export type StrategyIdentity =
  | { form: 'rules'; tree: unknown }
  | { form: 'signals'; sha256: string }
  | { form: 'callback'; sha256: string }

/** What belongs to the identity of a run besides its configuration. */
export interface RunIdentity {
  strategy?: StrategyIdentity | undefined
  /** SHA-256 of each custom column, over its little-endian bytes. */
  columns?: Readonly<Record<string, string>> | undefined
}

/** A normalised configuration without keys that the schema does not have: what the core gets and `meta.json` keeps. */
export function knownConfig(config: BacktestConfig): BacktestConfig {
  return BacktestConfig.parse(config)
}

/**
 * The RFC 8785 text that is hashed. Fields that joined the schema later appear only if they differ from their default,
 * so that older hashes stay valid.
 */
export function canonicalForm(config: BacktestConfig, identity: RunIdentity = {}): string {
  const known = knownConfig(config)
  const data = withoutDefaults(known.data, DataConfig.parse({}), ['quotes', 'spread_pips'])
  return canonicalJson({
    ...known,
    account: withoutDefaults(known.account, AccountConfig.parse({}), ['sizing']),
    execution: withoutDefaults(known.execution, ExecutionConfig.parse({}), ['market_fill', 'on_opposite']),
    data: unlessEmpty(data),
    strategy: identity.strategy,
    columns: unlessEmpty(identity.columns ?? {}),
  })
}

/** Lower-case hexadecimal SHA-256 of the canonical form. */
export function configHash(config: BacktestConfig, identity: RunIdentity = {}): string {
  return createHash('sha256').update(canonicalForm(config, identity), 'utf8').digest('hex')
}

function withoutDefaults<T extends object>(block: T, defaults: T, added: readonly (keyof T & string)[]): Partial<T> {
  const kept: Partial<T> = { ...block }
  for (const key of added) {
    if (sameJson(block[key], defaults[key])) delete kept[key]
  }
  return kept
}

function unlessEmpty<T extends object>(block: T): T | undefined {
  return Object.keys(block).length > 0 ? block : undefined
}
