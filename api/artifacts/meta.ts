import type { BacktestConfig } from '../config/backtest-config.ts'
import type { ArtifactValue, Head, MetaJson } from '../head.ts'
import type { PathOrigin } from '../paths.ts'
import { engineVersion } from '../version.ts'
import type { Warning } from '../warning.ts'

/** What `meta.json` says beside the core's answer. */
export interface MetaFacts {
  runId: string
  config: BacktestConfig
  configHash: string
  /** File name as given, or `object`. */
  configSource: string
  warnings: readonly Warning[]
  paths: Readonly<Record<string, { path: string; origin: PathOrigin }>>
  generatedAtNs: bigint
}

/** The content of `meta.json`. */
export function metaOf(head: Head, facts: MetaFacts): MetaJson {
  const start = BigInt(head.dataset.start_time_ns)
  const end = BigInt(head.dataset.end_time_ns)
  const { config } = facts
  return {
    contract_version: '1.0',
    run_id: facts.runId,
    generated_at: isoOf(facts.generatedAtNs),
    generated_at_ns: facts.generatedAtNs,
    engine: { name: 'omega-v2', version: engineVersion() },
    config: { hash: facts.configHash, source: facts.configSource, snapshot: plain(config) },
    strategy: plain(head.strategy),
    dataset: {
      symbol: head.dataset.symbol,
      timeframe: head.dataset.timeframe,
      start_time: isoOf(start),
      start_time_ns: start,
      end_time: isoOf(end),
      end_time_ns: end,
      quotes: config.data.quotes,
      synthetic: facts.warnings.some((warning) => warning.code === 'DATA_W_SYNTHETIC'),
      timeframes: plain(head.dataset.timeframes),
      manifest_sha256: head.manifest_sha256,
      manifest_ref: `${head.manifest_sha256}.json`,
      governance: plain(head.dataset.governance),
    },
    account: {
      account_currency: config.account.account_currency,
      initial_balance: config.account.initial_balance,
    },
    run: {
      run_mode: config.run_mode,
      execution_variant: config.execution_variant,
      data_mode: config.data_mode,
      market_fill: config.execution.market_fill,
      rng_seed_effective: head.run.rng_seed_effective,
      bars_processed: head.run.bars_processed,
      trades: head.run.trades,
      open_positions: head.run.open_positions,
      open_position_list: head.run.open_position_list.map((p) => {
        const entry = BigInt(p.entry_time_ns)
        return { ...p, entry_time: isoOf(entry), entry_time_ns: entry }
      }),
      rejection_counts: head.run.rejection_counts,
      order_counts: head.run.order_counts,
      notes: plain(head.run.notes),
      fx_legs: plain(head.run.fx_legs),
    },
    warnings: facts.warnings.map(({ code, message, path }) => ({ code, message, path })),
    host: {
      node: process.version,
      platform: process.platform,
      arch: process.arch,
      paths: plain(facts.paths),
    },
  }
}

/** Nanoseconds now, as fine as the clock tells. */
export function nowNs(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1_000)) * 1_000n
}

/** `2024-03-05T14:30:00Z`, or nine fractional digits if the instant is not a whole second. */
export function isoOf(ns: bigint): string {
  const second = 1_000_000_000n
  const fraction = ((ns % second) + second) % second
  const text = new Date(Number((ns - fraction) / 1_000_000n)).toISOString().slice(0, 19)
  return fraction === 0n ? `${text}Z` : `${text}.${fraction.toString().padStart(9, '0')}Z`
}

/** A plain copy of a value that is JSON already. */
function plain(value: unknown): ArtifactValue {
  return JSON.parse(JSON.stringify(value ?? null))
}
