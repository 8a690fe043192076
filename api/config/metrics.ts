import { z } from 'zod'
import { notated } from './notation.ts'

const ParameterNames = z.array(z.string().min(1)).nullable().default(null)

const Robustness = z.object({
  enabled: z.boolean().default(false).describe('Robustness scoring in the optimizer.'),
  mode: z.enum(['full', 'fast', 'off']).default('full').describe('Set of scores to run.'),
  scores_variant: z.enum(['v2', 'v1_parity']).default('v2').describe('Formulas of the scores; v1_parity in dev only.'),
  top_k: z.int().min(1).default(1).describe('Candidates that are scored.'),
  penalty_cap: z.number().gt(0).max(1).default(0.5).describe('Cap of all scores but data jitter.'),
  dd_floor_frac: z.number().min(0).default(0.001).describe('Smallest drawdown that counts, as a share of the balance.'),
  rescale_to_unit: z.boolean().default(false).describe('Rescales capped scores to 0..1.'),
  jitter_frac: z.number().min(0).default(0.05).describe('Relative parameter jitter.'),
  jitter_repeats: z.int().min(0).default(5).describe('Repeats of the parameter jitter.'),
  jitter_include: ParameterNames.describe('Only these parameters are jittered; null = all.'),
  jitter_exclude: ParameterNames.describe('These parameters are not jittered.'),
  dropout_frac: z.number().min(0).max(1).default(0.1).describe('Share of trades that is dropped.'),
  dropout_runs: z.int().min(0).default(1).describe('Repeats of the dropout.'),
  cost_shock_factors: z.array(z.number().min(1)).default([1.25, 1.5, 2]).describe('Cost multipliers.'),
  cost_shock_targets: z
    .array(z.enum(['fees', 'slippage', 'spread']))
    .default(['fees', 'slippage'])
    .describe('Costs that are multiplied.'),
})

const DataJitter = z.object({
  repeats: z.int().min(0).default(5).describe('Repeats.'),
  atr_period: z.int().min(1).default(14).describe('Period of the ATR that scales the noise.'),
  sigma_atr: z.number().min(0).default(0.1).describe('Size of the noise, in ATR.'),
  penalty_cap: z.number().gt(0).default(0.5).describe('Cap of the score.'),
  min_price: z.number().gt(0).default(1e-9).describe('Lowest price that noise may produce.'),
  fraq: z.number().min(0).lt(1).default(0).describe('Range of the random scale.'),
  noise: z.enum(['gaussian', 'alternating']).default('gaussian').describe('Kind of noise.'),
})

const TimingJitter = z.object({
  divisors: z.array(z.int().min(1)).default([10, 5, 20]).describe('Divisors of the month shift.'),
  min_months: z.int().min(0).default(1).describe('Smallest shift, in months.'),
})

const MeanBlock = z.int().min(1).nullable().default(null)

const PValues = z.object({
  n_boot: z.int().min(1).default(2000).describe('Bootstrap samples.'),
  method: z.enum(['iid', 'stationary']).default('iid').describe('How samples are drawn.'),
  mean_block: MeanBlock.describe('Mean block length of the stationary method; null = automatic.'),
  centered: z.boolean().default(false).describe('Centres the samples on the hypothesis.'),
})

const MonteCarlo = z.object({
  paths: z.int().min(1).default(2000).describe('Number of paths.'),
  method: z
    .enum(['shuffle', 'bootstrap', 'stationary', 'skip'])
    .default('bootstrap')
    .describe('How a path is drawn from the trades.'),
  mean_block: MeanBlock.describe('Mean block length of the stationary method; null = automatic.'),
  ruin_frac: z
    .number()
    .gt(0)
    .max(1)
    .default(0.5)
    .describe('Loss that counts as ruin, as a share of the initial balance.'),
})

const EvenBlocks = notated(z.int().min(4).max(20).multipleOf(2), { what: 'an even number from 4 to 20' })

/** Parameters of rating and optimisation; no effect on the metrics of a single run. */
export const MetricsConfig = z.object({
  robustness: Robustness.prefault({}).describe('Robustness scores.'),
  data_jitter: DataJitter.prefault({}).describe('Score under noise in the candles.'),
  timing_jitter: TimingJitter.prefault({}).describe('Score under shifted time windows.'),
  ulcer: z
    .object({ ulcer_cap: z.number().gt(0).default(10).describe('Cap of the ulcer score.') })
    .prefault({})
    .describe('Ulcer score.'),
  stability: z
    .object({
      s_min_balance_frac: z
        .number()
        .gt(0)
        .default(0.01)
        .describe('Smallest balance that counts, as a share of the initial one.'),
    })
    .prefault({})
    .describe('Stability score.'),
  tp_sl_stress: z
    .object({ max_bars: z.int().min(1).nullable().default(null).describe('Bars that are looked ahead; null = all.') })
    .prefault({})
    .describe('Score under stressed targets and stops.'),
  p_values: PValues.prefault({}).describe('Significance of the mean.'),
  monte_carlo: MonteCarlo.prefault({}).describe('Monte Carlo paths.'),
  overfitting: z
    .object({
      pbo_blocks: EvenBlocks.default(16).describe('Blocks of the probability of backtest overfitting; even.'),
    })
    .prefault({})
    .describe('Overfitting statistics.'),
})
export type MetricsConfig = z.output<typeof MetricsConfig>
