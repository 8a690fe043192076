import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type BacktestResult, importData, readArtifact, runBacktest, toPlainJson } from '@omega/native'
import { beforeAll, describe, expect, it } from 'vitest'
import { parseArtifactJson, stringifyArtifact } from '../api/artifacts/json.ts'
import { isoOf } from '../api/artifacts/meta.ts'
import { csvRows, NAMES, schemaErrors } from './artifact-files.ts'
import { at, dig, entriesOf, HAS_REAL, real, tempFolder } from './support.ts'

describe.skipIf(!HAS_REAL)('The artifacts of a run on real candles', () => {
  let result: BacktestResult
  let dir: string

  beforeAll(async () => {
    const root = tempFolder()
    const files = { bid: real('EURUSD_H1_BID.csv.gz'), ask: real('EURUSD_H1_ASK.csv.gz') }
    await importData({ symbol: 'EURUSD', timeframe: 'H1', ...files, root })
    const config = {
      schema_version: '2',
      strategy_name: 'mean_reversion_z_score',
      symbol: 'EURUSD',
      start_date: '2010-01-01',
      end_date: '2012-12-31',
      run_mode: 'dev',
      data_mode: 'candle',
      timeframes: { primary: 'H1' },
      strategy_parameters: { enabled_scenarios: [1] },
    } as const
    result = await runBacktest(config, { data: root, outputDir: tempFolder() })
    dir = result.output?.dir ?? ''
    expect(result.trades.length).toBeGreaterThan(50)
  })

  const text = (name: string) => readFileSync(join(dir, name), 'utf8')
  /** Trades as plain JSON; their nanoseconds are whole seconds and survive. */
  const trades = (): Record<string, unknown>[] => JSON.parse(text('trades.json'))

  it('are four files, a manifest and a log', () => {
    expect(entriesOf(dir)).toEqual(NAMES)
    expect(result.output).toEqual({ dir, written: true, files: NAMES })
    const root = join(dir, '..', '..')
    expect(entriesOf(root)).toEqual(['backtests', 'logs', 'manifests'])
    expect(entriesOf(join(root, 'backtests'))).toEqual([result.runId])
    expect(entriesOf(join(root, 'manifests'))).toEqual([`${result.manifestSha256}.json`])
  })

  it.each(['trades', 'metrics', 'meta'])('%s.json is valid against its schema', (name) => {
    expect(schemaErrors(name, JSON.parse(text(`${name}.json`)))).toEqual([])
  })

  it.each(['trades', 'metrics', 'meta'])(
    '%s.json is printed as the contract says: sorted keys, two spaces, one newline',
    (name) => {
      const file = text(`${name}.json`)
      expect(stringifyArtifact(parseArtifactJson(file))).toBe(file)
    },
  )

  it('equity.csv has the header, the format and ascending stamps of the contract', () => {
    const rows = csvRows(text('equity.csv'))
    expect(schemaErrors('equity', rows)).toEqual([])
    expect(rows.length - 1).toBe(dig(result.meta, 'run', 'bars_processed'))
    let before = -1n
    for (const [iso, ns] of rows.slice(1)) {
      const stamp = BigInt(ns ?? '')
      if (stamp <= before) expect.fail(`${iso} does not ascend`)
      if (iso !== `${new Date(Number(stamp / 1_000_000n)).toISOString().slice(0, 19)}Z`)
        expect.fail(`${iso} is not ${ns}`)
      before = stamp
    }
    expect(at(at(rows, 1), 1)).toBe(String(dig(result.meta, 'dataset', 'start_time_ns')))
    expect(String(before)).toBe(String(dig(result.meta, 'dataset', 'end_time_ns')))
  })

  it('equity.csv holds the columns of the result rounded to six decimals', () => {
    // Independent: Number.toFixed is exact decimal rounding; a value whose exact decimal lies on a half may differ by 1e-6.
    const { equity, balance, drawdown, high_water } = result.equity.columns
    for (const [i, row] of csvRows(text('equity.csv')).slice(1).entries()) {
      for (const [k, column] of [equity, balance, drawdown, high_water].entries()) {
        if (Math.abs(Number(row[k + 2]) - at(column, i)) > 5.1e-7)
          expect.fail(`row ${i}: ${row[k + 2]} is not ${column[i]}`)
      }
    }
  })

  it('drawdown and high water follow from equity', () => {
    const { equity, drawdown, high_water } = result.equity.columns
    let high = 10_000
    for (let i = 0; i < result.equity.length; i += 1) {
      high = Math.max(high, at(equity, i))
      expect(at(high_water, i)).toBe(high)
      expect(at(drawdown, i)).toBeCloseTo((high - at(equity, i)) / high, 12)
    }
  })

  it('the books balance: profit, fees, last equity and final balance', () => {
    const { equity, balance } = result.equity.columns
    let [gross, fees] = [0, 0]
    for (const trade of result.trades) {
      gross += trade.result
      fees += trade.entry_fee + trade.exit_fee
    }
    const last = result.equity.length - 1
    expect(result.metrics.profit_gross).toBeCloseTo(gross, 2)
    expect(result.metrics.fees_total).toBeCloseTo(fees, 2)
    expect(result.metrics.profit_net).toBeCloseTo(gross - fees, 2)
    expect(at(equity, last)).toBe(at(balance, last))
    expect(at(balance, last)).toBeCloseTo(10_000 + gross - fees, 6)
  })

  it('R can be recomputed from the file', () => {
    const list = trades()
    const r = list.map((trade) => Number(trade.result) / Number(trade.risk))
    expect(list.every((trade) => trade.risk === 100)).toBe(true)
    // Metrics in R are rounded to six decimals.
    expect(result.metrics.avg_r_multiple).toBeCloseTo(r.reduce((sum, x) => sum + x, 0) / r.length, 6)
    for (const trade of list) {
      const [entry, exit, stop] = [Number(trade.entry_price), Number(trade.exit_price), Number(trade.initial_stop_loss)]
      const d = trade.direction === 'long' ? 1 : -1
      expect(trade.r_multiple).toBe(((exit - entry) * d) / Math.abs(entry - stop))
    }
  })

  it('every metric has a definition, and the counts follow from the trades', () => {
    const { metrics, definitions } = result
    expect(Object.keys(metrics).sort()).toEqual(Object.keys(definitions).sort())
    const list = [...result.trades]
    const [wins, losses] = [list.filter((t) => t.result > 0), list.filter((t) => t.result < 0)]
    const sum = (part: typeof list) => part.reduce((total, t) => total + t.result, 0)
    expect(metrics.total_trades).toBe(list.length)
    expect(metrics.wins).toBe(wins.length)
    expect(metrics.losses).toBe(losses.length)
    expect(metrics.win_rate).toBeCloseTo(wins.length / list.length, 6)
    expect(metrics.profit_factor).toBeCloseTo(sum(wins) / -sum(losses), 6)
    expect(metrics.avg_win).toBeCloseTo(sum(wins) / wins.length, 2)
    expect(metrics.avg_loss).toBeCloseTo(-sum(losses) / losses.length, 2)
    expect(metrics.largest_win).toBeCloseTo(Math.max(...wins.map((t) => t.result)), 2)
    expect(metrics.max_drawdown).toBeCloseTo(Math.max(...result.equity.columns.drawdown), 6)
    expect(metrics.active_days).toBe(new Set(list.map((t) => t.entry_time.toISOString().slice(0, 10))).size)
  })

  it('trades are what the table says, ascending in exit time, with a reason and its meta', () => {
    const list = trades()
    expect(list.length).toBe(result.trades.length)
    let before = 0n
    for (const [i, trade] of list.entries()) {
      const row = result.trades.row(i)
      expect(trade).toMatchObject({
        position_id: row.position_id,
        direction: row.direction,
        entry_price: row.entry_price,
        exit_price: row.exit_price,
        size: row.size,
        result: row.result,
        reason: row.reason,
        scenario_id: 1,
        symbol: 'EURUSD',
        meta: result.trades.meta(i),
        entry_time: isoOf(row.entry_time_ns),
        exit_time: isoOf(row.exit_time_ns),
      })
      expect(row.exit_time_ns).toBeGreaterThanOrEqual(before)
      before = row.exit_time_ns
    }
  })

  it('meta.json says what ran on what', async () => {
    const meta = await readArtifact(join(dir, 'meta.json'))
    expect(meta).toMatchObject({
      contract_version: '1.0',
      run_id: result.runId,
      engine: { name: 'omega-v2' },
      config: { hash: result.configHash, source: 'object' },
      strategy: { name: 'mean_reversion_z_score', form: 'registered' },
      dataset: { symbol: 'EURUSD', timeframe: 'H1', manifest_sha256: result.manifestSha256, quotes: 'bid_ask' },
      run: { trades: result.trades.length, open_positions: 0, market_fill: 'signal_close', rng_seed_effective: '42' },
    })
    // The first hour of 2010 in the file is 2010-01-03T22:00Z, Sunday evening.
    expect(dig(meta, 'dataset', 'start_time')).toBe('2010-01-03T22:00:00Z')
    const ns = dig(meta, 'generated_at_ns')
    expect(typeof ns).toBe('bigint')
    expect(dig(meta, 'generated_at')).toBe(isoOf(typeof ns === 'bigint' ? ns : 0n))
  })

  it('the manifest lists the files of the run under the hash of their hashes', async () => {
    const manifest = await readArtifact(join(dir, '..', '..', 'manifests', `${result.manifestSha256}.json`))
    const inputs = dig(manifest, 'inputs')
    expect(
      Array.isArray(inputs) && inputs.map((input: unknown) => `${dig(input, 'kind')} ${dig(input, 'path')}`),
    ).toEqual([
      'market_parquet_ask EURUSD/EURUSD_H1_ASK.parquet',
      'market_parquet_bid EURUSD/EURUSD_H1_BID.parquet',
      'execution_costs_yaml execution_costs.yaml',
      'symbol_specs_yaml symbol_specs.yaml',
    ])
    expect(dig(manifest, 'manifest_version')).toBe(1)
    expect(dig(manifest, 'manifest_sha256')).toBe(result.manifestSha256)
  })

  it('a result becomes plain JSON without loss of its nanoseconds', () => {
    const plain: unknown = JSON.parse(JSON.stringify(toPlainJson(result)))
    expect(dig(plain, 'runId')).toBe(result.runId)
    expect(dig(plain, 'meta', 'dataset', 'start_time_ns')).toBe(String(dig(result.meta, 'dataset', 'start_time_ns')))
    expect(dig(plain, 'trades', 0, 'entry_time_ns')).toBe(String(result.trades.row(0).entry_time_ns))
    expect(dig(plain, 'trades', 'length')).toBe(result.trades.length)
    expect(dig(plain, 'equity', 'length')).toBe(result.equity.length)
    expect(dig(plain, 'metrics', 'profit_net')).toBe(result.metrics.profit_net)
  })
})
