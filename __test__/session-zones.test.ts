import { type BacktestConfigInput, runBacktest, signals } from '@omega/native'
import { describe, expect, it } from 'vitest'
import { EXAMPLE, failureOf, issuesOf, NO_COSTS, SPECS, smallDataset } from './support.ts'

const DAY_MINUTES = 1_440

/** A long signal on every M5 bar of `days`, counted from Monday, 8 January 2024; the rows that a closed session refused. */
async function openDecisions(sessions: object[], days: readonly number[]): Promise<string[]> {
  const minutes = days.flatMap((day) => Array.from({ length: 288 }, (_, bar) => day * DAY_MINUTES + 5 * bar))
  const bars = minutes.map(() => [1.1, 1.1001, 1.0999, 1.1] as const)
  const account = { account_currency: 'USD', max_positions: 10_000 }
  const config: BacktestConfigInput = Object({ ...EXAMPLE, end_date: '2024-12-31', account, sessions })
  const direction = new Int8Array(minutes.length).fill(1)
  const strategy = signals({ direction, stopLoss: new Float64Array(minutes.length).fill(1.05) })
  const data = smallDataset(bars, 0.0001, minutes)
  const result = await runBacktest(config, { data, strategy, costs: NO_COSTS, symbolSpecs: SPECS })
  const closed = new Set([...result.rejections].map((row) => row.bar_index))
  // The decision is made five minutes after the open; the last bar takes no orders at all.
  return minutes
    .map((minute, bar) => [minute + 5, bar] as const)
    .filter(([, bar]) => !closed.has(bar) && bar < minutes.length - 1)
    .map(([minute]) => new Date(1_704_672_000_000 + minute * 60_000).toISOString().slice(5, 16).replace('T', ' '))
}

/** First and last of the decisions of each day. */
function spans(decisions: readonly string[]): string[] {
  const days = [...new Set(decisions.map((decision) => decision.slice(0, 5)))]
  return days.map((day) => {
    const list = decisions.filter((decision) => decision.startsWith(day))
    return `${list[0]} … ${list.at(-1)?.slice(6)}`
  })
}

// decisions.md 48.
describe('sessions[].timezone', () => {
  it('moves a window with the clocks of New York', async () => {
    const hours = [{ start: '09:30', end: '16:00', timezone: 'America/New_York' }]
    // Friday 8 March (day 60) is winter time, UTC-5; Monday 11 March (day 63) summer time, UTC-4. The end is exclusive.
    expect(spans(await openDecisions(hours, [60, 63, 64]))).toEqual([
      '03-08 14:30 … 20:55',
      '03-11 13:30 … 19:55',
      '03-12 13:30 … 19:55',
    ])
    // Friday 1 November (day 298) is summer time, Monday the 4th (day 301) winter time again.
    expect(spans(await openDecisions(hours, [298, 301, 302]))).toEqual([
      '11-01 13:30 … 19:55',
      '11-04 14:30 … 20:55',
      '11-05 14:30 … 20:55',
    ])
  })

  it('is the union of windows on several clocks', async () => {
    // 8 January: London 08:00–09:00 is 08:00–09:00 UTC, Tokyo 09:00–10:00 is 00:00–01:00 UTC, and 12:00–12:10 is UTC.
    const windows = [
      { start: '08:00', end: '09:00', timezone: 'Europe/London' },
      { start: '09:00', end: '10:00', timezone: 'Asia/Tokyo' },
      { start: '12:00', end: '12:10' },
    ]
    const decisions = await openDecisions(windows, [0, 1])
    // From 00:05 on, because the first bar decides then: 11 of Tokyo, 12 of London, two; one more of Tokyo at midnight.
    expect(decisions.filter((decision) => decision.startsWith('01-08')).length).toBe(11 + 12 + 2)
    expect(decisions).toContain('01-08 00:05')
    expect(decisions).toContain('01-09 00:00')
    expect(decisions).not.toContain('01-08 01:00')
  })

  it('knows every zone that Node knows', async () => {
    const zones = Intl.supportedValuesOf('timeZone')
    expect(zones.length).toBeGreaterThan(300)
    const sessions = zones.map((timezone) => ({ start: '00:00', end: '00:00', timezone }))
    expect((await openDecisions(sessions, [0])).length).toBe(287)
  })

  it.each(['Mars/Olympus', '+01:00', 'London', ''])('refuses %j', async (timezone) => {
    const sessions = [{ start: '08:00', end: '17:00', timezone }]
    const error = await failureOf(() => openDecisions(sessions, [0]))
    expect(error.code).toBe('CONFIG_INVALID')
    expect(issuesOf(error)).toEqual(['sessions[0].timezone: CFG_FORMAT'])
  })
})
