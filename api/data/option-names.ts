import { OmegaError } from '../errors.ts'

/** Options of an import whose names the core, this API and the command line spell differently. */
const NAMES = [
  'on_crossed',
  'max_drop',
  'ask_from_spread',
  'ask_from_column',
  'time_column',
  'bid_column',
  'ask_column',
  'time_unit',
  'price_divisor',
  'pip_size',
  'drop_flat',
  'v1_market_hours',
] as const

const SNAKE = new RegExp(`\\b(${NAMES.join('|')})\\b`, 'g')
const CAMEL = new RegExp(`\\b(${NAMES.map(camelCase).join('|')})\\b`, 'g')

/** An error of the core with the option names of this API. */
export function inApiNames(error: unknown): unknown {
  return renamed(error, (text) => text.replace(SNAKE, camelCase))
}

/** An error of this API with the option names of the command line. */
export function inFlagNames(error: unknown): unknown {
  const flag = (name: string) =>
    `--${name.replace(/[A-Z0-9]+/g, (part) => (/^[A-Z]/.test(part) ? `-${part.toLowerCase()}` : part))}`
  return renamed(error, (text) => text.replace(CAMEL, flag))
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function renamed(error: unknown, rename: (text: string) => string): unknown {
  if (!(error instanceof OmegaError)) return error
  const { code, message, category, details, hint, cause } = error
  return new OmegaError(code, rename(message), { category, details, hint: hint && rename(hint), cause })
}
