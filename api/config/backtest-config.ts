import { z } from 'zod'
import { AccountConfig } from './account.ts'
import { CostsConfig } from './costs.ts'
import { DataConfig } from './data.ts'
import { ConfigDate } from './date.ts'
import { ExecutionConfig } from './execution.ts'
import { LoggingConfig } from './logging.ts'
import { MetricsConfig } from './metrics.ts'
import { NewsFilter } from './news-filter.ts'
import { notated } from './notation.ts'
import { ObservabilityConfig } from './observability.ts'
import { Session } from './sessions.ts'
import { TimeframesConfig } from './timeframes.ts'
import { TradeManagementConfig } from './trade-management.ts'

const SchemaVersion = notated(z.literal('2'), { code: 'CFG_SCHEMA_VERSION' })
const TradedSymbol = notated(z.string().regex(/^(?!.*\.\.)[A-Z0-9][A-Z0-9._-]{0,31}$/), {
  letters: 'upper',
  what: 'a symbol of 1 to 32 letters, digits, dots, underscores or hyphens that starts with a letter or digit and has no ".."',
})

/** One run: everything that can change its result, and nothing else. */
export const BacktestConfig = z.object({
  schema_version: SchemaVersion.default('2').describe('Generation of this schema.'),
  strategy_name: z.string().min(1).describe('Strategy to run.'),
  symbol: TradedSymbol.describe('Instrument; also used in file names.'),
  start_date: ConfigDate.describe('First instant, inclusive; a date means its first instant.'),
  end_date: ConfigDate.describe('Last instant, inclusive; a date means its last instant.'),
  run_mode: z.enum(['dev', 'prod']).default('dev').describe('Determinism policy: dev is always reproducible.'),
  data_mode: z.enum(['candle', 'tick']).default('candle').describe('Granularity of the data; tick is reserved.'),
  execution_variant: z
    .enum(['v2', 'v1_parity'])
    .default('v2')
    .describe('Fill semantics; v1_parity reproduces Omega V1, is for regressions only and needs run_mode dev.'),
  rng_seed: z
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .nullable()
    .default(null)
    .describe('Seed of everything random; null = 42 in dev, drawn from the operating system in prod.'),
  warmup_bars: z.int().min(0).max(1_000_000).default(500).describe('Warm-up bars per timeframe.'),
  timeframes: TimeframesConfig.describe('Primary and additional timeframes.'),
  sessions: z.array(Session).nullable().default(null).describe('Windows in which entries are allowed; null = always.'),
  account: AccountConfig.prefault({}).describe('Balance, currency and risk.'),
  costs: CostsConfig.prefault({}).describe('Fees and slippage.'),
  execution: ExecutionConfig.prefault({}).describe('Order gates and fill switches.'),
  news_filter: NewsFilter.prefault({}).describe('No entries around news.'),
  logging: LoggingConfig.prefault({}).describe('Entry logging.'),
  observability: ObservabilityConfig.prefault({}).describe('Profiling.'),
  metrics: MetricsConfig.prefault({}).describe('Optimizer parameters; no effect on a single run.'),
  trade_management: TradeManagementConfig.prefault({}).describe('Rules for open positions.'),
  data: DataConfig.prefault({}).describe('What the candles contain.'),
  strategy_parameters: z.record(z.string(), z.unknown()).default({}).describe('Parameters of the strategy.'),
})

/** A normalised configuration: every default filled, every value in its canonical form. */
export type BacktestConfig = z.output<typeof BacktestConfig>

type Written = DeepReadonly<z.input<typeof BacktestConfig>>

/** A configuration as users write it; `as const` objects fit too. */
export interface BacktestConfigInput extends Omit<Written, 'strategy_name'> {
  /** Strategy to run; may be left out if the options of the run bring one. */
  readonly strategy_name?: string | undefined
}

type DeepReadonly<T> = T extends readonly (infer Element)[]
  ? readonly DeepReadonly<Element>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T

/** Fields that should be written: filled in with a warning, required in strict mode. */
export const MANDATORY = ['schema_version', 'run_mode', 'data_mode'] as const
