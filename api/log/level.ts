import { OmegaError } from '../errors.ts'

/** How much of a run is logged: everything up to this level. */
export type LogLevel = 'off' | 'error' | 'warn' | 'info' | 'debug' | 'trace'

export const LOG_LEVELS = ['off', 'error', 'warn', 'info', 'debug', 'trace'] as const satisfies readonly LogLevel[]

/**
 * The level in force: option, `OMEGA_LOG`, `RUST_LOG`, then `info` in dev and `warn` in prod. `RUST_LOG` belongs to every
 * Rust program; only a plain level in it counts here.
 *
 * @throws {OmegaError} `ARG_INVALID` for another word in `OMEGA_LOG`.
 */
export function logLevelOf(option: LogLevel | undefined, mode: 'dev' | 'prod'): LogLevel {
  if (option !== undefined) return option
  const { OMEGA_LOG: own, RUST_LOG: general } = process.env
  if (own) {
    const level = levelIn(own)
    if (level) return level
    throw new OmegaError(
      'ARG_INVALID',
      `OMEGA_LOG must be one of ${LOG_LEVELS.join(', ')}, got '${own.slice(0, 60)}'`,
      {
        category: 'usage',
        details: { variable: 'OMEGA_LOG', received: own.slice(0, 60) },
        hint: 'correct or unset OMEGA_LOG',
      },
    )
  }
  const directives = general?.split(',').filter((directive) => !directive.includes('=')) ?? []
  return directives.map(levelIn).find((level) => level !== undefined) ?? (mode === 'dev' ? 'info' : 'warn')
}

/** Does a record of `level` belong into a log of `most`? */
export function isLogged(level: LogLevel, most: LogLevel): boolean {
  return level !== 'off' && LOG_LEVELS.indexOf(level) <= LOG_LEVELS.indexOf(most)
}

function levelIn(text: string): LogLevel | undefined {
  return LOG_LEVELS.find((level) => level === text.trim().toLowerCase())
}
