import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { REPOSITORY } from './support.ts'

// Every decision that is built and every worked example of the specification has a test that names it. What a test proves
// stands in the test; this page only keeps the names complete.

/** Decisions that are built whole. */
const BUILT = [
  2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 20, 21, 22, 23, 25, 28, 29, 30, 31, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
  45, 49, 50, 52, 53, 55,
]

/** Decisions of which a part is built, with what is missing. */
const PARTLY: Readonly<Record<number, string>> = {
  1: 'the report: only the summary of the command line shows repairs beside the net profit',
  11: 'the index of hashes and the columnar cache: every file is read and hashed in every run',
  18: 'updates, cancels, partial exits and OCO of strategies: only what their records would count for',
  27: 'the forms that can send both sides: rules and callbacks; the loop counts what a strategy reports',
  33: 'sweeps and their commands',
  44: 'columns of callbacks',
  47: 'STRAT_CALLBACK: callbacks',
  48: 'time.hour, time.minute and time.dayOfWeek with a zone: rules',
  51: 'RULES_…, COLUMN_…, SWEEP_…, opposite_close, oco: rules, callbacks, sweeps, opposite signals',
  56: 'named nodes of rules, declared ones of callbacks, drawing in reports',
}

/** Decisions of which nothing is built, with the reason. A test that names one of them makes this list wrong. */
const NOT_BUILT: Readonly<Record<number, string>> = {
  15: 'execution.market_fill next_open is refused (CFG_UNSUPPORTED)',
  16: 'execution.on_opposite is refused (CFG_UNSUPPORTED)',
  17: 'rules are a form of strategy to come',
  19: 'rules are a form of strategy to come',
  24: 'account.sizing equity_percent is refused (CFG_UNSUPPORTED)',
  26: 'sweeps are to come',
  32: 'sweeps are to come',
  46: 'position.* belongs to rules, which are to come',
  54: 'sweeps are to come',
}

/** The last decision there is. */
const LAST = 56

/** The tests of a file, without comment marks and line breaks; nothing if it has none. */
function testsOf(file: string): string {
  const text = readFileSync(join(REPOSITORY, file), 'utf8')
  // In a source file of a crate the tests follow the code.
  const tests = file.includes('/src/') ? text.slice(text.indexOf('#[cfg(test)]')) : text
  if (!/#\[test\]|\b(?:it|test)(?:\.\w+)*\(/.test(tests)) return ''
  return tests.replace(/\n\s*(?:\/\/[/!]?|\*)/g, ' ').replace(/\s+/g, ' ')
}

/** Files below a folder with an ending. The second engine in `oracle/` is no test of this one. */
function files(folder: string, ending: string): string[] {
  return readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name).replaceAll('\\', '/'))
    .filter((name) => name.endsWith(ending) && !/\/(?:target|oracle)\//.test(name))
    .sort()
}

const TESTS = new Map(
  [...files('crates', '.rs'), ...files('__test__', '.test.ts')]
    .filter((file) => file !== '__test__/decisions.test.ts')
    .filter((file) => !file.includes('/src/') || readFileSync(join(REPOSITORY, file), 'utf8').includes('#[cfg(test)]'))
    .map((file) => [file, testsOf(file)] as const)
    .filter(([, text]) => text !== ''),
)

/** The numbers in `decisions.md 21, 22`, `decisions.md 37 and 43`, `decisions.md 15 to 18`. */
function numbersIn(text: string): number[] {
  return [...text.matchAll(/\bdecisions\.md (\d+(?:(?:, | and | to )\d+)*)\b/g)].flatMap(([, list = '']) =>
    list.split(/, | and /).flatMap((part) => {
      const [first = 0, last = first] = part.split(' to ').map(Number)
      return Array.from({ length: last - first + 1 }, (_, i) => first + i)
    }),
  )
}

describe('The decisions', () => {
  const named = new Map<number, string[]>()
  for (const [file, text] of TESTS) {
    for (const number of new Set(numbersIn(text))) named.set(number, [...(named.get(number) ?? []), file])
  }
  const numbers = (list: Readonly<Record<number, string>>) => Object.keys(list).map(Number)

  it('are each built, partly built or not built', () => {
    const all = [...BUILT, ...numbers(PARTLY), ...numbers(NOT_BUILT)].sort((a, b) => a - b)
    expect(all).toEqual(Array.from({ length: LAST }, (_, i) => i + 1))
    for (const reason of Object.values({ ...PARTLY, ...NOT_BUILT })) expect(reason.length).toBeGreaterThan(15)
  })

  it('are read as they are written', () => {
    expect(numbersIn('decisions.md 21, 22 and execution.md 8.5')).toEqual([21, 22])
    expect(numbersIn('(decisions.md 37 and 43), decisions.md 15 to 18; decisions.md 5: a file')).toEqual([
      37, 43, 15, 16, 17, 18, 5,
    ])
    expect(numbersIn('decisions.md, execution.md 12')).toEqual([])
  })

  it('that are built have a test that names them', () => {
    expect(TESTS.size).toBeGreaterThan(100)
    const untested = [...BUILT, ...numbers(PARTLY)].filter((number) => !named.has(number))
    expect(untested).toEqual([])
  })

  it('that are named by a test exist and are built', () => {
    const known = new Set([...BUILT, ...numbers(PARTLY)])
    expect([...named].filter(([number]) => !known.has(number))).toEqual([])
  })
})

/** A worked example, table of numbers or test vector: its place, and the words by which a test in a file that names the place names it. */
type Example = readonly [place: string, name: RegExp]

