import { jsonOf, native } from '../native.ts'
import type { StrategyCheckRequest, StrategyFindings } from './strategy-check.ts'

/** Judges the parameters of a registered strategy by asking the core, where the descriptors live. */
export function nativeStrategyCheck(request: StrategyCheckRequest): StrategyFindings {
  const { strategy_name, strategy_parameters, symbol, primary, additional } = request
  const question = { name: strategy_name, parameters: strategy_parameters, symbol, primary, additional }
  return jsonOf<StrategyFindings>(native().checkStrategy(JSON.stringify(question)))
}
