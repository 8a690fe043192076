import type { BacktestConfig } from './backtest-config.ts'
import { type Findings, joined } from './issue.ts'
import { managerParameters } from './manager-parameters.ts'

/** Warns of settings that cannot act, and of a contradiction that one side wins. Looks at the normal form only. */
export function warnOfNoEffect(config: BacktestConfig, findings: Findings): void {
  warnOfCosts(config, findings)
  warnOfTradeManagement(config, findings)
  const { execution, execution_variant, data } = config
  if (execution_variant === 'v1_parity' && execution.limit_gap_fill !== 'worse') {
    noEffect(findings, 'execution.limit_gap_fill', "execution_variant is 'v1_parity'")
  }
  if (data.quotes === 'bid_ask' && data.spread_pips !== 0) {
    noEffect(findings, 'data.spread_pips', "data.quotes is 'bid_ask'")
  }
}

function warnOfCosts({ costs }: BacktestConfig, findings: Findings): void {
  if (costs.enabled) return
  const multipliers = {
    fee_multiplier: costs.fee_multiplier,
    slippage_multiplier: costs.slippage_multiplier,
    spread_multiplier: costs.spread_multiplier,
  }
  for (const [name, factor] of Object.entries(multipliers)) {
    if (factor !== 1) noEffect(findings, `costs.${name}`, 'costs.enabled is false')
  }
}

function warnOfTradeManagement(config: BacktestConfig, findings: Findings): void {
  const { trade_management, strategy_parameters, symbol, timeframes } = config
  const { enabled, rules } = trade_management
  const { switchesOn, minutes } = managerParameters(strategy_parameters, symbol, timeframes.primary)
  const { max_holding_time } = rules
  if (!enabled && switchesOn) {
    const message = 'trade_management.enabled false wins over strategy_parameters.use_position_manager true'
    findings.warn('trade_management.enabled', 'CFG_W_CONFLICT_RESOLVED', message)
  }
  if (!enabled) {
    for (const [name, rule] of Object.entries(rules)) {
      const isWritten = name !== 'max_holding_time' || max_holding_time.max_holding_minutes !== null
      if (rule?.enabled && isWritten) {
        noEffect(findings, joined('trade_management.rules', name), 'trade_management.enabled is false')
      }
    }
  }
  if (minutes) {
    const reason = whyHoldingMinutesDoNotAct(trade_management)
    if (reason !== undefined) noEffect(findings, minutes.path, reason)
  }
}

function whyHoldingMinutesDoNotAct({ enabled, rules }: BacktestConfig['trade_management']): string | undefined {
  const rule = 'trade_management.rules.max_holding_time'
  if (!enabled) return 'trade_management.enabled is false'
  if (!rules.max_holding_time.enabled) return `${rule}.enabled is false`
  return rules.max_holding_time.max_holding_minutes === null ? undefined : `${rule}.max_holding_minutes wins`
}

function noEffect(findings: Findings, path: string, reason: string): void {
  findings.warn(path, 'CFG_W_NO_EFFECT', `${path} has no effect: ${reason}`)
}
