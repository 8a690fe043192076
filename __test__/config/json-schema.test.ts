import { Ajv, type ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { configJsonSchema } from '../../api/config/json-schema.ts'
import { isObject, type JsonObject } from '../../api/config/plain-json.ts'
import type { StrategyDescriptor } from '../../api/config/strategy-schema.ts'
import { issuesOf, minimal, parsed } from './support.ts'

const strategies: StrategyDescriptor[] = [
  {
    name: 'mean_reversion_z_score',
    text: 'Mean reversion.',
    parameters: [
      { name: 'atr_length', type: 'int', default: 14, min: 1, nullable: false, scope: 'direction', text: 'Period.' },
      {
        name: 'z_score_long',
        type: 'number',
        default: -2.5,
        max: 0,
        max_open: true,
        scope: 'direction',
        only: 'long',
        text: 'Z.',
      },
      {
        name: 'htf_filter',
        type: 'enum',
        default: 'both',
        choices: ['above', 'below'],
        scope: 'direction',
        text: 'Rule.',
      },
      {
        name: 'garch_omega',
        type: 'number',
        default: null,
        min: 0,
        nullable: true,
        scope: 'direction',
        text: 'Omega.',
      },
      {
        name: 'enabled_scenarios',
        type: 'list<int>',
        default: null,
        min: 1,
        max: 6,
        nullable: true,
        scope: 'global',
        text: 'Ids.',
      },
      { name: 'long', type: 'map', default: {}, scope: 'structure', text: 'Long only.' },
      { name: 'short', type: 'map', default: {}, scope: 'structure', text: 'Short only.' },
    ],
  },
]

const FLAVOURS = [false, true].flatMap((strict) =>
  (['draft-2020-12', 'draft-07'] as const).map((target) => ({ strict, target })),
)

function validator(options: { strict: boolean; target: 'draft-2020-12' | 'draft-07' }): ValidateFunction {
  const schema = configJsonSchema({ ...options, strategies })
  const ajv = options.target === 'draft-07' ? new Ajv({ allErrors: true }) : new Ajv2020({ allErrors: true })
  return ajv.compile(schema)
}

const SAMPLES = [
  minimal,
  parsed().config,
  parsed({
    sessions: [{ start: '07:00', end: '16:00', timezone: 'Europe/London' }],
    data: { quotes: 'single', spread_pips: 1 },
  }).config,
  { ...minimal, account: { sizing: { kind: 'fixed_lots', lots: 0.1 }, fx: { static_rates: { EURUSD: 1.1 } } } },
  { ...minimal, $schema: './x.json', _note: 1, account: { 'x-a': 1 }, trade_management: { rules: { _a: 1 } } },
  { ...minimal, trade_management: { rules: { break_even: { trigger: { mode: 'r', value: 1 } } } } },
  {
    ...minimal,
    strategy_parameters: { atr_length: 10, garch_omega: null, long: { z_score_long: -2 }, enabled_scenarios: [1] },
  },
  { ...minimal, strategy_name: 'another', strategy_parameters: { anything: 1 } },
]

const WRONG = [
  { ...minimal, symbol: undefined },
  { ...minimal, symbol: 'eurusd' }, // not canonical
  { ...minimal, run_mode: 'live' },
  { ...minimal, account: { initial_balance: 0 } },
  { ...minimal, start_date: '1 January' },
  { ...minimal, trade_management: { rules: { brake_even: {} } } },
  { ...minimal, trade_management: { rules: { kill_switch: { max_drawdown: 1 } } } },
  { ...minimal, account: { sizing: { kind: 'fixed_lots' } } },
  { ...minimal, strategy_parameters: { atr_lenght: 10 } },
  { ...minimal, strategy_parameters: { atr_length: 0 } },
  { ...minimal, strategy_parameters: { z_score_long: 0 } },
  { ...minimal, strategy_parameters: { short: { z_score_long: -2 } } },
]

describe.each(FLAVOURS)('the JSON Schema ($target, strict: $strict)', (options) => {
  const validate = validator(options)
  // What ajv sees is JSON: undefined members do not exist.
  const isValid = (config: object) => validate(JSON.parse(JSON.stringify(config)))

  it('accepts every sample', () => {
    for (const sample of SAMPLES)
      expect({ valid: isValid(sample), errors: validate.errors }).toEqual({ valid: true, errors: null })
  })

  it('refuses what parsing refuses', () => {
    for (const wrong of WRONG) expect(isValid(wrong), JSON.stringify(wrong)).toBe(false)
  })

  it('marks unknown keys in the strict flavour only', () => {
    expect(isValid({ ...minimal, typo: 1 })).toBe(!options.strict)
    expect(isValid({ ...minimal, account: { typo: 1 } })).toBe(!options.strict)
  })

  it('requires in the strict flavour what strict mode requires', () => {
    for (const key of ['schema_version', 'run_mode', 'data_mode']) {
      expect(isValid({ ...minimal, [key]: undefined })).toBe(!options.strict)
    }
    expect(isValid({ ...minimal, timeframes: {} })).toBe(!options.strict)
  })
})

describe('the JSON Schema', () => {
  const schema = configJsonSchema({ strategies })

  it('names itself and its draft', () => {
    expect(schema).toMatchObject({ $id: 'omega-v2-config', $schema: 'https://json-schema.org/draft/2020-12/schema' })
    expect(configJsonSchema({ target: 'draft-07' })).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
    })
  })

  it('describes every property and states the default of every optional one', () => {
    const bare: string[] = []
    const visit = (node: unknown, path: string): void => {
      if (Array.isArray(node)) {
        for (const entry of node) visit(entry, path)
      } else if (isObject(node)) {
        const required = Array.isArray(node.required) ? node.required : []
        for (const [name, member] of Object.entries(isObject(node.properties) ? node.properties : {})) {
          if (!isObject(member) || typeof member.description !== 'string') bare.push(`${path}.${name}: description`)
          const mayBeAbsent = name === '$schema' || name === 'timezone' || path === '.trade_management.rules'
          if (isObject(member) && !('default' in member) && !required.includes(name) && !mayBeAbsent)
            bare.push(`${path}.${name}: default`)
          visit(member, `${path}.${name}`)
        }
        for (const key of ['items', 'anyOf', 'oneOf']) visit(node[key], path)
      }
    }
    visit(schema, '')
    expect(bare).toEqual([])
  })

  it('states bounds and closed lists', () => {
    const at = (...path: string[]) =>
      path.reduce<JsonObject>((node, name) => {
        const member = isObject(node.properties) ? node.properties[name] : undefined
        return isObject(member) ? member : {}
      }, schema)
    expect(at('account', 'initial_balance')).toMatchObject({ type: 'number', exclusiveMinimum: 0, default: 10000 })
    expect(at('news_filter', 'minutes_before')).toMatchObject({
      type: 'integer',
      minimum: 0,
      maximum: 10080,
      default: 30,
    })
    expect(at('timeframes', 'primary')).toMatchObject({ enum: ['M1', 'M5', 'M15', 'M30', 'H1', 'H4', 'D1', 'W1'] })
    expect(at('rng_seed')).toMatchObject({ anyOf: [{ type: 'integer', minimum: 0 }, { type: 'null' }], default: null })
  })

  it('accepts nothing in its samples that parsing refuses', () => {
    for (const sample of SAMPLES) expect(issuesOf(sample)).toEqual([])
  })
})
