import { createRequire } from 'node:module'
import { checkArguments, isBoolean, oneOf } from '../arguments.ts'
import { STRATEGIES } from '../catalogue.ts'
import type { MigratedConfig } from './migrate.ts'
import type { ParseConfigOptions, ParsedConfig, SafeParsedConfig } from './parse.ts'

/** Which JSON Schema {@link configJsonSchema} makes. */
export interface ConfigJsonSchemaOptions {
  /** Unknown keys are errors; better marking of typos in editors. */
  strict?: boolean
  target?: 'draft-2020-12' | 'draft-07'
}

const PARSE_CHECKS = { known: { strict: isBoolean } }
const SCHEMA_CHECKS = { known: { strict: isBoolean, target: oneOf('draft-2020-12', 'draft-07') } }

// The schemas and zod are loaded on first use, so that importing the package stays cheap; these functions are synchronous.
const require = createRequire(import.meta.url)
const lazy = {
  parse: (): typeof import('./parse.ts') => require('./parse.js'),
  migrate: (): typeof import('./migrate.ts') => require('./migrate.js'),
  schema: (): typeof import('./json-schema.ts') => require('./json-schema.js'),
}

/**
 * Checks a configuration and brings it to its normal form.
 *
 * @throws {OmegaError} `CONFIG_INVALID` with everything that is wrong in `details.issues`.
 */
export function parseConfig(input: unknown, options: ParseConfigOptions = {}): ParsedConfig {
  checkArguments('parseConfig option', options, PARSE_CHECKS)
  return lazy.parse().parseConfig(input, { strict: options.strict })
}

/** As {@link parseConfig}, with the issues as a value. */
export function safeParseConfig(input: unknown, options: ParseConfigOptions = {}): SafeParsedConfig {
  checkArguments('safeParseConfig option', options, PARSE_CHECKS)
  return lazy.parse().safeParseConfig(input, { strict: options.strict })
}

/**
 * Rewrites a configuration of Omega V1 in the form of this version. Values are moved, not judged: check the result with
 * {@link parseConfig}. It never runs by itself.
 *
 * @throws {OmegaError} `CONFIG_INVALID` if it is no V1 configuration, or holds several strategies or symbols.
 */
export function migrateV1(input: unknown): MigratedConfig {
  return lazy.migrate().migrateV1(input)
}

/** The JSON Schema of the configuration as users write it, strategy parameters included. */
export function configJsonSchema(options: ConfigJsonSchemaOptions = {}): object {
  checkArguments('configJsonSchema option', options, SCHEMA_CHECKS)
  return lazy.schema().configJsonSchema({ ...options, strategies: STRATEGIES })
}
