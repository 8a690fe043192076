import type { BacktestResult } from '../result.ts'
import type { Frame } from './frame.ts'

const BLOCKS = '▁▂▃▄▅▆▇█'

/** A run as a person likes to read it. */
export function summaryText(result: BacktestResult, paint: Frame['paint']): string {
  const { metrics, meta } = result
  const currency = text(meta, 'account', 'account_currency')
  const initial = number(meta, 'account', 'initial_balance')
  const net = metrics.profit_net ?? 0
  const money = (value: number | null) => (value === null ? 'n/a' : `${group(value.toFixed(2))} ${currency}`)
  const share = (value: number | null) => (value === null ? 'n/a' : `${(value * 100).toFixed(2)} %`)
  const plain = (value: number | null, digits = 2) => (value === null ? 'n/a' : value.toFixed(digits))
  const days = (key: string) => text(meta, 'dataset', key).slice(0, 16).replace('T', ' ')
  const rows: [string, string][] = [
    [
      'period',
      `${days('start_time')} … ${days('end_time')} UTC, ${group(String(number(meta, 'run', 'bars_processed')))} bars`,
    ],
    [
      'trades',
      `${metrics.total_trades}  (${metrics.wins} won, ${metrics.losses} lost, win rate ${share(metrics.win_rate)})`,
    ],
    [
      'net profit',
      `${paint(net < 0 ? 'red' : 'green', money(net))}  (${share(initial === 0 ? null : net / initial)} of ${money(initial)})`,
    ],
    ['costs', `${money(metrics.fees_total)} in fees; spread and slippage are inside the prices`],
    [
      'drawdown',
      `${share(metrics.max_drawdown)}  (${money(metrics.max_drawdown_abs)}, ${metrics.max_drawdown_duration_bars} bars under water)`,
    ],
    [
      'per trade',
      `${money(metrics.avg_trade_pnl)}, ${plain(metrics.avg_r_multiple, 3)} R, profit factor ${plain(metrics.profit_factor)}`,
    ],
    ['Sharpe (daily)', plain(metrics.sharpe_equity_daily)],
    ['rejections', counts(result.rejectionCounts)],
  ]
  const repaired = repairs(result)
  if (repaired) rows.splice(3, 0, ['data', paint('yellow', repaired)])
  const curve = sparkline(result.equity.columns.equity, 60)
  if (curve) rows.push(['equity', paint('cyan', curve)])
  if (result.output)
    rows.push(['files', `${result.output.dir}${result.output.written ? '' : '  (identical run already there)'}`])
  const title = `${text(meta, 'dataset', 'symbol')} ${text(meta, 'dataset', 'timeframe')} · ${text(meta, 'strategy', 'name')} · run ${result.runId}`
  return [paint('bold', title), ...rows.map(([name, value]) => `  ${name.padEnd(15)} ${value}`)].join('\n')
}

/** What keeps the quotes from being plain data, told beside the profit. */
function repairs(result: BacktestResult): string | undefined {
  const codes = new Set(result.warnings.map((w) => w.code))
  const parts = [
    codes.has('DATA_W_SYNTHETIC') && 'synthetic candles',
    codes.has('DATA_W_SYNTHETIC_ASK') && 'the ask side is invented',
    codes.has('DATA_W_CLAMPED') && 'crossed quotes were clamped',
    codes.has('DATA_W_DROPPED') && 'crossed bars were dropped',
  ].filter((part) => part !== false)
  return parts.length === 0 ? undefined : parts.join('; ')
}

function counts(rejections: Readonly<Record<string, number>>): string {
  const list = Object.entries(rejections).filter(([, count]) => count > 0)
  return list.length === 0 ? 'none' : list.map(([code, count]) => `${code} ${count}`).join(', ')
}

/** A small curve of block characters: the last value of each of `width` slices. */
export function sparkline(values: Float64Array, width: number): string | undefined {
  if (values.length < 2) return undefined
  const count = Math.min(width, values.length)
  const points = Array.from({ length: count }, (_, i) => values[Math.ceil(((i + 1) * values.length) / count) - 1] ?? 0)
  const [low, high] = [Math.min(...points), Math.max(...points)]
  const level = (value: number) => (high === low ? 3 : Math.round(((value - low) / (high - low)) * (BLOCKS.length - 1)))
  return points.map((value) => BLOCKS[level(value)]).join('')
}

function group(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ' ')
}

function field(meta: BacktestResult['meta'], block: string, key: string): unknown {
  const inner: unknown = meta[block]
  return typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined
}

function text(meta: BacktestResult['meta'], block: string, key: string): string {
  return String(field(meta, block, key) ?? '')
}

function number(meta: BacktestResult['meta'], block: string, key: string): number {
  return Number(field(meta, block, key) ?? 0)
}

/** What `--json` prints of a run. */
export function summaryData(result: BacktestResult): object {
  const {
    runId,
    configHash,
    manifestSha256,
    meta,
    metrics,
    warnings,
    rejectionCounts,
    openPositions,
    output,
    timings,
  } = result
  return { runId, configHash, manifestSha256, metrics, warnings, rejectionCounts, openPositions, output, timings, meta }
}
