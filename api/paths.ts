import { isAbsolute, resolve } from 'node:path'

/** Where a path came from. */
export type PathOrigin = 'option' | 'env' | 'default' | 'package'

/** A path in force, absolute. */
export interface ResolvedPath {
  path: string
  origin: PathOrigin
}

const PATHS = {
  dataRoot: { env: 'OMEGA_DATA_PARQUET_ROOT', fallback: 'data/parquet' },
  executionCostsFile: { env: 'OMEGA_EXECUTION_COSTS_FILE', fallback: 'configs/execution_costs.yaml' },
  symbolSpecsFile: { env: 'OMEGA_SYMBOL_SPECS_FILE', fallback: 'configs/symbol_specs.yaml' },
  fxRatesFile: { env: 'OMEGA_FX_RATES_FILE', fallback: 'configs/fx_rates.yaml' },
  newsCalendarFile: { env: 'OMEGA_NEWS_CALENDAR_FILE', fallback: 'data/news/news_calender_history.parquet' },
  outputRoot: { env: 'OMEGA_OUTPUT_ROOT', fallback: 'var/results' },
  logDir: { env: 'OMEGA_LOG_DIR', fallback: 'var/logs' },
  manifestDir: { env: 'OMEGA_MANIFEST_DIR', fallback: 'var/reports/data_governance/manifests' },
} as const

/** A path that Omega reads or writes. */
export type PathName = keyof typeof PATHS

/** Option before environment before default; relative values start at `cwd`. An empty variable counts as unset. */
export function resolvePath(name: PathName, option: string | undefined, cwd = process.cwd()): ResolvedPath {
  const { env, fallback } = PATHS[name]
  const absolute = (path: string) => (isAbsolute(path) ? path : resolve(cwd, path))
  if (option !== undefined && option !== '') return { path: absolute(option), origin: 'option' }
  const fromEnv = process.env[env]
  if (fromEnv) return { path: absolute(fromEnv), origin: 'env' }
  return { path: absolute(fallback), origin: 'default' }
}

/** The environment variable behind a path. */
export function environmentVariable(name: PathName): string {
  return PATHS[name].env
}
