import { setTimeout as wait } from 'node:timers/promises'
import { attachDataset, createDataset, generateData, loadDataset, runBacktest, signals } from '@omega/native'
import { beforeAll, describe, expect, it } from 'vitest'
import { answerOf, worker } from './fixtures/worker.ts'
import { dig, EXAMPLE, entriesOf, failureOf, NO_COSTS, SPECS, smallDataset, tempFolder } from './support.ts'

const CONFIG = {
  schema_version: '2',
  strategy_name: 'mean_reversion_z_score',
  symbol: 'EURUSD',
  start_date: '2020-02-01',
  end_date: '2020-06-30',
  run_mode: 'dev',
  data_mode: 'candle',
  timeframes: { primary: 'M15' },
  strategy_parameters: { enabled_scenarios: [1] },
} as const

let root: string

beforeAll(async () => {
  root = tempFolder()
  await generateData({ symbol: 'EURUSD', timeframe: 'M15', bars: 12_000, seed: 3, root })
})

describe('Worker threads', () => {
  it('run beside each other and agree', async () => {
    using data = await loadDataset({ symbol: 'EURUSD', timeframes: ['M15'], root })
    const threads = Array.from({ length: 4 }, () =>
      worker('worker-run.mjs', { config: CONFIG, token: data.token, outputDir: tempFolder() }),
    )
    const ids = (await Promise.all(threads.map(answerOf))).map((answer) => dig(answer, 'runId'))
    expect(new Set(ids).size).toBe(1)
  })

  it('can be terminated in the middle of a job; the process lives on and nothing half-written stays', async () => {
    const folder = tempFolder()
    const thread = worker('worker-endless.mjs', { root: folder })
    const first = await new Promise((resolve) => thread.once('message', resolve))
    expect(first).toBe('started')
    await thread.terminate()
    await wait(1_500)
    // At most a temporary file that a cancelled writer has not removed yet: no candle file.
    expect(entriesOf(`${folder}/EURUSD`).filter((name) => name.endsWith('.parquet') && !name.startsWith('.'))).toEqual(
      [],
    )
    const { trades } = await runBacktest(CONFIG, { data: root })
    expect(trades.length).toBeGreaterThan(0)
  })

  it('keep a dataset alive that the main thread has closed', async () => {
    const data = await loadDataset({ symbol: 'EURUSD', timeframes: ['M15'], root })
    const second = attachDataset(data.token)
    data.close()
    const { trades } = await runBacktest(CONFIG, { data: second })
    expect(trades.length).toBeGreaterThan(0)
    second.close()
    const error = await failureOf(() => attachDataset(second.token))
    expect(error).toMatchObject({ code: 'ARG_INVALID', category: 'usage' })
    expect(error.message).toContain(second.token)
    expect(error.hint).toBeDefined()
  })
})

describe('A dataset', () => {
  it('that is closed cannot be used any more', async () => {
    const data = smallDataset([
      [1.1, 1.101, 1.099, 1.1],
      [1.1, 1.101, 1.099, 1.1],
    ])
    data.close()
    data.close()
    expect(await failureOf(() => data.series('M5'))).toMatchObject({ code: 'ARG_INVALID' })
    expect(
      await failureOf(() => runBacktest(EXAMPLE, { data, strategy: signals({ direction: new Int8Array(2) }) })),
    ).toMatchObject({
      code: 'ARG_INVALID',
    })
  })

  it.each([0, 1, 5])('that is closed %i ms after the call of a run serves that run to its end', async (ms) => {
    const data = await loadDataset({ symbol: 'EURUSD', timeframes: ['M15'], root })
    const pending = runBacktest(CONFIG, { data })
    if (ms > 0) await wait(ms)
    data.close()
    expect((await pending).trades.length).toBeGreaterThan(0)
    expect(await failureOf(() => attachDataset(data.token))).toMatchObject({ code: 'ARG_INVALID' })
  })

  it('hands out the candles that it was given', () => {
    const time = BigInt64Array.of(0n, 300_000_000_000n)
    const [open, high, low, close] = [
      Float64Array.of(1.1, 1.2),
      Float64Array.of(1.3, 1.4),
      Float64Array.of(1, 1.1),
      Float64Array.of(1.2, 1.3),
    ]
    const volume = Float64Array.of(3, 4)
    using data = createDataset({ symbol: 'eurusd', series: { M5: { time, bid: { open, high, low, close, volume } } } })
    expect(data).toMatchObject({ symbol: 'EURUSD', quotes: 'single', timeframes: ['M5'] })
    const series = data.series('M5')
    expect(series.ask).toBeUndefined()
    expect(series.time).toEqual(time)
    expect(series.bid.close).toEqual(close)
    expect(series.bid.volume).toEqual(volume)
    expect(data.series('M5').bid.open).toBe(series.bid.open)
  })
})

describe('Many runs at once', () => {
  it('leave the event loop free', { retry: 3 }, async () => {
    await runBacktest(CONFIG, { data: root })
    const gaps: number[] = []
    let last = performance.now()
    const timer = setInterval(() => {
      gaps.push(performance.now() - last)
      last = performance.now()
    }, 1)
    const start = last
    await Promise.all(Array.from({ length: 40 }, () => runBacktest(CONFIG, { data: root })))
    clearInterval(timer)
    // The work is done elsewhere: no pause of the main thread comes near the time that it takes.
    expect(gaps.length).toBeGreaterThan(10)
    expect(Math.max(...gaps)).toBeLessThan((performance.now() - start) / 2)
  })

  it('run from a rejection as well as from a result', async () => {
    const data = smallDataset([
      [1.1, 1.101, 1.099, 1.1],
      [1.1, 1.101, 1.099, 1.1],
    ])
    const direction = Int8Array.of(1, 0)
    const options = { data, strategy: signals({ direction }), costs: NO_COSTS, symbolSpecs: SPECS }
    const [bad, good] = await Promise.allSettled([
      runBacktest({ ...EXAMPLE, symbol: 'GBPUSD' }, options),
      runBacktest(EXAMPLE, options),
    ])
    expect(bad.status).toBe('rejected')
    expect(good.status).toBe('fulfilled')
  })
})
