import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dig, REPOSITORY } from './support.ts'

const text = (...path: string[]) => readFileSync(join(REPOSITORY, ...path), 'utf8')
const json = (...path: string[]): unknown => JSON.parse(text(...path))

/** Files below a folder with an ending, relative to the repository. */
function files(folder: string, ending: string): string[] {
  return readdirSync(join(REPOSITORY, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))
    .sort()
}

/** `a, b → c, d` phrases of ARCHITECTURE.md as crate → crates. */
function allowedEdges(): Map<string, string[]> {
  const sentence = /Allowed edges: ([^.]+)\./.exec(text('ARCHITECTURE.md').replace(/\s+/g, ' '))?.[1] ?? ''
  const edges = new Map<string, string[]>([['types', []]])
  for (const phrase of sentence.split(' · ')) {
    const [left = '', right = ''] = phrase.split(' → ')
    for (const crate of left.split(', ')) {
      const except = /^all of these but (.+)$/.exec(right)?.[1]?.split(', ')
      const targets = except ? [...edges.keys()].filter((known) => !except.includes(known)) : right.split(', ')
      edges.set(crate.trim(), targets.map((target) => target.trim()).sort())
    }
  }
  return edges
}

/** Crates that a manifest depends on, tests and benches left out. */
function edgesOf(manifest: string): string[] {
  const section = /^\[dependencies\]\n([\s\S]*?)(?=^\[|$(?![\s\S]))/m.exec(manifest)?.[1] ?? ''
  // Folders have underscores where packages have hyphens.
  return [...section.matchAll(/^omega-([a-z-]+)/gm)].map(([, name = '']) => name.replaceAll('-', '_')).sort()
}

describe('The crates', () => {
  it('depend on each other as ARCHITECTURE.md says', () => {
    const crates = readdirSync(join(REPOSITORY, 'crates')).sort()
    const found = new Map(crates.map((crate) => [crate, edgesOf(text('crates', crate, 'Cargo.toml'))]))
    const allowed = allowedEdges()
    expect([...allowed.keys()].sort()).toEqual(crates)
    for (const [crate, edges] of found) expect([crate, edges]).toEqual([crate, allowed.get(crate)])
  })

  it('read files in data only; below node nothing reads the environment, a clock or the randomness of the system', () => {
    const sources = files('crates', '.rs').filter(
      (file) => file.includes('/src/') && !/tests?\.rs$|testing\.rs$/.test(file),
    )
    expect(sources.length).toBeGreaterThan(80)
    for (const file of sources) {
      const [code = ''] = text(file).split('#[cfg(test)]')
      const statements = code.replace(/^\s*\/\/.*$/gm, '')
      const outside = /env::vars?\(|env::var_os|thread_rng|from_entropy|from_os_rng|getrandom/.exec(statements)?.[0]
      const clock = file.startsWith('crates/node/') ? undefined : /SystemTime::now|Instant::now/.exec(statements)?.[0]
      const disk = file.startsWith('crates/data/') ? undefined : /\bfs::|File::open|File::create/.exec(statements)?.[0]
      expect({ file, outside, clock, disk }).toEqual({ file, outside: undefined, clock: undefined, disk: undefined })
    }
  })

  it('export to JavaScript only what catches panics', () => {
    let exports = 0
    for (const file of files('crates/node/src', '.rs')) {
      for (const [, attributes = '', item] of text(file).matchAll(
        /#\[napi(\([^\]]*\))?\]\s*(?:#\[[^\]]*\]\s*)*pub (fn|struct|enum|async fn)/g,
      )) {
        if (item === 'fn' || item === 'async fn') {
          exports += 1
          expect([file, attributes]).toEqual([file, expect.stringContaining('catch_unwind')])
        }
      }
    }
    expect(exports).toBeGreaterThan(15)
  })
})

describe('The TypeScript', () => {
  it('imports the binding in api/native.ts only', () => {
    const importers = [...files('api', '.ts'), 'index.ts'].filter((file) => /['"]#binding['"]/.test(text(file)))
    expect(importers).toEqual(['api/native.ts'])
  })

  it('re-exports in index.ts and does nothing else', () => {
    const lines = text('index.ts').replace(/export (type )?\{[^}]*\} from '[^']+'/g, '')
    expect(lines.trim()).toBe('')
  })

  it('neither loads the addon nor zod, yaml or commander when the package is imported', () => {
    const script = "await import('@omega/native'); console.log(process.report.getReport().sharedObjects.join())"
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: REPOSITORY,
      encoding: 'utf8',
    })
    expect(stdout).not.toMatch(/omega[^/,]*\.node/)
    // Everything that dist/index.js reaches through static imports.
    const seen = new Set<string>()
    const visit = (file: string) => {
      if (seen.has(file)) return
      seen.add(file)
      for (const [, target = ''] of text(file).matchAll(
        /^(?:import|export)\s(?:[\w*{][^'";]*\sfrom\s)?['"]([^'"]+)['"]/gm,
      )) {
        expect({ file, target, allowed: /^(node:|\.)/.test(target) }).toEqual({ file, target, allowed: true })
        if (target.startsWith('.')) visit(join(file, '..', target))
      }
    }
    visit('dist/index.js')
    expect(seen.size).toBeGreaterThan(15)
  })

  it('can be loaded with require', () => {
    const script =
      "const { runBacktest, indicators } = require('@omega/native'); console.log(typeof runBacktest, indicators.sma([1, 3], { period: 2 })[1])"
    const { stdout } = spawnSync(process.execPath, ['-e', script], { cwd: REPOSITORY, encoding: 'utf8' })
    expect(stdout).toBe('function 2\n')
  })

  it('names no native type in index.d.ts', () => {
    const types = text('index.d.ts')
    expect(types).toContain('runBacktest')
    for (const name of [
      '#binding',
      'binding.cjs',
      'napi',
      'ExternalObject',
      'DatasetHandle',
      'RunHandle',
      'SignalsHandle',
      ': any',
    ]) {
      expect([name, types.includes(name)]).toEqual([name, false])
    }
  })
})

describe('The package', () => {
  const main = json('package.json')

  it('runs no script on installation and needs exactly three packages', () => {
    const scripts = Object.keys(Object(dig(main, 'scripts')))
    const lifecycle = [
      'preinstall',
      'install',
      'postinstall',
      'prepare',
      'prepublish',
      'prepublishOnly',
      'prepack',
      'postpack',
    ]
    expect(scripts.filter((name) => lifecycle.includes(name))).toEqual([])
    expect(Object.keys(Object(dig(main, 'dependencies'))).sort()).toEqual(['commander', 'yaml', 'zod'])
  })

  it('comes with one package per platform, of the same version and for the same Node', () => {
    const folders = readdirSync(join(REPOSITORY, 'npm'))
    expect(folders.length).toBe(8)
    for (const folder of folders) {
      expect(json('npm', folder, 'package.json')).toMatchObject({
        name: `${String(dig(main, 'name'))}-${folder}`,
        version: dig(main, 'version'),
        engines: dig(main, 'engines'),
        license: dig(main, 'license'),
      })
      expect(dig(json('npm', folder, 'package.json'), 'scripts')).toBeUndefined()
    }
  })

  it('has the version of the crates', () => {
    expect(/^version = "([^"]+)"/m.exec(text('Cargo.toml'))?.[1]).toBe(dig(main, 'version'))
  })

  it('ships files that exist', () => {
    for (const file of [
      'dist/index.js',
      'dist/binding.cjs',
      'index.d.ts',
      'configs',
      'schema',
      'CHANGELOG.md',
      'dist/api/cli/main.js',
    ]) {
      expect([file, existsSync(join(REPOSITORY, file))]).toEqual([file, true])
    }
  })
})

describe('Documents', () => {
  it('link to files that exist', () => {
    const pages = ['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', ...files('docs', '.md')]
    for (const page of pages) {
      for (const [, target = ''] of text(page).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)) {
        expect([page, target, existsSync(join(REPOSITORY, page, '..', target))]).toEqual([page, target, true])
      }
    }
  })
})
