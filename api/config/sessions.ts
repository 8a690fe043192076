import { z } from 'zod'
import { notated } from './notation.ts'

const ClockTime = notated(z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/), { what: 'a time HH:MM from 00:00 to 23:59' })
const EndTime = notated(z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/), {
  what: 'a time HH:MM from 00:00 to 24:00',
})
const TimeZone = notated(z.string().refine(isTimeZone), {
  code: 'CFG_FORMAT',
  what: 'an IANA time zone, such as Europe/London',
})

/** A window of every day in which entries are allowed. */
export const Session = z.object({
  start: ClockTime.describe('First instant of the window, inclusive.'),
  end: EndTime.describe('End of the window, exclusive; at or before `start` it lies on the next day.'),
  timezone: TimeZone.optional().describe('IANA name of the zone whose wall clock is meant; UTC if left out.'),
})
export type Session = z.output<typeof Session>

/** The zone in the spelling of the tz database: `europe/london` is `Europe/London`. Aliases stay as they are. */
export function timeZoneName(zone: string): string {
  const resolved = new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
  return resolved.toLowerCase() === zone.toLowerCase() ? resolved : zone
}

function isTimeZone(zone: string): boolean {
  // Intl accepts offsets such as +01:00 too; they are not names.
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(zone)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}
