import type { Findings } from './issue.ts'
import { isObject, type JsonObject, sameJson } from './plain-json.ts'

/** A member of an object, and its path in the configuration. */
interface Place {
  holder: JsonObject
  key: string
  path: string
}

/** Moves what stands under another accepted name to its canonical place. Changes `input`. */
export function applyAliases(input: JsonObject, findings: Findings): void {
  if (input.schema_version === 2 || trimmed(input.schema_version) === '2.0') {
    replaceValue({ holder: input, key: 'schema_version', path: 'schema_version' }, '2', findings)
  }
  // A number is accepted here, so a wrong one is a wrong generation and not a wrong type.
  if (typeof input.schema_version === 'number') input.schema_version = String(input.schema_version)
  if (trimmed(input.data_mode) === 'parquet') {
    replaceValue({ holder: input, key: 'data_mode', path: 'data_mode' }, 'candle', findings)
  }
  if (isObject(input.logging) && trimmed(input.logging.logging_mode) === 'all') {
    replaceValue({ holder: input.logging, key: 'logging_mode', path: 'logging.logging_mode' }, 'full', findings)
  }
  moveStrategyParameters(input, findings)
  moveHtf(input, findings)
  moveProfiling(input, findings)
}

function moveStrategyParameters(input: JsonObject, findings: Findings): void {
  const target = { holder: input, key: 'strategy_parameters', path: 'strategy_parameters' }
  move({ holder: input, key: 'strategy_params', path: 'strategy_params' }, target, findings)
  if (!isObject(input.strategy)) return
  move({ holder: input.strategy, key: 'parameters', path: 'strategy.parameters' }, target, findings)
  if (Object.keys(input.strategy).length === 0) delete input.strategy
}

function moveHtf(input: JsonObject, findings: Findings): void {
  const { timeframes } = input
  if (!isObject(timeframes)) return
  if (typeof timeframes.htf === 'string') timeframes.htf = [timeframes.htf]
  move(
    { holder: timeframes, key: 'htf', path: 'timeframes.htf' },
    { holder: timeframes, key: 'additional', path: 'timeframes.additional' },
    findings,
    (a, b) => sameJson(upperCased(a), upperCased(b)),
  )
}

function moveProfiling(input: JsonObject, findings: Findings): void {
  const { profiling } = input
  if (profiling === undefined) return
  if (profiling === null) {
    delete input.profiling
    return
  }
  if (typeof profiling !== 'boolean' && !isObject(profiling)) {
    delete input.profiling
    findings.issue('profiling', 'CFG_TYPE', 'profiling must be true, false or { enabled: true | false }', {
      expected: 'boolean',
    })
    return
  }
  const from: Place = isObject(profiling)
    ? { holder: profiling, key: 'enabled', path: 'profiling.enabled' }
    : { holder: input, key: 'profiling', path: 'profiling' }
  input.observability ??= {}
  if (isObject(input.observability)) {
    const to = { holder: input.observability, key: 'profiling_mode', path: 'observability.profiling_mode' }
    move(from, to, findings)
  }
  if (isObject(profiling) && Object.keys(profiling).length === 0) delete input.profiling
}

function move(from: Place, to: Place, findings: Findings, same: typeof sameJson = sameJson): void {
  const value = from.holder[from.key]
  if (value === undefined) return
  delete from.holder[from.key]
  if (value === null) return
  findings.warn(from.path, 'CFG_W_ALIAS', `'${from.path}' is another name of '${to.path}'`, {
    hint: `write '${to.path}'`,
  })
  const present = to.holder[to.key]
  if (present === undefined) {
    to.holder[to.key] = value
  } else if (!same(present, value)) {
    findings.issue(from.path, 'CFG_CONFLICT', `'${from.path}' and '${to.path}' mean the same and have different values`)
  }
}

function replaceValue({ holder, key, path }: Place, canonical: string, findings: Findings): void {
  const given = JSON.stringify(holder[key])
  findings.warn(path, 'CFG_W_ALIAS', `${path} ${given} is another name of "${canonical}"`, {
    hint: `write "${canonical}"`,
  })
  holder[key] = canonical
}

function trimmed(value: unknown): unknown {
  return typeof value === 'string' ? value.trim() : value
}

function upperCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(upperCased)
  return typeof value === 'string' ? value.trim().toUpperCase() : value
}
