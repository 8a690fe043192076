import { z } from 'zod'
import { notated } from './notation.ts'

/** The supported bar lengths, shortest first. */
export const TIMEFRAMES = ['M1', 'M5', 'M15', 'M30', 'H1', 'H4', 'D1', 'W1'] as const

/** A supported bar length. */
export const Timeframe = notated(z.enum(TIMEFRAMES), { letters: 'upper', code: 'CFG_TIMEFRAME' })
export type Timeframe = z.output<typeof Timeframe>

const MINUTES = { M1: 1, M5: 5, M15: 15, M30: 30, H1: 60, H4: 240, D1: 1440, W1: 10080 } as const satisfies Record<
  Timeframe,
  number
>

/** Length of one bar, in nanoseconds. */
export function durationNs(timeframe: Timeframe): bigint {
  return BigInt(MINUTES[timeframe]) * 60_000_000_000n
}
