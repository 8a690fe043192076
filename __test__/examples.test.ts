import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseConfig } from '@omega/native'
import { beforeAll, describe, expect, it } from 'vitest'
import { installation, runIn } from './installation.ts'
import { omega, REPOSITORY } from './support.ts'

const EXAMPLES = join(REPOSITORY, 'examples')
const source = (name: string) => readFileSync(join(EXAMPLES, name), 'utf8')

// The examples build on each other: the first makes the candles.
describe('examples/', () => {
  let folder: string

  beforeAll(() => {
    folder = installation()
    expect(runIn(folder, 'first-backtest', 'ts', source('first-backtest.ts'))).toMatchObject({ status: 0, stderr: '' })
  })

  it('own-signals.ts trades its own arrays', () => {
    const { status, stdout, stderr } = runIn(folder, 'own-signals', 'ts', source('own-signals.ts'))
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(Number.parseInt(stdout, 10)).toBeGreaterThan(50)
  })

  it('worker-threads.mjs runs three backtests on one dataset', () => {
    const { status, stdout, stderr } = runIn(folder, 'worker-threads', 'mjs', source('worker-threads.mjs'))
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout.match(/trades: \d+/g)?.length).toBe(3)
  })

  it('config.json runs from the command line without a remark about itself', () => {
    expect(parseConfig(JSON.parse(source('config.json')), { strict: true }).warnings).toEqual([])
    copyFileSync(join(EXAMPLES, 'config.json'), join(folder, 'config.json'))
    expect(omega(['run', 'config.json', '--strict'], { cwd: folder }).status).toBe(0)
  })

  it.each(['first-backtest.ts', 'own-signals.ts'])('%s has at most 20 lines', (name) => {
    expect(source(name).trimEnd().split('\n').length).toBeLessThanOrEqual(20)
  })
})
