import { readFile } from 'node:fs/promises'
import { OmegaError } from '../errors.ts'
import type { BacktestResult } from '../result.ts'
import { orNull } from '../table.ts'
import { parseArtifactJson, withoutBigInt } from './json.ts'

/**
 * Reads a JSON artifact without loss: every integer under a key ending in `_ns` is a bigint.
 *
 * @throws {OmegaError} `OUT_READ` if the file is missing or not JSON.
 */
export async function readArtifact(file: string): Promise<unknown> {
  try {
    return parseArtifactJson(await readFile(file, 'utf8'))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new OmegaError('OUT_READ', `cannot read ${file}: ${reason}`, {
      category: 'output',
      cause,
      details: { path: file },
      hint: 'name a JSON file of a run folder',
    })
  }
}

/**
 * A result as a plain object for `JSON.stringify`: bigint becomes decimal text, tables become rows.
 */
export function toPlainJson(result: BacktestResult): object {
  const { runId, configHash, manifestSha256, meta, metrics, definitions, warnings, rejectionCounts, orderCounts } =
    result
  const { openPositions, output, timings, extended, profiling } = result
  const trades = [...result.trades].map((row, i) => ({ ...row, meta: result.trades.meta(i) }))
  const indicators =
    result.indicators && Object.entries(result.indicators).map(([name, values]) => [name, Array.from(values, orNull)])
  const plain = withoutBigInt({
    runId,
    configHash,
    manifestSha256,
    meta,
    metrics,
    definitions,
    extended,
    warnings,
    rejectionCounts,
    orderCounts,
    openPositions,
    trades,
    equity: [...result.equity],
    rejections: [...result.rejections],
    output,
    timings,
    profiling,
    indicators: indicators && Object.fromEntries(indicators),
  })
  return Object(plain)
}
