import { parseArtifactJson } from './artifacts/json.ts'
import { deepFreeze } from './freeze.ts'
import type { MetricDefinition } from './result.ts'

/** Keys of the metrics beyond the core. */
export type ExtendedMetricKey = import('./catalogue.ts').ExtendedMetricKey

/** The return of one UTC month that has a bar; partial months count. */
export interface MonthlyReturn {
  year: number
  /** 1 to 12. */
  month: number
  /** `null` if the month starts with nothing left. */
  return: number | null
}

/** The return of one UTC year that has a bar. */
export interface YearlyReturn {
  year: number
  return: number | null
}

/** One drawdown, from a high to its recovery or to the end. */
export interface DrawdownRow {
  /** Fraction of the high. */
  depth: number
  /** Account currency. */
  depth_abs: number
  duration_bars: number
  /** Last touch of the high; the first bar for the start of the run. */
  peak_time: string
  peak_time_ns: bigint
  valley_time: string
  valley_time_ns: bigint
  /** `null`: not recovered. */
  recovery_time: string | null
  recovery_time_ns: bigint | null
}

/** Metrics and tables beyond the core: the content of `metrics_extended.json`. */
export interface ExtendedMetrics {
  /** Rounded as in the file; one that cannot be computed is `null`. */
  readonly metrics: Readonly<Record<ExtendedMetricKey, number | null>>
  readonly definitions: Readonly<Record<ExtendedMetricKey, MetricDefinition>>
  readonly tables: {
    readonly monthly_returns: readonly MonthlyReturn[]
    readonly yearly_returns: readonly YearlyReturn[]
    /** The five deepest. */
    readonly drawdowns: readonly DrawdownRow[]
  }
}

/** What the file says, with `null` for the text `n/a`. */
export function extendedOf(file: Uint8Array): ExtendedMetrics {
  const content = Object(parseArtifactJson(new TextDecoder().decode(file)))
  const metrics = Object.entries(content.metrics).map(([key, value]) => [key, value === 'n/a' ? null : value])
  return deepFreeze({ ...content, metrics: Object.fromEntries(metrics) })
}
