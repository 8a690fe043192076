import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { indicators, listIndicators, listMetrics, listStrategies } from '@omega/native'
import { describe, expect, it } from 'vitest'
import { CODES, EXTENDED_METRICS, INDICATORS, METRICS, REJECTIONS, STRATEGIES } from '../api/catalogue.ts'
import { ISSUE_CODES, WARNING_CODES } from '../api/config/issue.ts'
import { dig, REPOSITORY } from './support.ts'

/** What the addon says about itself. */
function core(): Record<string, unknown> {
  const binding: { catalogue: () => { json: string } } = createRequire(import.meta.url)(
    join(REPOSITORY, 'dist', 'binding.cjs'),
  )
  return JSON.parse(binding.catalogue().json)
}

/** Source files below a folder with one of the endings. */
function sources(folder: string, ending: string): string[] {
  return readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending) && !name.includes('node_modules'))
    .map((name) => join(REPOSITORY, folder, name))
}

/** Every text literal in files that has the shape of a public code, with the file. */
function codesIn(files: readonly string[], quote: string): Map<string, string> {
  const shape = new RegExp(
    `${quote}((?:DATA|IMPORT|NEWS|CFG|CFG_W|DATA_W|STRAT|SIGNALS|IND|OUT|MAN|ARG|NATIVE|CONFIG|RUN|RULES)_[A-Z_]+)${quote}`,
    'g',
  )
  const found = new Map<string, string>()
  for (const file of files) {
    for (const [, code = ''] of readFileSync(file, 'utf8').matchAll(shape)) found.set(code, file)
  }
  return found
}

// Contract: TypeScript and the core know the same kinds, fields and codes.
describe('api/catalogue.ts', () => {
  it('is what the core says', () => {
    const { strategies, indicators: kinds, metrics, extendedMetrics, codes, rejections } = core()
    expect(STRATEGIES).toEqual(strategies)
    expect(INDICATORS).toEqual(kinds)
    expect(METRICS).toEqual(metrics)
    expect(EXTENDED_METRICS).toEqual(extendedMetrics)
    expect(CODES).toEqual(codes)
    expect(REJECTIONS).toEqual(rejections)
  })

  it('gives the lists: sorted, complete, described', () => {
    const { strategies, indicators: kinds, metrics, extendedMetrics } = core()
    const names = (list: unknown, key: string) =>
      Array.isArray(list) ? list.map((item: unknown) => dig(item, key)) : []
    expect(listStrategies().map((s) => s.name)).toEqual(names(strategies, 'name'))
    expect(listIndicators().map((i) => i.kind)).toEqual(names(kinds, 'kind'))
    expect(listMetrics().map((m) => m.key)).toEqual([...names(metrics, 'key'), ...names(extendedMetrics, 'key')])
    for (const list of [listStrategies().map((s) => s.name), listIndicators().map((i) => i.kind)]) {
      expect(list).toEqual([...list].sort())
      expect(new Set(list).size).toBe(list.length)
    }
    for (const { description, parameters } of [...listStrategies(), ...listIndicators()]) {
      expect(description.length).toBeGreaterThan(10)
      for (const parameter of parameters) expect(parameter.description.length).toBeGreaterThan(5)
    }
  })

  it('has the strategy and the metrics of the specification', () => {
    expect(listStrategies().map((s) => s.name)).toContain('mean_reversion_z_score')
    // Defaults as config.md 4 states them.
    const parameters = listStrategies().find((s) => s.name === 'mean_reversion_z_score')?.parameters ?? []
    const preset = (name: string) => parameters.find((p) => p.name === name)?.default
    expect([preset('ema_length'), preset('atr_length'), preset('b_b_length'), preset('window_length')]).toEqual([
      30, 14, 20, 100,
    ])
    expect([preset('z_score_long'), preset('z_score_short'), preset('atr_mult'), preset('std_factor')]).toEqual([
      -2.5, 2.5, 2, 2,
    ])
    expect([preset('htf_tf'), preset('htf_ema'), preset('extra_htf_tf'), preset('kalman_r')]).toEqual([
      'D1',
      100,
      'AUTO',
      0.01,
    ])
    // metrics.md 2 has 25 rows; its section 5 names 38 metrics, and decisions.md 28 adds one.
    const inFile = (file: string) => listMetrics().filter((m) => m.file === file).length
    expect([inFile('metrics.json'), inFile('metrics_extended.json')]).toEqual([25, 39])
  })

  it('gives every indicator as a function', () => {
    const camel = (name: string) => name.replace(/_([a-z])/g, (__, letter: string) => letter.toUpperCase())
    expect(Object.keys(indicators)).toEqual(listIndicators().map((i) => camel(i.kind)))
    expect([...indicators.sma([1, 2, 3, 4], { period: 2 })]).toEqual([Number.NaN, 1.5, 2.5, 3.5])
  })
})

describe('Public codes', () => {
  const table = new Set<string>(CODES.map(({ code }) => code))

  it('that the crates use stand in the one table', () => {
    const crates = readdirSync(join(REPOSITORY, 'crates'))
    const files = crates.flatMap((crate) => sources(join('crates', crate, 'src'), '.rs'))
    expect(files.length).toBeGreaterThan(80)
    const unknown = [...codesIn(files, '"')].filter(([code]) => !table.has(code))
    // Codes of TypeScript's own checks that the core only passes on or tests against.
    expect(
      unknown.filter(([code]) => !Object.hasOwn(ISSUE_CODES, code) && !Object.hasOwn(WARNING_CODES, code)),
    ).toEqual([])
  })

  it('that TypeScript raises are known: the table of the core, the issues of the configuration, and two of its own', () => {
    const own = ['CONFIG_INVALID', 'NATIVE_UNAVAILABLE']
    const known = (code: string) =>
      table.has(code) || own.includes(code) || Object.hasOwn(ISSUE_CODES, code) || Object.hasOwn(WARNING_CODES, code)
    const files = sources('api', '.ts').filter((file) => !file.endsWith('catalogue.ts'))
    expect([...codesIn(files, "'")].filter(([code]) => !known(code))).toEqual([])
    const raised = files.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/new OmegaError\('([A-Za-z_]+)'/g)].map(([, code]) => code ?? ''),
    )
    expect(raised.length).toBeGreaterThan(10)
    expect(raised.filter((code) => !known(code))).toEqual([])
  })

  it('of refused signals are those of the execution rules', () => {
    expect(REJECTIONS.map(({ code }) => code)).toEqual(
      expect.arrayContaining([
        'invalid_signal',
        'missing_stop_loss',
        'end_of_data',
        'account_depleted',
        'direction_not_allowed',
        'order_type_not_allowed',
        'session_closed',
        'cooldown',
        'max_positions_reached',
        'stop_loss_wrong_side',
        'take_profit_wrong_side',
        'stop_distance_below_minimum',
        'volume_below_minimum',
      ]),
    )
  })
})
