import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type RunOptions, runBacktest, signals, writeArtifacts } from '@omega/native'
import { describe, expect, it } from 'vitest'
import {
  EXAMPLE,
  entriesOf,
  failureOf,
  NO_COSTS,
  type Ohlc,
  omega,
  PER_LOT,
  SPECS,
  smallDataset,
  tempFolder,
} from './support.ts'

const BARS: readonly Ohlc[] = Array.from({ length: 50 }, (_, i): Ohlc => {
  const close = 1.1 + (i % 5) * 0.0001
  return [1.1, 1.101, 1.099, close]
})

function options(more: RunOptions = {}): RunOptions {
  const direction = new Int8Array(BARS.length)
  const stopLoss = new Float64Array(BARS.length).fill(1.09)
  direction[3] = 1
  const strategy = signals({ direction, stopLoss })
  return { data: smallDataset(BARS), strategy, costs: NO_COSTS, symbolSpecs: SPECS, ...more }
}

describe('Several writers of the same run', () => {
  it('agree on one folder under verify', async () => {
    const outputDir = tempFolder()
    const results = await Promise.all(Array.from({ length: 20 }, () => runBacktest(EXAMPLE, options({ outputDir }))))
    expect(results.filter((result) => result.output?.written)).toHaveLength(1)
    expect(entriesOf(join(outputDir, 'backtests'))).toEqual([results[0]?.runId])
  })

  it('get a folder each under suffix', async () => {
    const outputDir = tempFolder()
    const some = options({ outputDir, ifExists: 'suffix', runId: 'same' })
    const results = await Promise.all(Array.from({ length: 8 }, () => runBacktest(EXAMPLE, some)))
    expect(new Set(results.map((result) => result.output?.dir)).size).toBe(8)
    for (const { output } of results) {
      const dir = output?.dir ?? ''
      expect(JSON.parse(readFileSync(join(dir, 'meta.json'), 'utf8')).run_id).toBe(dir.split('/').at(-1))
    }
  })

  it('leave one whole folder under replace', async () => {
    const outputDir = tempFolder()
    const some = options({ outputDir, ifExists: 'replace' })
    await Promise.all(Array.from({ length: 12 }, () => runBacktest(EXAMPLE, some)))
    const [run, ...others] = entriesOf(join(outputDir, 'backtests'))
    expect(others).toEqual([])
    expect(entriesOf(join(outputDir, 'backtests', String(run)))).toHaveLength(4)
  })
})

describe('Replacing', () => {
  it('touches run folders only', async () => {
    const result = await runBacktest(EXAMPLE, options())
    const precious = join(tempFolder(), 'precious')
    mkdirSync(precious)
    writeFileSync(join(precious, 'data.txt'), 'keep')
    const error = await failureOf(() => writeArtifacts(result, precious, { ifExists: 'replace' }))
    expect(error.code).toBe('OUT_EXISTS')
    expect(error.message).toContain('data.txt')
    expect(readFileSync(join(precious, 'data.txt'), 'utf8')).toBe('keep')
  })

  it('that was killed half-way is undone by the next run', async () => {
    const outputDir = tempFolder()
    const first = await runBacktest(EXAMPLE, options({ outputDir }))
    const dir = first.output?.dir ?? ''
    // The state between the two renames; no process has this number.
    renameSync(dir, join(outputDir, 'backtests', `.old-${first.runId}-99999999-00000000`))
    const second = await runBacktest(EXAMPLE, options({ outputDir }))
    expect(second.output).toMatchObject({ dir, written: false })
    expect(readdirSync(join(outputDir, 'backtests'))).toEqual([first.runId])
  })
})

describe('A caller who goes wrong', () => {
  it('in onProgress gets ABORTED with the error as its cause, and nothing is written', async () => {
    const outputDir = tempFolder()
    const problem = new Error('mine')
    const onProgress = () => {
      throw problem
    }
    const error = await failureOf(() => runBacktest(EXAMPLE, options({ outputDir, onProgress })))
    expect(error.code).toBe('ABORTED')
    expect(error.cause).toBe(problem)
    expect(entriesOf(join(outputDir, 'backtests'))).toEqual([])
  })

  it('may abort while the files are written', async () => {
    const outputDir = tempFolder()
    const abort = new AbortController()
    const onProgress = ({ phase }: { phase: string }) => {
      if (phase === 'write') abort.abort()
    }
    const error = await failureOf(() => runBacktest(EXAMPLE, options({ outputDir, onProgress, signal: abort.signal })))
    expect(error.code).toBe('ABORTED')
    expect(entriesOf(join(outputDir, 'backtests'))).toEqual([])
  })

  it('is told when a dataset is closed instead of getting empty columns', async () => {
    const data = smallDataset(BARS)
    const series = data.series('M5')
    data.close()
    expect((await failureOf(() => series.bid.close)).message).toBe('the dataset is closed')
  })

  it('is told of misspelt keys in the costs', async () => {
    const { per_lot, ...defaults } = PER_LOT.defaults
    const { warnings } = await runBacktest(
      EXAMPLE,
      options({ costs: { defaults: { ...defaults, per_lotx: per_lot } } }),
    )
    expect(warnings.map(({ code, path, hint }) => [code, path, hint])).toContainEqual([
      'CFG_W_UNKNOWN_KEY',
      'costs.defaults.per_lotx',
      "did you mean 'per_lot'?",
    ])
    const without = await runBacktest(EXAMPLE, options({ costs: { per_symbol: { GBPUSD: {} } } }))
    expect(without.warnings.map(({ code }) => code)).toContain('CFG_W_NO_EFFECT')
  })

  it('with a configuration of twenty thousand levels gets an OmegaError', async () => {
    let deep: object = {}
    for (let i = 0; i < 20_000; i += 1) deep = { deep }
    const error = await failureOf(() => runBacktest({ ...EXAMPLE, ...{ x: deep } }, options()))
    expect(error.code).toBe('CONFIG_INVALID')
  })

  it('cannot leave gaps in a list with --set', () => {
    const file = join(tempFolder(), 'config.json')
    writeFileSync(file, JSON.stringify({ ...EXAMPLE, sessions: [{ start: '07:00', end: '09:00' }] }))
    const { status, stderr } = omega(['validate', file, '--set', 'sessions.1000000000=1'])
    expect(status).toBe(5)
    expect(stderr).toContain("'1000000000' is not an index from 0 to 1")
  })
})
