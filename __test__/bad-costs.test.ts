import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runBacktest, safeRunBacktest } from '@omega/native'
import { describe, expect, it } from 'vitest'
import { command, RUN, refused, smallRoot } from './refusal.ts'
import { dig, entriesOf, failureOf, filesOf, omegaJson, SPECS, tempFolder } from './support.ts'

describe('Costs, specifications and rates', () => {
  const file = (text: string, name = 'costs.yaml') => {
    const path = join(tempFolder(), name)
    writeFileSync(path, text)
    return path
  }

  it('that are not YAML are told with line and column', async () => {
    const error = await refused({}, { costs: file('defaults:\n  per_lot: [1, 2\n  side: both\n') })
    expect(error).toMatchObject({ code: 'costs_invalid', category: 'execution' })
    expect(error.message).toMatch(/costs\.yaml.*line \d+, column \d+/)
  })

  it.each([
    ['a negative fee', 'defaults: { schema: per_lot, per_lot: -2.5 }', ['per_lot', '-2.5']],
    ['a fee that is text', 'defaults: { schema: per_lot, per_lot: much }', ['per_lot', 'much']],
    ['an unknown model', 'defaults: { slippage: { model: gaussian } }', ['slippage.model', 'gaussian']],
    ['an unknown schema', 'defaults: { schema: per_share }', ['schema', 'per_share']],
    ['a list for a map', 'defaults: [1]', ['defaults']],
    ['tiers that are missing', 'defaults: { schema: tiered }', ['tiers']],
    [
      'tiers that do not ascend',
      'defaults: { schema: tiered, tiers: [{ volume_from: 0, per_lot: 3 }, { volume_from: 0, per_lot: 2 }] }',
      ['tiers[1].volume_from', '0'],
    ],
    ['an ATR over no bar', 'defaults: { slippage: { model: volatility, atr_period: 0 } }', ['atr_period', '0']],
    ['fees without a schema', 'defaults: { per_lot: 2.5 }', ['schema']],
    ['an alias to nothing', 'defaults: *standard', ['standard']],
    ['a key that occurs twice', 'defaults: { per_lot: 1, per_lot: 2 }', ['line 1']],
  ])('with %s are costs_invalid and name the key', async (_, yaml, says) => {
    const error = await refused({}, { costs: file(yaml) })
    expect(error.code).toBe('costs_invalid')
    for (const part of says) expect(error.message).toContain(part)
    expect(`${error.message} ${error.hint}`).toContain('costs.yaml')
    expect(error.hint).toBeDefined()
  })

  it('without the symbol are symbol_spec_missing and guess nothing', async () => {
    const error = await refused({}, { symbolSpecs: file('GBPUSD: { contract_size: 100000 }', 'specs.yaml') })
    expect(error).toMatchObject({ code: 'symbol_spec_missing', category: 'execution' })
    expect(error.message).toContain('EURUSD')
    expect(error.message).toContain('specs.yaml')
  })

  it('with a wrong symbol are symbol_spec_invalid and name the key', async () => {
    const error = await refused({}, { symbolSpecs: { EURUSD: { ...SPECS.EURUSD, tick_size: 0 } } })
    expect(error.code).toBe('symbol_spec_invalid')
    expect(error.message).toContain('tick_size')
  })

  it('without a path to the account currency are fx_path_missing and name the remedies', async () => {
    const error = await refused({ account: { account_currency: 'CHF' } })
    expect(error.code).toBe('fx_path_missing')
    expect(error.message).toContain('CHF')
    expect(error.hint).toContain('static_rates')
    expect(error.hint).toContain('account_currency')
  })

  it('in a file that does not exist are named, and end the command line with 2', async () => {
    const error = await refused({}, { costs: 'no-such-costs.yaml' })
    expect(error.code).toBe('costs_file_missing')
    expect(error.message).toContain('no-such-costs.yaml')
    for (const flag of ['--costs', '--symbol-specs', '--fx-rates']) {
      const { status, left } = command({}, flag, 'no-such.yaml')
      expect([flag, status, left]).toEqual([flag, 2, []])
    }
  })
})

describe('Numbers beyond measure', () => {
  it('are an error with a code, never a wrong figure', async () => {
    for (const account of [
      { initial_balance: 1e308, account_currency: 'USD' },
      { initial_balance: 10_000, risk_per_trade: 1e308, account_currency: 'USD' },
      { initial_balance: 5e-324, account_currency: 'USD' },
    ]) {
      const outcome = await safeRunBacktest({ ...RUN, account }, { data: smallRoot() })
      if (!outcome.ok) {
        expect(outcome.error.code).toMatch(/^(non_finite_value|accounting_inconsistent)$/)
        continue
      }
      for (const value of outcome.result.equity.columns.equity)
        if (!Number.isFinite(value)) expect.fail(`equity ${value}`)
      for (const value of Object.values(outcome.result.metrics))
        expect(value === null || Number.isFinite(value)).toBe(true)
    }
  })

  it('in slippage stop the run when a fill price would not be positive', async () => {
    const costs = { defaults: { slippage: { model: 'fixed', fixed_pips: 1e6 } } }
    const error = await refused({}, { costs })
    expect(error).toMatchObject({ code: 'non_positive_fill_price', category: 'execution' })
    expect(error.hint).toBeDefined()
  })
})

describe('A folder that cannot be written', () => {
  it('is OUT_WRITE or MAN_WRITE and leaves what was there', async () => {
    const folder = tempFolder()
    const file = join(folder, 'out')
    writeFileSync(file, 'a file in the way')
    const error = await failureOf(() => runBacktest(RUN, { data: smallRoot(), outputDir: file }))
    expect(error.code).toMatch(/^(OUT_WRITE|MAN_WRITE)$/)
    expect(error.message).toContain(file)
    expect([...filesOf(folder)]).toEqual([['out', 'a file in the way']])

    const other = tempFolder()
    writeFileSync(join(other, 'backtests'), 'in the way')
    expect(await failureOf(() => runBacktest(RUN, { data: smallRoot(), outputDir: other }))).toMatchObject({
      code: 'OUT_WRITE',
    })
    const { status } = command({}, '--out', join(other, 'backtests'))
    expect(status).toBe(1)
  })
})

describe('The same command twice', () => {
  it('keeps the folder of the first and says so', () => {
    const folder = tempFolder()
    writeFileSync(join(folder, 'config.json'), JSON.stringify(RUN))
    const once = () => omegaJson(['run', 'config.json', '--data-root', smallRoot(), '--out', 'out'], { cwd: folder })
    const [first, second] = [once(), once()]
    expect([first.status, second.status]).toEqual([0, 0])
    expect(dig(first.document, 'data', 'output', 'written')).toBe(true)
    expect(dig(second.document, 'data', 'output', 'written')).toBe(false)
    expect(entriesOf(join(folder, 'out', 'backtests'))).toEqual([dig(first.document, 'data', 'runId')])
  })
})
