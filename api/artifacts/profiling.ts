import type { Head } from '../head.ts'
import type { MetricDefinition } from '../result.ts'
import { stringifyArtifact } from './json.ts'

/** How long a run took, and how much it did. It never changes a result. */
export interface Profiling {
  readonly metrics: Readonly<Record<string, number>>
  readonly definitions: Readonly<Record<string, MetricDefinition>>
}

const SPANS = {
  wall_time_total: 'Whole run, writing included',
  time_data_load: 'Loading, checking and hashing of the inputs',
  time_indicators: 'Computing the columns of indicators',
  time_backtest: 'Event loop',
  time_metrics: 'Metrics and explanations of trades',
  time_write: 'Writing of the artifacts, profiling.json left out',
} as const

const COUNTS = {
  bars_processed: 'Trading bars',
  events_processed: 'Bars that the loop stopped at',
  trades_emitted: 'Trade records',
  orders_filled: 'Executed fills',
} as const

const DEFINITIONS: Profiling['definitions'] = Object.fromEntries([
  ...Object.entries(SPANS).flatMap(([name, description]) =>
    (['ms', 'ns'] as const).map((unit) => [`${name}_${unit}`, defined(description, unit)] as const),
  ),
  ['peak_rss_mb', defined('Largest resident memory of the process so far', 'MB')],
  ...Object.entries(COUNTS).map(([name, description]) => [name, defined(description, 'count')] as const),
])

function defined(description: string, unit: string): MetricDefinition {
  return { description, domain: '>=0', source: 'meta', type: 'number', unit }
}

/** Figures of a run whose writing took `writeMs` and which took `totalMs` in all. */
export function profilingOf(head: Head, writeMs: number, totalMs: number): Profiling {
  const { load, indicators, simulate, report } = head.timings
  const spans: Record<keyof typeof SPANS, number> = {
    wall_time_total: totalMs,
    time_data_load: load,
    time_indicators: indicators,
    time_backtest: simulate,
    time_metrics: report,
    time_write: writeMs,
  }
  const metrics: Record<string, number> = {}
  for (const [name, ms] of Object.entries(spans)) {
    const ns = Math.round(ms * 1e6)
    metrics[`${name}_ms`] = Math.floor(ns / 1e6)
    metrics[`${name}_ns`] = ns
  }
  metrics.peak_rss_mb = Math.round(process.resourceUsage().maxRSS / 102.4) / 10
  metrics.bars_processed = head.run.bars_processed
  metrics.events_processed = head.counters.events_processed
  metrics.trades_emitted = head.run.trades
  metrics.orders_filled = head.counters.orders_filled
  return { metrics, definitions: DEFINITIONS }
}

/** The content of `profiling/profiling.json`. */
export function profilingFile({ metrics, definitions }: Profiling): string {
  const plain = Object.fromEntries(Object.entries(definitions).map(([key, value]) => [key, { ...value }]))
  return stringifyArtifact({ definitions: plain, metrics })
}
