import type { MetricDefinition, MetricKey, OpenPosition, Timings } from './result.ts'
import type { Warning } from './warning.ts'

/** The small half of a finished run, as the core sends it; nanoseconds are decimal text. */
export interface Head {
  manifest: { manifest_version: number; inputs: ManifestInput[] }
  manifest_sha256: string
  strategy: { name: string; version: string; form: string; sha256?: string; resolved_parameters: unknown }
  dataset: {
    symbol: string
    timeframe: string
    start_time_ns: string
    end_time_ns: string
    timeframes: { timeframe: string; role: string; source: string; bars: number; warmup_bars: number }[]
    governance: unknown
  }
  run: {
    bars_processed: number
    trades: number
    open_positions: number
    open_position_list: (Omit<OpenPosition, 'entry_time_ns'> & { entry_time_ns: string })[]
    rejection_counts: Record<string, number>
    order_counts: Record<string, number>
    notes: unknown[]
    fx_legs: unknown[]
    rng_seed_effective: string
    final_balance: number
  }
  metrics: Record<MetricKey, number | null>
  definitions: Record<string, MetricDefinition>
  warnings: Warning[]
  timings: Omit<Timings, 'write'> & { indicators: number }
  counters: { events_processed: number; orders_filled: number }
  tables: { trades: number; equity: number; rejections: number }
  categories: Record<string, string[]>
  /** Names of the kept columns. */
  indicators: string[]
}

/** One input of the manifest; statistics are not hashed. */
export interface ManifestInput {
  kind: string
  path: string
  sha256: string
  rows?: number
  start_time_ns?: string
  end_time_ns?: string
}

/** A value of an artifact: JSON, with bigint for nanoseconds. */
export type ArtifactValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly ArtifactValue[]
  | { readonly [key: string]: ArtifactValue | undefined }

/** The content of `meta.json`. */
export type MetaJson = { readonly [key: string]: ArtifactValue | undefined }
