import type { BacktestResult } from '@omega/native'
import { expect } from 'vitest'
import { at, dig } from '../support.ts'
import type { OracleOutput } from './market-orders.ts'

/** Fields whose operations and their order the rules dictate: compared bit by bit. */
const EXACT = [
  'position_id',
  'order_id',
  'entry_time_ns',
  'exit_time_ns',
  'direction',
  'entry_price',
  'exit_price',
  'stop_loss',
  'take_profit',
  'size',
  'result',
  'entry_fee',
  'exit_fee',
  'r_multiple',
  'reason',
  'bars_held',
] as const

/** Fields that may be summed or converted in another order: 1e-9 relative to the account, far below a cent. */
const CLOSE = ['risk', 'mae', 'mfe'] as const

const CONTRACT_REASONS = ['take_profit', 'stop_loss', 'timeout']

/** Fails unless the engine did what the oracle did: every trade, refusal, open position and equity row. */
export function expectSame(result: BacktestResult, oracle: OracleOutput): void {
  expectSameTrades(result, oracle)
  expectSameEquity(result, oracle)
  const refused = [...result.rejections].map(({ order_id, bar_index, reason }) => ({ order_id, bar_index, reason }))
  expect(refused).toEqual(oracle.rejections)
  const counts: Record<string, number> = {}
  for (const { reason } of oracle.rejections) counts[reason] = (counts[reason] ?? 0) + 1
  expect(result.rejectionCounts).toEqual(counts)
  expect(result.openPositions.map((p) => p.position_id)).toEqual(oracle.open.map((p) => p.position_id))
  for (const [i, { unrealised }] of oracle.open.entries())
    expectNear(at(result.openPositions, i).unrealised, unrealised)
}

function expectSameTrades(result: BacktestResult, oracle: OracleOutput): void {
  expect(result.trades.length).toBe(oracle.trades.length)
  for (const [i, wanted] of oracle.trades.entries()) {
    const row = result.trades.row(i)
    for (const field of EXACT) {
      if (row[field] !== wanted[field]) {
        expect.fail(`trade ${i}: ${field} is ${row[field]}, the oracle says ${wanted[field]}`)
      }
    }
    for (const field of CLOSE) expectNear(row[field] ?? Number.NaN, wanted[field], `trade ${i}: ${field}`)
    expect(row.initial_stop_loss).toBe(wanted.stop_loss)
    expect(row.order_type).toBe('market')
    const meta = result.trades.meta(i)
    expect(meta).toMatchObject({ stop_loss_kind: 'initial', in_entry_candle: false })
    expect(dig(meta, 'gap_exit') ?? false, `trade ${i}: gap_exit`).toBe(wanted.gap_exit)
    expect(dig(meta, 'gap_entry') ?? false).toBe(false)
    expect(dig(meta, 'volume_capped') ?? false, `trade ${i}: volume_capped`).toBe(wanted.volume_capped)
    const labels = dig(meta, 'labels')
    expect(Array.isArray(labels) && labels.includes(wanted.reason)).toBe(!CONTRACT_REASONS.includes(wanted.reason))
  }
}

function expectSameEquity(result: BacktestResult, oracle: OracleOutput): void {
  const { equity, balance, drawdown, high_water } = result.equity.columns
  expect(result.equity.length).toBe(oracle.equity.length)
  for (const [i, row] of oracle.equity.entries()) {
    if (at(balance, i) !== row.balance)
      expect.fail(`row ${i}: balance is ${balance[i]}, the oracle says ${row.balance}`)
    expectNear(at(equity, i), row.equity, `row ${i}: equity`)
    expectNear(at(high_water, i), row.high_water, `row ${i}: high_water`)
    expectNear(at(drawdown, i), row.drawdown, `row ${i}: drawdown`)
  }
}

function expectNear(found: number, wanted: number, what = 'value'): void {
  const tolerance = 1e-9 * Math.max(1, Math.abs(wanted))
  if (!(Math.abs(found - wanted) <= tolerance)) expect.fail(`${what} is ${found}, the oracle says ${wanted}`)
}
