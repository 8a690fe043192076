import { BacktestConfig, MANDATORY } from './backtest-config.ts'
import type { Findings } from './issue.ts'
import { managerParameters } from './manager-parameters.ts'
import { isObject, type JsonObject } from './plain-json.ts'
import { TimeframesConfig } from './timeframes.ts'

const DEV_SEED = 42

/** Fills the defaults that a schema alone cannot know. Decides on what is written. Changes `input`. */
export function fillDerivedDefaults(input: JsonObject, findings: Findings, strict: boolean): void {
  for (const key of MANDATORY) {
    fillMandatory(input, key, key, BacktestConfig.shape[key].parse(undefined), findings, strict)
  }
  if (isObject(input.timeframes)) {
    const primary = TimeframesConfig.shape.primary.parse(undefined)
    fillMandatory(input.timeframes, 'primary', 'timeframes.primary', primary, findings, strict)
  }
  if (input.run_mode === 'dev') input.rng_seed ??= DEV_SEED
  input.trade_management ??= {}
  if (isObject(input.trade_management)) input.trade_management.enabled ??= managerIsOn(input, input.trade_management)
}

function fillMandatory(
  holder: JsonObject,
  key: string,
  path: string,
  value: string,
  findings: Findings,
  strict: boolean,
): void {
  if (holder[key] !== undefined) return
  if (strict) findings.issue(path, 'CFG_REQUIRED', `${path} is required in strict mode`, { hint: `write "${value}"` })
  else findings.warn(path, 'CFG_W_DEFAULTED', `${path} is not set; "${value}" is used`)
  holder[key] = value
}

/** A rule that is written switches the manager on, and so does `use_position_manager`. */
function managerIsOn(input: JsonObject, management: JsonObject): boolean {
  const timeframes = isObject(input.timeframes) ? input.timeframes : {}
  const primary = timeframes.primary ?? TimeframesConfig.shape.primary.parse(undefined)
  const parameters = managerParameters(input.strategy_parameters, input.symbol, primary)
  if (parameters.switchesOn) return true
  const rules = isObject(management.rules) ? management.rules : {}
  return Object.entries(rules).some(([name, rule]) => {
    if (!isObject(rule) || rule.enabled === false) return false
    // The holding time needs a number: its own, or the one of the strategy.
    const minutes = rule.max_holding_minutes ?? parameters.minutes?.value
    return name !== 'max_holding_time' || typeof minutes === 'number'
  })
}
