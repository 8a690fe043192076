import { artifactLine } from '../artifacts/json.ts'
import { isoOf } from '../artifacts/meta.ts'
import type { ArtifactValue } from '../head.ts'
import type { LogLevel } from './level.ts'

/** Which part of the system speaks. */
export type LogComponent = 'config' | 'data_load' | 'indicators' | 'execution' | 'metrics' | 'output'

/** One thing that a run says about itself. */
export interface LogRecord {
  time_ns: bigint
  level: Exclude<LogLevel, 'off'>
  component: LogComponent
  phase: 'init' | 'loop' | 'finalize'
  /** A few fixed words. */
  message: string
  fields: Readonly<Record<string, ArtifactValue>>
}

/** What every record of a run carries. */
export interface LogContext {
  run_id: string
  strategy_name: string
  symbol: string
  timeframe: string
}

/** A record as one line of JSON. */
export function jsonLine(record: LogRecord, context: LogContext): string {
  const { fields, ...fixed } = record
  return artifactLine({ ...fields, ...fixed, ...context, time: isoOf(record.time_ns) })
}

/** A record as one line for people. */
export function textLine(
  { time_ns, level, component, phase, message, fields }: LogRecord,
  context: LogContext,
): string {
  const { run_id, strategy_name, symbol, timeframe } = context
  const values = Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => ` ${key}=${shown(value)}`)
  const place = `${run_id} ${strategy_name} ${symbol} ${timeframe}`
  return `${isoOf(time_ns)} ${level.toUpperCase().padEnd(5)} [${place}] ${component}/${phase}: ${message}${values.join('')}\n`
}

function shown(value: ArtifactValue): string {
  if (typeof value === 'string') return /^[\w.:+-]+$/.test(value) ? value : JSON.stringify(value)
  return artifactLine(value).trimEnd()
}
