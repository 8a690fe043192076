import { join } from 'node:path'
import { generateData, loadDataset, runBacktest, safeRunBacktest } from '@omega/native'
import { beforeAll, describe, expect, it } from 'vitest'
import { RUN, refused, smallRoot } from './refusal.ts'
import { entriesOf, failureOf, stopped, tempFolder } from './support.ts'

describe('Interruption', () => {
  let large: string
  const LONG = { ...RUN, start_date: '2020-01-08', end_date: '2022-12-31', timeframes: { primary: 'M1' } } as const

  beforeAll(async () => {
    large = tempFolder()
    await generateData({ symbol: 'EURUSD', timeframe: 'M1', bars: 1_000_000, seed: 9, root: large })
    // The first run of a process loads the configuration schemas; that is not what is timed here.
    await runBacktest(RUN, { data: smallRoot() })
  }, 120_000)

  it('before the start rejects at once', async () => {
    const error = await refused({}, { signal: AbortSignal.abort(new Error('no longer wanted')) })
    expect(error).toMatchObject({ code: 'ABORTED', category: 'runtime', cause: { message: 'no longer wanted' } })
  })

  // The promise is about a machine that is not busy with something else at that moment, hence the second chances.
  it.each([1, 20, 60])('after %i ms rejects within 200 ms and leaves nothing', { retry: 3 }, async (ms) => {
    const outputDir = join(tempFolder(), 'out')
    const abort = new AbortController()
    let since = 0
    setTimeout(() => {
      since = performance.now()
      abort.abort()
    }, ms)
    const outcome = await safeRunBacktest(LONG, { data: large, outputDir, signal: abort.signal })
    const waited = performance.now() - since
    if (outcome.ok) return expect.fail(`the run was over before ${ms} ms`)
    expect(waited).toBeLessThan(200)
    expect(outcome.error.code).toBe('ABORTED')
    expect(entriesOf(outputDir)).toEqual([])
  })

  it('works for loading, importing and generating', { retry: 3 }, async () => {
    const load = new AbortController()
    setTimeout(() => load.abort(), 5)
    const pending = loadDataset({ symbol: 'EURUSD', timeframes: ['M1'], root: large }, { signal: load.signal })
    expect((await failureOf(() => pending)).code).toBe('ABORTED')
    const generate = new AbortController()
    setTimeout(() => generate.abort(), 50)
    const folder = tempFolder()
    const input = { symbol: 'EURUSD', timeframe: 'M1', bars: 5_000_000, seed: 1, root: folder } as const
    const start = performance.now()
    expect((await failureOf(() => generateData(input, { signal: generate.signal }))).code).toBe('ABORTED')
    expect(performance.now() - start).toBeLessThan(1_000)
    expect(entriesOf(folder)).toEqual([])
  })

  it('by Ctrl-C ends the command line with 130', async () => {
    const folder = tempFolder()
    const args = [
      'data',
      'generate',
      '--symbol',
      'EURUSD',
      '--timeframe',
      'M1',
      '--bars',
      '9000000',
      '--seed',
      '1',
      '--data-root',
      'd',
    ]
    const done = await stopped(args, 'SIGINT', 700, folder)
    expect(done.status).toBe(130)
    expect(done.stderr).toContain('ABORTED')
    expect(entriesOf(join(folder, 'd', 'EURUSD'))).toEqual([])
  })
})
