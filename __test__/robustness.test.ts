import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateData, loadDataset, runBacktest, safeRunBacktest } from '@omega/native'
import { beforeAll, describe, expect, it } from 'vitest'
import { worker } from './fixtures/worker.ts'
import { dig, entriesOf, filesOf, omega, stopped, tempFolder } from './support.ts'

const CONFIG = {
  schema_version: '2',
  strategy_name: 'mean_reversion_z_score',
  symbol: 'EURUSD',
  start_date: '2020-02-01',
  end_date: '2020-06-30',
  run_mode: 'dev',
  data_mode: 'candle',
  timeframes: { primary: 'M15' },
  strategy_parameters: { enabled_scenarios: [1, 2] },
} as const

const YEARS = { ...CONFIG, start_date: '2020-01-08', end_date: '2021-12-31', timeframes: { primary: 'M1' } } as const

let root: string

/** Numbers between 0 and 1 that are the same in every run of the tests. */
function* draws(seed: number): Generator<number, never> {
  let state = seed
  for (;;) {
    state = (state * 48_271) % 2_147_483_647
    yield state / 2_147_483_647
  }
}

beforeAll(async () => {
  root = tempFolder()
  await generateData({ symbol: 'EURUSD', timeframe: 'M15', bars: 12_000, seed: 3, root })
  await generateData({ symbol: 'EURUSD', timeframe: 'M1', bars: 500_000, seed: 9, root })
}, 120_000)

describe('One process', () => {
  it('does 1 000 runs with flat memory', { timeout: 300_000 }, async () => {
    using data = await loadDataset({ symbol: 'EURUSD', timeframes: ['M15'], root })
    const once = async () => {
      const { trades, equity } = await runBacktest(CONFIG, { data })
      return trades.length + equity.length
    }
    const expected = await once()
    for (let run = 0; run < 300; run++) expect(await once()).toBe(expected)
    globalThis.gc?.()
    const before = process.memoryUsage().rss
    for (let run = 0; run < 700; run++) expect(await once()).toBe(expected)
    globalThis.gc?.()
    // A run holds about a megabyte of columns: seven hundred of them would be 700 MB if nothing were given back.
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(100)
  })

  it('aborts at any moment and goes on', { timeout: 120_000 }, async () => {
    using data = await loadDataset({ symbol: 'EURUSD', timeframes: ['M1'], root })
    const start = performance.now()
    const whole = await runBacktest(YEARS, { data })
    const duration = performance.now() - start
    const draw = draws(7)
    let aborted = 0
    for (let attempt = 0; attempt < 60; attempt++) {
      const abort = new AbortController()
      const pending = safeRunBacktest(YEARS, { data, signal: abort.signal })
      setTimeout(() => abort.abort(), draw.next().value * duration * 1.1)
      const outcome = await pending
      if (outcome.ok) expect(outcome.result.trades.length).toBe(whole.trades.length)
      else expect(outcome.error.code).toBe('ABORTED')
      aborted += outcome.ok ? 0 : 1
    }
    expect(aborted).toBeGreaterThan(20)
    expect((await runBacktest(YEARS, { data })).metrics).toEqual(whole.metrics)
  })

  it('does two long runs and a hundred short ones at once, all right', { timeout: 120_000 }, async () => {
    const [long, short] = [await runBacktest(YEARS, { data: root }), await runBacktest(CONFIG, { data: root })]
    const pending = [YEARS, YEARS, ...Array.from({ length: 100 }, () => CONFIG)].map((config) =>
      runBacktest(config, { data: root }),
    )
    const metrics = (await Promise.all(pending)).map((result) => result.metrics)
    expect(short.metrics).not.toEqual(long.metrics)
    expect(metrics).toEqual([long.metrics, long.metrics, ...Array(100).fill(short.metrics)])
  })

  it('survives 200 worker threads that are terminated in the middle of runs', { timeout: 300_000 }, async () => {
    using data = await loadDataset({ symbol: 'EURUSD', timeframes: ['M1'], root })
    const draw = draws(11)
    const one = async () => {
      const thread = worker('worker-runs.mjs', { config: YEARS, token: data.token })
      await new Promise((resolve) => thread.once('message', resolve))
      await new Promise((resolve) => setTimeout(resolve, draw.next().value * 40))
      await thread.terminate()
    }
    for (let round = 0; round < 50; round++) await Promise.all([one(), one(), one(), one()])
    const { trades } = await runBacktest(CONFIG, { data: root })
    expect(trades.length).toBeGreaterThan(0)
  })
})

describe('omega run', () => {
  it('killed at 50 moments never leaves a folder that looks finished and is not', { timeout: 300_000 }, async () => {
    const folder = tempFolder()
    writeFileSync(join(folder, 'config.json'), JSON.stringify(YEARS))
    const args = ['run', 'config.json', '--data-root', root, '--out', 'whole']
    const start = performance.now()
    expect(omega(args, { cwd: folder }).status).toBe(0)
    const duration = performance.now() - start
    const [name = ''] = entriesOf(join(folder, 'whole', 'backtests'))
    const finished = filesOf(join(folder, 'whole', 'backtests', name))
    const draw = draws(13)
    let whole = 0
    for (let attempt = 0; attempt < 50; attempt++) {
      const out = `out-${attempt}`
      // Most of them while files are being written, which is at the end.
      const share = attempt < 10 ? draw.next().value : 0.7 + 0.35 * draw.next().value
      await stopped([...args.slice(0, -1), out], 'SIGKILL', duration * share, folder)
      for (const left of entriesOf(join(folder, out, 'backtests'))) {
        if (left.startsWith('.tmp-')) continue
        whole += 1
        const files = filesOf(join(folder, out, 'backtests', left))
        expect([...files.keys()]).toEqual([...finished.keys()])
        for (const key of ['trades.json', 'equity.csv', 'metrics.json']) expect(files.get(key)).toBe(finished.get(key))
        expect(dig(JSON.parse(files.get('meta.json') ?? '{}'), 'run_id')).toBe(left)
      }
    }
    expect(whole).toBeLessThan(50)
  })
})
