import type { ConfigIssue, ConfigWarning } from './issue.ts'
import type { JsonObject } from './plain-json.ts'
import type { Timeframe } from './timeframe.ts'

/** What a strategy needs to know to judge its parameters. */
export interface StrategyCheckRequest {
  strategy_name: string
  /** Exactly as written. */
  strategy_parameters: JsonObject
  symbol: string
  primary: Timeframe
  additional: readonly Timeframe[]
  stale_limit_bars: number
  execution_variant: 'v2' | 'v1_parity'
}

/** What a strategy says about its parameters. */
export interface StrategyFindings {
  /** `CFG_UNKNOWN_STRATEGY` or `CFG_STRATEGY_PARAM`; paths begin with `strategy_name` or `strategy_parameters`. */
  issues: readonly ConfigIssue[]
  /** `CFG_W_STRATEGY`. */
  warnings: readonly ConfigWarning[]
}

/** Judges the parameters of a strategy. */
export type StrategyCheck = (request: StrategyCheckRequest) => StrategyFindings

/** The check of a strategy without parameters. */
export function noParametersCheck({ strategy_name, strategy_parameters }: StrategyCheckRequest): StrategyFindings {
  const issues = Object.keys(strategy_parameters).map(
    (name): ConfigIssue => ({
      path: `strategy_parameters.${name}`,
      code: 'CFG_STRATEGY_PARAM',
      message: `strategy '${strategy_name}' has no parameter '${name}'; it has none at all`,
      reason: 'UNKNOWN_PARAM',
    }),
  )
  return { issues, warnings: [] }
}
