import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BacktestConfigInput, type BacktestResult, type RunOptions, runBacktest, signals } from '@omega/native'
import { afterEach, describe, expect, it } from 'vitest'
import { parseArtifactJson } from '../api/artifacts/json.ts'
import { NAMES, schemaErrors } from './artifact-files.ts'
import { command } from './refusal.ts'
import {
  dig,
  EXAMPLE,
  entriesOf,
  failureOf,
  MONDAY_NS,
  NO_COSTS,
  omega,
  omegaJson,
  PER_LOT,
  SPECS,
  smallDataset,
  tempFolder,
} from './support.ts'

const changed = ['OMEGA_LOG', 'OMEGA_LOG_DIR', 'RUST_LOG'] as const
const before = changed.map((name) => process.env[name])
for (const name of changed) delete process.env[name]

afterEach(() => {
  for (const [i, name] of changed.entries()) {
    const value = before[i]
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
})

const DATA = () =>
  smallDataset([
    [1.1, 1.1005, 1.0998, 1.1002],
    [1.1002, 1.102, 1.099, 1.1015],
    [1.1015, 1.1043, 1.101, 1.104],
    [1.104, 1.1042, 1.1036, 1.1038],
  ])

/** Example 1 of the execution rules, and a second signal on bar 1 that finds the only slot taken. */
async function example(options: RunOptions = {}, config: Partial<BacktestConfigInput> = {}): Promise<BacktestResult> {
  const strategy = signals({
    direction: Int8Array.of(1, 1, 0, 0),
    stopLoss: Float64Array.of(1.0983, 1.0983, 0, 0),
    takeProfit: Float64Array.of(1.1043, 1.1043, 0, 0),
  })
  const given = { data: DATA(), strategy, costs: PER_LOT, symbolSpecs: SPECS }
  return runBacktest({ ...EXAMPLE, ...config }, { ...given, ...options })
}

/** Records of a JSON Lines file. */
function records(file: string): Record<string, unknown>[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  return lines.map((line) => Object(parseArtifactJson(line)))
}

/** The same without their times. */
function timeless(list: readonly Record<string, unknown>[]): unknown[] {
  return list.map((record) => ({ ...record, time: undefined, time_ns: undefined }))
}

describe('The log of a run', () => {
  it('is three files below the output root: people, programs, and this layer', async () => {
    const outputDir = tempFolder()
    const { runId } = await example({ outputDir })
    const logs = join(outputDir, 'logs')
    expect(entriesOf(logs)).toEqual([`${runId}.jsonl`, `${runId}.log`, `${runId}.node.log`])
    const list = records(join(logs, `${runId}.jsonl`))
    expect(list.map((record) => record.message)).toEqual([
      'run begins',
      'candles loaded',
      'window cut',
      'strategy bound',
      'bars traded',
      'metrics computed',
    ])
    // output.md 8: what every record has.
    const components = ['config', 'data_load', 'indicators', 'execution', 'metrics', 'output']
    let previous = 0n
    for (const record of list) {
      expect(record).toMatchObject({ run_id: runId, symbol: 'EURUSD', timeframe: 'M5', level: 'info' })
      expect(typeof record.strategy_name).toBe('string')
      expect(components).toContain(record.component)
      expect(['init', 'loop', 'finalize']).toContain(record.phase)
      const time = BigInt(String(record.time_ns))
      expect(time).toBeGreaterThanOrEqual(previous)
      expect(String(record.time).slice(0, 19)).toBe(new Date(Number(time / 1_000_000n)).toISOString().slice(0, 19))
      previous = time
    }
    // The two streams of the core say the same.
    const lines = readFileSync(join(logs, `${runId}.log`), 'utf8')
      .trimEnd()
      .split('\n')
    expect(lines.length).toBe(list.length)
    for (const [i, line] of lines.entries()) {
      expect(line).toContain(`${list[i]?.component}/${list[i]?.phase}: ${list[i]?.message}`)
      expect(line).toContain(`[${runId} `)
    }
    expect(readFileSync(join(logs, `${runId}.node.log`), 'utf8')).toContain('artifacts are there')
  })

  it('says the same for the same run, but for the times, and is appended to', async () => {
    const outputDir = tempFolder()
    const { runId } = await example({ outputDir, logLevel: 'trace' })
    const file = join(outputDir, 'logs', `${runId}.jsonl`)
    const once = records(file)
    await example({ outputDir, logLevel: 'trace' })
    const twice = records(file)
    expect(twice.length).toBe(2 * once.length)
    expect(timeless(twice)).toEqual([...timeless(once), ...timeless(once)])
  })

  it('tells every position and refusal with debug', async () => {
    const outputDir = tempFolder()
    const { runId } = await example({ outputDir, logLevel: 'debug' })
    const events = records(join(outputDir, 'logs', `${runId}.jsonl`)).filter((record) => record.level === 'debug')
    expect(events.map(({ message, bar_index }) => [message, bar_index])).toEqual([
      ['position opened', 0],
      ['order refused', 1],
      ['position closed', 2],
    ])
    expect(events[0]).toMatchObject({ direction: 'long', order_id: 1, price: 1.1003 })
    expect(events[1]).toMatchObject({ code: 'max_positions_reached', order_id: 2 })
    expect(events[2]).toMatchObject({ reason: 'take_profit', price: 1.1043 })
  })

  it('has only what is wrong in prod, and no file if nothing is', async () => {
    const outputDir = tempFolder()
    await example({ outputDir }, { run_mode: 'prod' })
    expect(entriesOf(join(outputDir, 'logs'))).toEqual([])
    // Bars of five minutes that lie a day apart: more than 5 % of the expected ones are missing.
    const days = [0, 1_440, 2_880, 4_320]
    const data = smallDataset(
      days.map(() => [1.1, 1.1, 1.1, 1.1]),
      0.0001,
      days,
    )
    const { runId, warnings } = await example({ outputDir, data }, { run_mode: 'prod' })
    const told = records(join(outputDir, 'logs', `${runId}.jsonl`))
    expect(told.length).toBeGreaterThan(0)
    for (const record of told) {
      expect(record.level).toBe('warn')
      expect(warnings.map((warning) => warning.code)).toContain(record.code)
    }
  })

  it('changes nothing in the result and its files', async () => {
    const [silent, loud] = [tempFolder(), tempFolder()]
    const [a, b] = [
      await example({ outputDir: silent, logLevel: 'off' }),
      await example({ outputDir: loud, logLevel: 'trace' }),
    ]
    expect(entriesOf(silent)).toEqual(['backtests', 'manifests'])
    expect([a.runId, a.metrics]).toEqual([b.runId, b.metrics])
    for (const name of ['equity.csv', 'trades.json', 'metrics.json']) {
      expect(readFileSync(join(a.output?.dir ?? '', name), 'utf8')).toBe(
        readFileSync(join(b.output?.dir ?? '', name), 'utf8'),
      )
    }
    expect(entriesOf(b.output?.dir ?? '')).toEqual(NAMES)
  })

  it('holds no seed and no text of the configuration beyond the allow-list', async () => {
    const outputDir = tempFolder()
    const config = { rng_seed: 987_654_321, account: { account_currency: 'USD', initial_balance: 34_567 } } as const
    const untyped: Partial<BacktestConfigInput> = Object.assign({ secret_key: 'secret-value' }, config)
    const { runId, warnings } = await example({ outputDir, logLevel: 'trace' }, untyped)
    expect(warnings.some((warning) => warning.code === 'CFG_W_UNKNOWN_KEY')).toBe(true)
    const logs = join(outputDir, 'logs')
    const text = entriesOf(logs)
      .map((name) => readFileSync(join(logs, name), 'utf8'))
      .join('')
    expect(text).toContain(runId)
    for (const secret of ['987654321', '34567', 'secret']) expect(text).not.toContain(secret)
  })

  it('goes where logDir or OMEGA_LOG_DIR says', async () => {
    const [outputDir, logDir, other] = [tempFolder(), tempFolder(), tempFolder()]
    await example({ outputDir, logDir })
    expect(entriesOf(logDir).length).toBe(3)
    process.env.OMEGA_LOG_DIR = other
    await example({ outputDir })
    expect(entriesOf(other).length).toBe(3)
    expect(entriesOf(outputDir)).toEqual(['backtests', 'manifests'])
  })

  it('follows OMEGA_LOG, then a plain level in RUST_LOG', async () => {
    const levelsIn = async () => {
      const outputDir = tempFolder()
      const { runId } = await example({ outputDir })
      return new Set(records(join(outputDir, 'logs', `${runId}.jsonl`)).map((record) => record.level))
    }
    process.env.RUST_LOG = 'hyper=trace,debug'
    expect(await levelsIn()).toEqual(new Set(['info', 'debug']))
    process.env.OMEGA_LOG = 'INFO'
    expect(await levelsIn()).toEqual(new Set(['info']))
    process.env.OMEGA_LOG = 'loud'
    const error = await failureOf(() => example({ outputDir: tempFolder() }))
    expect(error).toMatchObject({ code: 'ARG_INVALID', details: { variable: 'OMEGA_LOG', received: 'loud' } })
    expect(error.hint).toContain('OMEGA_LOG')
  })

  it('is not written without an output root', async () => {
    const logDir = tempFolder()
    expect(await failureOf(() => example({ logDir }))).toMatchObject({ code: 'ARG_INVALID', category: 'usage' })
    process.env.OMEGA_LOG_DIR = logDir
    expect((await example()).output).toBeNull()
    expect(entriesOf(logDir)).toEqual([])
  })

  it('that cannot be written is a warning, and the run is good', async () => {
    const outputDir = tempFolder()
    writeFileSync(join(outputDir, 'logs'), 'a file in the way')
    const result = await example({ outputDir })
    expect(result.output?.written).toBe(true)
    expect(result.warnings.filter((warning) => warning.code === 'OUT_W_LOG').length).toBe(1)
  })
})

describe('The log of a run that fails', () => {
  it('has a name of its own and ends with the code', async () => {
    const outputDir = tempFolder()
    const config = {
      ...EXAMPLE,
      strategy_name: 'mean_reversion_z_score',
      strategy_parameters: { enabled_scenarios: [1] },
    }
    const options = { data: tempFolder(), outputDir, symbolSpecs: SPECS, costs: NO_COSTS }
    const error = await failureOf(() => runBacktest(config, options))
    expect(error.code).toBe('DATA_FILE_NOT_FOUND')
    const names = entriesOf(join(outputDir, 'logs'))
    expect(entriesOf(outputDir)).toEqual(['logs'])
    const [stem = ''] = /^failed-\d{8}T\d{6}Z-[0-9a-f]{8}/.exec(names[0] ?? '') ?? []
    expect(names).toEqual([`${stem}.jsonl`, `${stem}.log`, `${stem}.node.log`])
    const last = records(join(outputDir, 'logs', `${stem}.jsonl`)).at(-1)
    expect(last).toMatchObject({ level: 'error', component: 'data_load', code: 'DATA_FILE_NOT_FOUND', run_id: stem })
  })

  it('stands under the run id once there is one', async () => {
    const outputDir = tempFolder()
    const { runId, output } = await example({ outputDir, logLevel: 'off' })
    writeFileSync(join(output?.dir ?? '', 'metrics.json'), '{}')
    expect((await failureOf(() => example({ outputDir }))).code).toBe('OUT_NOT_REPRODUCIBLE')
    expect(entriesOf(join(outputDir, 'logs'))).toContain(`${runId}.node.log`)
    const text = readFileSync(join(outputDir, 'logs', `${runId}.node.log`), 'utf8')
    expect(text).toMatch(/ERROR .* output\/finalize: run failed .*OUT_NOT_REPRODUCIBLE/)
  })

  it('is not written for what is refused before the run, nor for a cancelled run', async () => {
    const outputDir = tempFolder()
    await failureOf(() => example({ outputDir }, { symbol: 'NOSUCH' }))
    const refusedBefore = entriesOf(outputDir)
    await failureOf(() => example({ outputDir }, { start_date: 'never' }))
    await failureOf(() => example({ outputDir, threads: 0 }))
    await failureOf(() => example({ outputDir }, { data_mode: 'tick' }))
    await failureOf(() => example({ outputDir, signal: AbortSignal.abort() }))
    expect(entriesOf(outputDir)).toEqual(refusedBefore)
  })
})

describe('entries.jsonl', () => {
  const logging = (mode: 'trades_only' | 'full') =>
    ({ logging: { enable_entry_logging: true, logging_mode: mode } }) as const

  it('has one line per signal that was accepted, or per signal', async () => {
    const outputDir = tempFolder()
    const trades = await example({ outputDir }, logging('trades_only'))
    const full = await example({ outputDir }, logging('full'))
    expect(trades.runId).not.toBe(full.runId)
    expect(entriesOf(full.output?.dir ?? '')).toEqual(['entries.jsonl', ...NAMES])
    const lines = records(join(full.output?.dir ?? '', 'entries.jsonl'))
    // By hand: bar 0 fills, bar 1 finds the slot taken. The time is the open time of the bar.
    expect(lines).toMatchObject([
      { bar_index: 0, order_id: 1, accepted: true, reject_reason: null, direction: 'long', order_type: 'market' },
      { bar_index: 1, order_id: 2, accepted: false, reject_reason: 'max_positions_reached', stop_loss: 1.0983 },
    ])
    expect(lines[1]).toMatchObject({ time: '2024-01-08T00:05:00Z', time_ns: MONDAY_NS + 300_000_000_000n })
    expect(Object.keys(lines[0] ?? {})).toEqual([
      'accepted',
      'bar_index',
      'direction',
      'entry_price',
      'meta',
      'order_id',
      'order_type',
      'reject_reason',
      'scenario_id',
      'stop_loss',
      'take_profit',
      'time',
      'time_ns',
    ])
    expect(records(join(trades.output?.dir ?? '', 'entries.jsonl'))).toEqual([lines[0]])
  })

  it('has every numbered signal of a strategy, with what the strategy says', () => {
    const { status, document } = command({ logging: { enable_entry_logging: true, logging_mode: 'full' } })
    expect(status).toBe(0)
    const dir = String(dig(document, 'data', 'output', 'dir'))
    const lines = records(join(dir, 'entries.jsonl'))
    const trades: { order_id: number }[] = JSON.parse(readFileSync(join(dir, 'trades.json'), 'utf8'))
    expect(lines.length).toBeGreaterThan(trades.length)
    // Decision 13: all signals are numbered, whatever becomes of them.
    expect(lines.map((line) => line.order_id)).toEqual(lines.map((_, i) => i + 1))
    const accepted = lines.filter((line) => line.accepted).map((line) => line.order_id)
    expect(accepted).toEqual(trades.map((trade) => trade.order_id).sort((a, b) => a - b))
    const counts = dig(document, 'data', 'meta', 'run', 'rejection_counts')
    for (const [code, count] of Object.entries(Object(counts))) {
      expect(lines.filter((line) => line.reject_reason === code).length).toBe(count)
    }
    expect(lines.every((line) => dig(line, 'meta', 'scenario') !== undefined)).toBe(true)
    for (const line of readFileSync(join(dir, 'entries.jsonl'), 'utf8').trimEnd().split('\n')) {
      expect(schemaErrors('entries', JSON.parse(line))).toEqual([])
    }
  })

  it('is compared when the run is there already', async () => {
    const outputDir = tempFolder()
    const { output } = await example({ outputDir }, logging('full'))
    expect((await example({ outputDir }, logging('full'))).output?.written).toBe(false)
    writeFileSync(join(output?.dir ?? '', 'entries.jsonl'), '')
    const error = await failureOf(() => example({ outputDir }, logging('full')))
    expect(error).toMatchObject({ code: 'OUT_NOT_REPRODUCIBLE', details: { file: 'entries.jsonl' } })
  })
})

describe('profiling.json', () => {
  const profiled = { observability: { profiling_mode: true } } as const

  it('says how long the run took and how much it did, and the result says it too', async () => {
    const result = await example({ outputDir: tempFolder() }, profiled)
    const dir = result.output?.dir ?? ''
    expect(entriesOf(join(dir, 'profiling'))).toEqual(['profiling.json'])
    expect(result.output?.files).toContain('profiling/profiling.json')
    const content: unknown = JSON.parse(readFileSync(join(dir, 'profiling', 'profiling.json'), 'utf8'))
    expect(content).toEqual(result.profiling)
    expect(schemaErrors('profiling', content)).toEqual([])
    const metrics: Record<string, number> = Object(dig(content, 'metrics'))
    const definitions = Object(dig(content, 'definitions'))
    expect(Object.keys(metrics).sort()).toEqual(Object.keys(definitions).sort())
    // output.md 7: the spans, each in ms and ns; ms is the floor.
    let parts = 0
    for (const span of ['data_load', 'indicators', 'backtest', 'metrics', 'write']) {
      const [ms, ns] = [Number(metrics[`time_${span}_ms`]), Number(metrics[`time_${span}_ns`])]
      expect(Number.isInteger(ns) && ns >= 0).toBe(true)
      expect(ms).toBe(Math.floor(ns / 1e6))
      parts += ns
    }
    expect(metrics.time_write_ns).toBeGreaterThan(0)
    expect(metrics.wall_time_total_ns).toBeGreaterThanOrEqual(parts)
    expect(metrics.peak_rss_mb).toBeGreaterThan(10)
    expect(metrics).toMatchObject({ bars_processed: 4, trades_emitted: 1, orders_filled: 2 })
    expect(metrics.events_processed).toBeGreaterThan(0)
  })

  it('is absent without profiling, and present without files', async () => {
    expect((await example()).profiling).toBeNull()
    const { profiling } = await example({}, profiled)
    expect(profiling?.metrics).toMatchObject({ time_write_ns: 0, bars_processed: 4 })
  })

  it('is never compared, and profiling changes no figure', async () => {
    const outputDir = tempFolder()
    const first = await example({ outputDir }, profiled)
    expect((await example({ outputDir }, profiled)).output?.written).toBe(false)
    const plain = await example({ outputDir })
    expect(plain.metrics).toEqual(first.metrics)
    expect([...plain.trades]).toEqual([...first.trades])
  })

  it('goes with the folder when the run is replaced', async () => {
    const outputDir = tempFolder()
    const first = await example({ outputDir }, profiled)
    const again = await example({ outputDir, ifExists: 'replace' }, profiled)
    expect(again.output).toEqual(first.output)
  })
})

describe('omega --log-level', () => {
  it('prints the log on stderr and leaves stdout to the result', () => {
    const folder = tempFolder()
    mkdirSync(join(folder, 'd'))
    const demo = omegaJson(['--log-level', 'info', 'demo', '--out', 'd'], { cwd: folder })
    expect(demo.status).toBe(0)
    expect(demo.stderr).toMatch(
      / INFO {2}\[[0-9a-f]{16} mean_reversion_z_score EURUSD M15\] metrics\/finalize: metrics computed /,
    )
    expect(demo.stdout.trimStart().startsWith('{')).toBe(true)
    expect(omega(['demo', '--out', 'd', '--quiet', '--log-level', 'debug'], { cwd: folder }).stderr).toBe('')
  })

  it('refuses another word with 5', () => {
    const { status, stderr } = omega(['--log-level', 'loud', 'metrics'], { cwd: tempFolder() })
    expect(status).toBe(5)
    expect(stderr).toContain('loud')
  })
})
