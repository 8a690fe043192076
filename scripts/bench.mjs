// npm run bench [name …]: builds the binary as it is published, then prints what the benchmarks measure.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root, setup, sh } from './setup.mjs'

process.env.OMEGA_STDOUT = 'keep'
process.env.OMEGA_PROFILE = 'dist'
setup()
const names = process.argv.slice(2)
for (const file of readdirSync(join(root, 'benches'))
  .filter((name) => name.endsWith('.mjs'))
  .sort()) {
  if (names.length > 0 && !names.some((name) => file.startsWith(name))) continue
  process.stdout.write(`\n== benches/${file}\n`)
  sh(process.execPath, ['--expose-gc', join('benches', file)])
}
