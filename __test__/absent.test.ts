import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as omega from '@omega/native'
import { describe, expect, it } from 'vitest'
import { CODES } from '../api/catalogue.ts'
import { REPOSITORY } from './support.ts'

// Names that other descriptions of this API use and that do not exist: whoever catches or calls them is told by the compiler.
describe('What does not exist', () => {
  it('has no export, no type and no code (decisions.md 31)', () => {
    const names = ['ConfigError', 'ArgumentError', 'NativeError', 'RunError', 'runBacktestSync', 'unwrap']
    const types = readFileSync(join(REPOSITORY, 'index.d.ts'), 'utf8')
    expect(Object.keys(omega)).toContain('OmegaError')
    expect(names.filter((name) => Object.hasOwn(omega, name))).toEqual([])
    expect(names.filter((name) => new RegExp(`\\b${name}\\b`).test(types))).toEqual([])
    const codes = new Set<string>(CODES.map(({ code }) => code))
    expect(codes).toContain('ABORTED')
    // decisions.md 5: the code of a missing timeframe is that of a missing file.
    const gone = ['RUN_CANCELLED', 'NATIVE_PANIC', 'OMEGA_NATIVE_BINDING', 'MISSING_TIMEFRAME_DATA']
    expect(gone.filter((code) => codes.has(code))).toEqual([])
  })

  it('is the only class of errors beside OmegaError (decisions.md 31)', () => {
    const classes = Object.values(omega).filter(
      (value) => typeof value === 'function' && value.prototype instanceof Error,
    )
    expect(classes).toEqual([omega.OmegaError])
  })

  it('is a file of conversion rates in the package: constants would be wrong money (decisions.md 9)', () => {
    expect(readdirSync(join(REPOSITORY, 'configs')).sort()).toEqual(['execution_costs.yaml', 'symbol_specs.yaml'])
  })
})
