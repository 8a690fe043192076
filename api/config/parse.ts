import { applyAliases } from './aliases.ts'
import { BacktestConfig } from './backtest-config.ts'
import { checkCrossFields } from './cross-field.ts'
import { fillDerivedDefaults } from './derived-defaults.ts'
import { configHash, type RunIdentity } from './hash.ts'
import { type ConfigIssue, type ConfigWarning, configInvalid, Findings, shown } from './issue.ts'
import { nativeStrategyCheck } from './native-strategy-check.ts'
import { warnOfNoEffect } from './no-effect.ts'
import { normaliseSessions, normaliseValues } from './normal-form.ts'
import { deepFreeze, isObject, type JsonObject, plainCopy } from './plain-json.ts'
import { type Draft, salvage } from './salvage.ts'
import { spelled, spellRules } from './spelling.ts'
import { noParametersCheck, type StrategyCheck } from './strategy-check.ts'
import { keepUnknownKeys, reportUnknownKeys, unknownKeys } from './unknown-keys.ts'
import { v1Sign } from './v1-config.ts'
import { fromZod } from './zod-issue.ts'

/** How a configuration is read. */
export interface ParseConfigOptions {
  /** Unknown keys and paths are errors, and nothing that should be written is filled in. */
  strict?: boolean | undefined
}

/** A strategy that comes with the options of a run instead of the registry. */
export interface GivenStrategy extends RunIdentity {
  /** Its own name; the configuration may leave `strategy_name` out. */
  name: string
  /** Judges `strategy_parameters`; without it the strategy has no parameters. */
  check?: StrategyCheck | undefined
}

/** How a configuration is read for a run. */
export interface RunParseOptions extends ParseConfigOptions {
  /** The strategy of the options. */
  given?: GivenStrategy | undefined
  /** SHA-256 of each custom column. */
  columns?: RunIdentity['columns']
  /** Judges registered strategies; the native core if left out. */
  checkStrategy?: StrategyCheck | undefined
}

/** A valid configuration in its normal form, frozen. Keys that the schema does not have are kept in it. */
export interface ParsedConfig {
  config: BacktestConfig
  /** Identity of the configuration, 64 hexadecimal digits. */
  hash: string
  warnings: ConfigWarning[]
}

/** What {@link safeParseConfig} gives. */
export type SafeParsedConfig =
  | ({ ok: true } & ParsedConfig)
  | { ok: false; issues: ConfigIssue[]; warnings: ConfigWarning[] }

/**
 * Checks a configuration and brings it to its normal form.
 *
 * @throws {OmegaError} `CONFIG_INVALID` with everything that is wrong in `details.issues`.
 */
export function parseConfig(input: unknown, options: RunParseOptions = {}): ParsedConfig {
  const result = safeParseConfig(input, options)
  if (!result.ok) throw configInvalid(result.issues, result.warnings)
  const { config, hash, warnings } = result
  return { config, hash, warnings }
}

/** As {@link parseConfig}, with the issues as a value. */
export function safeParseConfig(input: unknown, options: RunParseOptions = {}): SafeParsedConfig {
  const findings = new Findings()
  const config = normalise(input, options, findings)
  const { issues, warnings } = findings
  if (!config || issues.length > 0) return { ok: false, issues, warnings }
  const identity = { strategy: options.given?.strategy, columns: options.columns ?? options.given?.columns }
  return { ok: true, config: deepFreeze(config), hash: configHash(config, identity), warnings }
}

function normalise(input: unknown, options: RunParseOptions, findings: Findings): BacktestConfig | undefined {
  const raw = readRoot(input, findings)
  if (!raw) return undefined
  const { strict = false, given } = options
  applyAliases(raw, findings)
  const written = spelled(BacktestConfig, raw)
  if (!isObject(written)) return undefined
  spellRules(written)
  if (given) nameGivenStrategy(written, given, findings)
  fillDerivedDefaults(written, findings, strict)

  const parsed = BacktestConfig.safeParse(written)
  for (const problem of parsed.error?.issues ?? []) {
    const issue = fromZod(problem, BacktestConfig, written)
    if (!findings.hasIssueAt(issue.path)) findings.addIssue(issue)
  }
  const draft = parsed.success ? parsed.data : salvage(written)
  checkCrossFields(draft, findings)
  checkStrategy(draft, options, findings)
  const unknown = unknownKeys(BacktestConfig, written)
  reportUnknownKeys(unknown, BacktestConfig, findings, strict)
  if (!parsed.success) return undefined

  normaliseValues(parsed.data, findings)
  warnOfNoEffect(parsed.data, findings)
  // Sessions last: unknown keys are put back by index, and repeated sessions go.
  keepUnknownKeys(unknown, parsed.data)
  normaliseSessions(parsed.data, findings)
  return parsed.data
}

function readRoot(input: unknown, findings: Findings): JsonObject | undefined {
  const raw = isObject(input) ? plainCopy(input, findings) : undefined
  if (!isObject(raw)) {
    findings.issue('', 'CFG_NOT_OBJECT', 'a configuration must be an object', {
      expected: 'object',
      received: Array.isArray(input) ? 'array' : input === null ? 'null' : shown(typeof input),
    })
    return undefined
  }
  const sign = v1Sign(raw)
  if (sign === undefined) return raw
  findings.issue('', 'CFG_V1_CONFIG', `this is a configuration of Omega V1: ${sign}`, {
    hint: 'migrate it: data_mode instead of mode, strategy_name and strategy_parameters instead of strategy',
  })
  return undefined
}

function nameGivenStrategy(written: JsonObject, given: GivenStrategy, findings: Findings): void {
  written.strategy_name ??= given.name
  if (typeof written.strategy_name !== 'string' || written.strategy_name === given.name) return
  const message = `strategy_name '${written.strategy_name}' contradicts the strategy '${given.name}' of the options`
  findings.issue('strategy_name', 'CFG_CONFLICT', message, { hint: 'leave strategy_name out' })
}

/** Parameters are judged even if other fields are wrong; stand-ins for those ask for least. */
function checkStrategy(draft: Draft, { given, checkStrategy: check }: RunParseOptions, findings: Findings): void {
  const { strategy_name, strategy_parameters, timeframes } = draft
  if (strategy_name === undefined || strategy_parameters === undefined) return
  const judge = given ? (given.check ?? noParametersCheck) : (check ?? nativeStrategyCheck)
  const { issues, warnings } = judge({
    strategy_name,
    strategy_parameters,
    symbol: draft.symbol ?? 'UNKNOWN',
    primary: timeframes?.primary ?? 'M5',
    additional: timeframes?.additional ?? [],
    stale_limit_bars: timeframes?.stale_limit_bars ?? 0,
    execution_variant: draft.execution_variant ?? 'v2',
  })
  for (const issue of issues) findings.addIssue(issue)
  for (const warning of warnings) findings.addWarning(warning)
}
