import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type BacktestConfigInput,
  type BacktestResult,
  importNews,
  type RunOptions,
  runBacktest,
  type SignalColumns,
  signals,
} from '@omega/native'
import { EXAMPLE, NO_COSTS, type Ohlc, SPECS, smallDataset, tempFolder } from '../support.ts'
import type { ElsewhereCase } from './case.ts'

/** A run that refuses one order, and which. */
export interface Refused {
  run: () => Promise<BacktestResult>
  order: number
  bar: number
  /** The figure in the detail: what was offending. */
  figure?: number
}

/** Five bars of EURUSD around 1.1, ask = bid + 0.0001. */
const QUIET: readonly Ohlc[] = Array.from({ length: 5 }, () => [1.1, 1.1005, 1.0995, 1.1] as const)

interface Setting {
  columns?: Partial<SignalColumns>
  config?: object
  bars?: readonly Ohlc[]
  options?: RunOptions
}

/** One long per given bar with a stop 50 points below; columns on top. */
function run(longs: readonly number[], { columns = {}, config = {}, bars = QUIET, options = {} }: Setting = {}) {
  const direction = new Int8Array(bars.length)
  for (const bar of longs) direction[bar] = 1
  const stopLoss = new Float64Array(bars.length).fill(1.095)
  const strategy = signals({ direction, stopLoss, ...columns })
  const untyped: BacktestConfigInput = Object.assign({ ...EXAMPLE }, config)
  const given = { data: smallDataset(bars), strategy, costs: NO_COSTS, symbolSpecs: SPECS }
  return runBacktest(untyped, { ...given, ...options })
}

const column = (value: number) => new Float64Array(5).fill(value)
const STOP = Uint8Array.of(2, 2, 2, 2, 2)

/** A calendar with one event at 00:10, when bar 1 is decided on. */
async function withNews(): Promise<BacktestResult> {
  const cwd = tempFolder()
  writeFileSync(join(cwd, 'news.csv'), 'Start,Name,Impact,Currency\n2024-01-08 00:10:00,Rates,HIGH,USD\n')
  const { path } = await importNews({ file: 'news.csv', out: 'news.parquet', cwd })
  const news_filter = { enabled: true, minutes_before: 0, minutes_after: 0 }
  return run([1], { config: { news_filter }, options: { news: path } })
}

const USD = { account_currency: 'USD' }
/** From bar 1 on 500 points lower: every long of bar 0 is stopped. */
const FALLING: readonly Ohlc[] = QUIET.map((bar, i): Ohlc => (i === 0 ? bar : [1.095, 1.0955, 1.0945, 1.095]))

/** Refusals of orders, execution.md 10. */
export const REFUSED: Readonly<Record<string, Refused | ElsewhereCase>> = {
  invalid_signal: { run: () => run([0], { columns: { orderType: STOP } }), order: 1, bar: 0 },
  missing_stop_loss: { run: () => run([0], { columns: { stopLoss: column(Number.NaN) } }), order: 1, bar: 0 },
  end_of_data: { run: () => run([4]), order: 1, bar: 4 },
  trading_halted: {
    run: () =>
      run([0, 2], {
        bars: FALLING,
        config: { trade_management: { rules: { kill_switch: { max_consecutive_losses: 1 } } } },
      }),
    order: 2,
    bar: 2,
  },
  account_depleted: {
    // 500 lots lose 51 points each, 25 500 of 10 000.
    run: () =>
      run([0, 2], {
        bars: FALLING,
        columns: { size: column(500) },
        options: { symbolSpecs: { EURUSD: { ...SPECS.EURUSD, volume_max: 1_000 } } },
      }),
    order: 2,
    bar: 2,
  },
  direction_not_allowed: {
    run: () => run([1], { config: { execution: { allowed_directions: 'short' } } }),
    order: 1,
    bar: 1,
  },
  order_type_not_allowed: {
    run: () => run([1], { config: { execution: { allowed_order_types: ['limit'] } } }),
    order: 1,
    bar: 1,
  },
  session_closed: {
    run: () => run([1], { config: { sessions: [{ start: '12:00', end: '13:00' }] } }),
    order: 1,
    bar: 1,
  },
  news_blocked: { run: withNews, order: 1, bar: 1 },
  cooldown: {
    run: () => run([0, 1], { config: { execution: { cooldown_bars: 2 }, account: { ...USD, max_positions: 5 } } }),
    order: 2,
    bar: 1,
  },
  max_positions_reached: { run: () => run([0, 1]), order: 2, bar: 1, figure: 1 },
  max_pending_reached: {
    run: () =>
      run([0, 1], {
        columns: { orderType: STOP, price: column(1.2) },
        config: { execution: { max_pending_orders: 1 } },
      }),
    order: 2,
    bar: 1,
    figure: 1,
  },
  invalid_expiry: {
    because:
      'columns hold a number of bars from 0 on, 0 being the configured expiry; only a strategy in Rust can ask for none',
    tested: 'crates/backtest/tests/decisions.rs',
    as: 'InvalidExpiry',
  },
  // The bar reaches up to 1.1006 on the ask.
  entry_price_outside_bar: {
    run: () => run([1], { columns: { price: column(1.102) } }),
    order: 1,
    bar: 1,
    figure: 1.102,
  },
  stop_loss_wrong_side: {
    run: () => run([1], { columns: { stopLoss: column(1.1001) } }),
    order: 1,
    bar: 1,
    figure: 1.1001,
  },
  take_profit_wrong_side: {
    run: () => run([1], { columns: { takeProfit: column(1.0999) } }),
    order: 1,
    bar: 1,
    figure: 1.0999,
  },
  stop_distance_below_minimum: {
    // Ask 1.1001 and stop 1.09999 are 1.1 pips apart.
    run: () =>
      run([1], {
        columns: { stopLoss: column(1.09999) },
        options: { symbolSpecs: { EURUSD: { ...SPECS.EURUSD, min_sl_distance_pips: 2 } } },
      }),
    order: 1,
    bar: 1,
  },
  // 100 / (0.6001 × 100 000) is 0.0016 lots.
  volume_below_minimum: { run: () => run([1], { columns: { stopLoss: column(0.5) } }), order: 1, bar: 1 },
  opposite_close: {
    because: 'execution.on_opposite is not built: a run that asks for it is refused with CFG_UNSUPPORTED',
    tested: false,
  },
  conflicting_signals: {
    because: 'one column of directions cannot be long and short at once; strategies in Rust can',
    tested: 'crates/backtest/tests/decisions.rs',
    as: 'ConflictingSignals',
  },
}
