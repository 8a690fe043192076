import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { cleanEnv, REPOSITORY, tempFolder } from './support.ts'

describe('A panic of the core', () => {
  let copy: string

  // The package with an addon in which every job panics: a feature of the build that no release has.
  beforeAll(() => {
    copy = tempFolder()
    const build = [join(REPOSITORY, 'scripts', 'build-native.mjs'), '--features', 'forced_panic']
    const built = spawnSync(process.execPath, [...build, '--output-dir', join(copy, 'addon')], {
      cwd: REPOSITORY,
      env: cleanEnv(),
      encoding: 'utf8',
    })
    expect(built.status, built.stderr).toBe(0)
    cpSync(join(REPOSITORY, 'dist'), join(copy, 'dist'), { recursive: true })
    cpSync(join(REPOSITORY, 'package.json'), join(copy, 'package.json'))
    symlinkSync(join(REPOSITORY, 'node_modules'), join(copy, 'node_modules'))
    for (const name of readdirSync(join(copy, 'addon')).filter((file) => file.endsWith('.node'))) {
      rmSync(join(copy, 'dist', name))
      cpSync(join(copy, 'addon', name), join(copy, 'dist', name))
    }
    mkdirSync(join(copy, 'data'))
  }, 900_000)

  it('rejects with INTERNAL and what to do; the process lives on', () => {
    const script = `
      import { generateData, indicators, OmegaError } from './dist/index.js'
      const seen = []
      for (let attempt = 0; attempt < 20; attempt++) {
        try {
          await generateData({ symbol: 'EURUSD', timeframe: 'M5', bars: 10, seed: 1, root: 'data' })
        } catch (error) {
          seen.push([error instanceof OmegaError, error.code, error.category, error.message, error.hint])
        }
      }
      console.log(JSON.stringify(seen))`
    writeFileSync(join(copy, 'panic.mjs'), script)
    const done = spawnSync(process.execPath, ['panic.mjs'], { cwd: copy, env: cleanEnv(), encoding: 'utf8' })
    expect(done.status, done.stderr).toBe(0)
    const failure = [
      true,
      'INTERNAL',
      'runtime',
      'the core panicked: forced, to see what becomes of it',
      'this is a bug in Omega; please report it with the configuration that shows it',
    ]
    expect(JSON.parse(done.stdout)).toEqual(Array(20).fill(failure))
  })
})