/** One per number. */
function numbered(place: string, count: number, name: (number: number) => RegExp): Example[] {
  return Array.from({ length: count }, (_, i) => [place, name(i + 1)] as const)
}

const EXAMPLES: readonly Example[] = [
  ['data.md 4.4', /example 1\b/],
  ['data.md 4.4', /example 2\b/],
  ['data.md 6', /one week per row of the table/],
  ['data.md 10', /13 bars/],
  ['data.md 11', /fn the_vector_of_the_data_contract_holds/],
  ['config.md 5', /from the table of config\.md 5/],
  ['config.md 10', /test vector of config\.md 10/],
  ['config.md 12', /examples of config\.md 12/],
  ['config.md 14', /every row of the migration table/],
  ...numbered('config.md 6', 11, (rule) => new RegExp(`\\bR${rule}: `)),
  ['indicators.md 3.2', /table of indicators\.md 3\.2/],
  ...numbered('indicators.md 6', 9, (table) => new RegExp(`indicators\\.md (?:\\S+ and )?6\\.${table}\\b`)),
  ['execution.md 1.2', /fn the_first_published_golden_trade/],
  ['execution.md 1.3', /fn illustration_of_execution_md_1_3_in_a_run/],
  ['execution.md 2.1', /one line per rule of execution\.md 2\.1/i],
  ['execution.md 3.4', /fn the_trigger_table_holds/],
  ['execution.md 4.3', /execution\.md 4\.3, all nine/],
  ['execution.md 6.3', /everyday numbers of execution\.md 6\.3/i],
  ['execution.md 7.2', /fn the_first_closed_gate_is_reported/],
  ['execution.md 8.3', /execution\.md 8\.3: kill_switch 0/],
  ...numbered(
    'execution.md 12',
    14,
    (example) => new RegExp(`fn example_${example}_|execution\\.md 12, example ${example}(?!\\d)`),
  ),
  ...numbered(
    'execution.md 14',
    12,
    (invariant) => new RegExp(`\\binvariants? (?:\\d+ and )?${invariant}(?!\\d)`, 'i'),
  ),
  ['metrics.md 3', /fn the_table_of_the_specification/],
  ...numbered('metrics.md 7', 3, (example) => new RegExp(`metrics\\.md 7, example ${example}\\b`)),
  // The edge cases that section 7 lists.
  ...[
    'no_trades',
    'only_wins',
    'only_losses',
    'constant_equity',
    'one_bar_and_no_bar',
    'one_day_has_no_return',
    'equity_below_zero',
    'equity_never_above_the_start',
    'recovery_exactly_at_the_old_high',
  ].map((edge): Example => ['metrics.md 7', new RegExp(`\\bfn ${edge}\\(`)]),
  ['trategy specification 5.2', /The table of 5\.2/],
  ['trategy specification 5.3', /5\.3, both tables/],
  ['trategy specification 6.2', /6\.2, the table/],
  ['trategy specification 6.4', /6\.4: two bars after a signal on bar 10/],
  ['trategy specification 7.1.6', /fn the_vectors_of_the_strategy_specification/],
  // The canonical tests with their variants.
  ...['t1', 't1_s', 't2', 't3a', 't3b', 't4', 't5a', 't5b', 't5c', 't5d', 't5e', 't5f', 't6'].map(
    (test): Example => ['strategy specification 9.3', new RegExp(`\\bfn ${test}_`)],
  ),
  // The rows of the table of 9.4.
  ...[
    's1',
    's1_ask_atr',
    's1_target_behind_entry',
    's2',
    's3',
    's4_garch',
    's4_local',
    's5_label_block',
    's5_allowed_high',
    's5_hysteresis',
    's6_primary',
    's6_fail',
    'order',
    'shadow',
    'guards',
    'direction',
    'undefined',
  ].map((row): Example => ['specification 9.4', new RegExp(`\\bfn row_${row}\\(`)]),
]

/** Rows of execution.md 9 whose number is shown by no run of Omega V1: the test of each. */
const PARITY = [
  'a_timeout_costs_nothing',
  'a_timeout_counts_from_the_placement',
  'exits_of_one_bar_have_an_order',
  'triggers_are_not_limited_by_open_positions',
  'a_pending_fill_pays_no_slippage_and_an_exit_gains_it',
  'a_limit_order_is_not_improved_by_a_gap',
  'a_refused_signal_starts_the_cooldown',
  'a_slot_is_free_one_bar_later',
  'an_empty_account_goes_on',
  'the_end_of_the_data_closes_nothing',
  'levels_are_not_checked',
  'a_pending_order_may_have_its_stop_anywhere',
  'a_small_volume_is_raised',
]

describe('The worked examples', () => {
  it.each(EXAMPLES.map(([place, name]) => ({ place, name })))('$place, $name', ({ place, name }) => {
    const found = [...TESTS].filter(([, text]) => text.includes(place) && name.test(text)).map(([file]) => file)
    expect(found).not.toEqual([])
  })

  it('of execution.md 9 have a test each', () => {
    const text = TESTS.get('crates/backtest/tests/parity_rules.rs') ?? ''
    expect(text).toContain('execution.md 9')
    expect(PARITY.filter((name) => !text.includes(`fn ${name}()`))).toEqual([])
  })

  it('have no place that a test could name by accident', () => {
    // Every pattern fails on a text that names nothing but the place.
    for (const [place, name] of EXAMPLES) expect([place, name.test(`${place}.`)]).toEqual([place, false])
  })
})
