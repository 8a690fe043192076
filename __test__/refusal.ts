import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BacktestConfigInput, generateData, type OmegaError, type RunOptions, runBacktest } from '@omega/native'
import { beforeAll, expect } from 'vitest'
import { entriesOf, type Finished, failureOf, type Ohlc, omegaJson, tempFolder } from './support.ts'

/** Three M5 bars of EURUSD, bid. */
export const BARS: readonly Ohlc[] = [
  [1.1, 1.1005, 1.0998, 1.1002],
  [1.1002, 1.102, 1.099, 1.1015],
  [1.1015, 1.1043, 1.101, 1.104],
]

/** A valid run on the candles of {@link smallRoot}; tests break one thing at a time. */
export const RUN = {
  schema_version: '2',
  strategy_name: 'mean_reversion_z_score',
  symbol: 'EURUSD',
  start_date: '2020-02-01',
  end_date: '2020-03-31',
  run_mode: 'dev',
  data_mode: 'candle',
  warmup_bars: 100,
  timeframes: { primary: 'H1' },
  strategy_parameters: { enabled_scenarios: [1] },
} as const satisfies BacktestConfigInput

let root = ''

beforeAll(async () => {
  root = tempFolder()
  await generateData({ symbol: 'EURUSD', timeframe: 'H1', bars: 2_000, seed: 5, root })
})

/** A data root with 2 000 hours of EURUSD from 2020-01-06 on. */
export function smallRoot(): string {
  return root
}

/** What a failed run may not leave: everything but its log. */
function withoutLogs(folder: string): string[] {
  return entriesOf(folder).filter((name) => name !== 'logs')
}

/** The failure of a run with output folder; fails if anything is left behind. */
export async function refused(config: object, options: RunOptions = {}): Promise<OmegaError> {
  const outputDir = join(tempFolder(), 'out')
  const untyped: BacktestConfigInput = Object.assign({ ...RUN }, config)
  const error = await failureOf(() => runBacktest(untyped, { data: root, outputDir, ...options }))
  expect(withoutLogs(outputDir)).toEqual([])
  return error
}

/** One call of `omega run` on a configuration file with changes; what it printed and left. */
export function command(config: object | string, ...args: string[]): Finished & { document: unknown; left: string[] } {
  const folder = tempFolder()
  const text = typeof config === 'string' ? config : JSON.stringify({ ...RUN, ...config })
  writeFileSync(join(folder, 'config.json'), text)
  const done = omegaJson(['run', 'config.json', '--data-root', root, '--out', 'out', ...args], { cwd: folder })
  return { ...done, left: withoutLogs(join(folder, 'out')) }
}
