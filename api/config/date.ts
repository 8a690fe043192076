import { z } from 'zod'
import { notated } from './notation.ts'

/** `YYYY-MM-DD`, or a date and time with up to nine decimals and an optional offset. */
const FORM = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})?)?$/

const DAY_NS = 86_400_000_000_000n
const FIRST_NS = 0n
/** First instant that is too late: 2262-01-01. */
const BEYOND_NS = BigInt(Date.UTC(2262, 0, 1)) * 1_000_000n

interface ReadDate {
  ns: bigint
  dateOnly: boolean
}

/** A date, or an instant to the nanosecond. */
export const ConfigDate = notated(
  z
    .string()
    .refine((text) => readDate(text) !== undefined)
    .meta({ pattern: FORM.source }),
  {
    code: 'CFG_DATE_INVALID',
    what: 'a date YYYY-MM-DD or an instant YYYY-MM-DDTHH:MM[:SS[.fraction]][Z|±HH:MM] from 1970-01-01 to 2261-12-31',
  },
)

/** The first and the last instant, both inclusive, in nanoseconds since 1970. `undefined` if a date is invalid. */
export function dateRangeNs(start: string, end: string): { startNs: bigint; endNs: bigint } | undefined {
  const [from, to] = [readDate(start), readDate(end)]
  if (!from || !to) return undefined
  return { startNs: from.ns, endNs: to.dateOnly ? to.ns + DAY_NS - 1n : to.ns }
}

/** A date stays a date; an instant is written in UTC with `Z`, its fraction without trailing zeros. */
export function normalDate(text: string): string {
  const date = readDate(text)
  if (!date || date.dateOnly) return text
  const seconds = new Date(Number(date.ns / 1_000_000_000n) * 1000).toISOString().slice(0, 19)
  const fraction = String(date.ns % 1_000_000_000n)
    .padStart(9, '0')
    .replace(/0+$/, '')
  return `${seconds}${fraction === '' ? '' : `.${fraction}`}Z`
}

function readDate(text: string): ReadDate | undefined {
  const match = FORM.exec(text)
  if (!match) return undefined
  const [, year = '', month = '', day = '', hour, minute = '', second = '0', fraction = '0', offset = 'Z'] = match
  const clock = { hour: Number(hour ?? 0), minute: Number(minute), second: Number(second) }
  if (clock.hour > 23 || clock.minute > 59 || clock.second > 59) return undefined
  const offsetMinutes = readOffset(offset)
  const midnightMs = dayStartMs(Number(year), Number(month), Number(day))
  if (midnightMs === undefined || offsetMinutes === undefined) return undefined
  const seconds = midnightMs / 1000 + clock.hour * 3600 + (clock.minute - offsetMinutes) * 60 + clock.second
  const ns = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'))
  return ns >= FIRST_NS && ns < BEYOND_NS ? { ns, dateOnly: hour === undefined } : undefined
}

/** Midnight of a day that exists; Date.UTC alone would roll 30 February over to March. */
function dayStartMs(year: number, month: number, day: number): number | undefined {
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCFullYear() === year
    ? date.getTime()
    : undefined
}

function readOffset(offset: string): number | undefined {
  if (offset === 'Z') return 0
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(4))]
  if (hours > 23 || minutes > 59) return undefined
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}
