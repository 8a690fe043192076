// Golden runs (__test__/goldens): makes every run again and prints what differs from the committed artifacts; exits with 1 if
// anything does. `--update` writes the artifacts instead: the only way to regenerate them. Names limit it to single runs.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root, setup } from './setup.mjs'

setup()
const { FILES, GOLDENS, goldenNames, makeGolden } = await load('__test__', 'goldens', 'fixture.mjs')
const { firstDifference, timeless } = await load('dist', 'api', 'artifacts', 'compare.js')
const { parseArtifactJson, stringifyArtifact } = await load('dist', 'api', 'artifacts', 'json.js')

const args = process.argv.slice(2)
const update = args.includes('--update')
const named = args.filter((arg) => arg !== '--update')
const unknown = named.find((name) => !goldenNames().includes(name))
if (unknown !== undefined) fail(`no golden run '${unknown}'; there are ${goldenNames().join(', ')}`)

let different = 0
for (const name of named.length > 0 ? named : goldenNames()) {
  const folder = mkdtempSync(join(tmpdir(), 'omega-golden-'))
  try {
    const made = await makeGolden(name, folder)
    for (const file of FILES) compare(name, file, folder, readFileSync(join(made, file), 'utf8'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
if (different > 0) {
  if (!update)
    fail(
      `${different} artifacts differ; if that is intended: npm run goldens -- --update, then review __test__/goldens`,
    )
  process.stdout.write(
    `${different} artifacts written; review the difference and the arithmetic in __test__/goldens/README.md\n`,
  )
} else {
  process.stdout.write('golden runs: nothing differs\n')
}

function compare(name, file, folder, text) {
  const path = join(GOLDENS, name, 'expected', file)
  const before = existsSync(path) ? readFileSync(path, 'utf8') : ''
  if (before !== '' && firstDifference(file, text, before, timeless) === undefined) return
  different += 1
  const after = file === 'meta.json' ? stringifyArtifact(lasting(parseArtifactJson(text))) : text
  if (update) {
    mkdirSync(join(GOLDENS, name, 'expected'), { recursive: true })
    writeFileSync(path, after)
  } else {
    show(`${name}/${file}`, folder, before, after)
  }
}

/** What of `meta.json` is committed: nothing that tells time, machine or version. */
function lasting(meta) {
  return { ...timeless(meta), generated_at: '1970-01-01T00:00:00Z', generated_at_ns: 0n }
}

/** Prints the lines that differ, as git shows them. */
function show(title, folder, before, after) {
  const [left, right] = [join(folder, 'committed'), join(folder, 'made')]
  writeFileSync(left, before)
  writeFileSync(right, after)
  const diff = spawnSync('git', ['diff', '--no-index', '--unified=1', left, right], { encoding: 'utf8' })
  const lines = (diff.stdout ?? '').split('\n').slice(4)
  process.stdout.write(`--- ${title}, committed\n+++ ${title}, made now\n${lines.join('\n')}`)
}

function load(...path) {
  return import(pathToFileURL(join(root, ...path)).href)
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
