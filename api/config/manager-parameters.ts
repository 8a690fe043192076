import { joined } from './issue.ts'
import { isObject, type JsonObject } from './plain-json.ts'

/** What a strategy's parameters say about the position manager, and where. */
export interface ManagerParameters {
  /** `use_position_manager` is an explicit `true`. */
  switchesOn: boolean
  /** `max_holding_minutes` that counts, if any is written, with its path. */
  minutes: { value: number; path: string } | undefined
}

const ROOT = 'strategy_parameters'

/**
 * Reads `use_position_manager` and `max_holding_minutes` after the overrides of this symbol and timeframe: as everything in
 * `overrides`, the weakest first. What is malformed is left to the check of the strategy.
 */
export function managerParameters(parameters: unknown, symbol: unknown, primary: unknown): ManagerParameters {
  const found: ManagerParameters = { switchesOn: false, minutes: undefined }
  if (!isObject(parameters)) return found
  for (const [path, level] of [[ROOT, parameters] as const, ...blocks(parameters, text(symbol), text(primary))]) {
    if (level.use_position_manager !== undefined) found.switchesOn = level.use_position_manager === true
    const minutes = level.max_holding_minutes
    if (typeof minutes === 'number') found.minutes = { value: minutes, path: joined(path, 'max_holding_minutes') }
  }
  return found
}

/** The blocks that concern the run, weakest first: any, symbol, timeframe, both. */
function blocks(parameters: JsonObject, symbol: string, primary: string): [path: string, block: JsonObject][] {
  const overrides = isObject(parameters.overrides) ? parameters.overrides : {}
  const keys = new Map(Object.keys(overrides).map((key) => [key.split('/').map(text).join('/'), key]))
  const concerned = ['*/*', `${symbol}/*`, `*/${primary}`, `${symbol}/${primary}`]
  return concerned.flatMap((scope) => {
    const key = keys.get(scope)
    const block = key === undefined ? undefined : overrides[key]
    return isObject(block) ? [[`${ROOT}.overrides[${JSON.stringify(key)}]`, block]] : []
  })
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.trim().toUpperCase() : ''
}
