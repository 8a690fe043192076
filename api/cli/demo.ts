import { join, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { framed } from './frame.ts'
import { summaryData, summaryText } from './summary.ts'

/** What the demo runs: the built-in strategy on generated candles. */
export const DEMO_CONFIG = {
  schema_version: '2',
  strategy_name: 'mean_reversion_z_score',
  symbol: 'EURUSD',
  start_date: '2020-03-01',
  end_date: '2021-02-28',
  run_mode: 'dev',
  data_mode: 'candle',
  warmup_bars: 200,
  timeframes: { primary: 'M15', additional: ['H1'] },
  account: { initial_balance: 10_000, account_currency: 'EUR', risk_per_trade: 100 },
  strategy_parameters: { enabled_scenarios: [1, 2], htf_tf: 'H1', htf_ema: 50, extra_htf_tf: 'NONE' },
} as const

const BARS = 30_000

/** `omega demo`: sample data, a backtest, where everything is. */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('make sample data, run the default strategy, show the result and where the files are')
    .option('--out <dir>', 'folder for data and results', 'var/demo')
    .action(async (flags: { out: string }, command: Command) =>
      framed('demo', command, async (frame) => {
        const { generateData } = await import('../data/generate-data.ts')
        const { runBacktest } = await import('../run-backtest.ts')
        const out = resolve(flags.out)
        const [root, outputDir] = [join(out, 'data'), join(out, 'results')]
        const { signal, onProgress } = frame
        const { symbol, timeframes } = DEMO_CONFIG
        frame.say(`making ${BARS} synthetic ${timeframes.primary} candles of ${symbol} in ${shown(root)}`)
        await generateData(
          {
            symbol,
            timeframe: timeframes.primary,
            bars: BARS,
            seed: 7,
            additional: timeframes.additional,
            overwrite: true,
            root,
          },
          { signal, onProgress },
        )
        frame.say(`running ${DEMO_CONFIG.strategy_name}, scenarios 1 and 2`)
        const result = await runBacktest(DEMO_CONFIG, { data: root, outputDir, signal, onProgress, ...frame.logging })
        frame.warn(result.warnings)
        const next = [
          '',
          'Synthetic candles show that everything works, not that a strategy earns. Next:',
          '  omega data import --help     your own candles',
          '  omega run CONFIG.json        your own run',
        ].join('\n')
        return {
          data: { ...summaryData(result), dataRoot: root },
          text: `${summaryText(result, frame.paint)}\n  ${'candles'.padEnd(15)} ${root}\n${next}`,
        }
      }),
    )
}

function shown(path: string): string {
  const near = relative(process.cwd(), path)
  return near.startsWith('..') ? path : near
}
