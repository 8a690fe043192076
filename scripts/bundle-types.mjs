// Rolls the declarations of the public API into one file, index.d.ts. `--check` compares instead of writing.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rollup } from 'rollup'
import { dts } from 'rollup-plugin-dts'
import { root } from './setup.mjs'

const bundle = await rollup({
  input: join(root, 'dist', 'types', 'index.d.ts'),
  plugins: [dts()],
  external: ['zod', 'node:fs', '#binding'],
  onwarn: (warning) => process.stderr.write(`${warning.message}\n`),
})
const { output } = await bundle.generate({ format: 'es' })
const text = `// Generated from index.ts by scripts/bundle-types.mjs. Do not edit.\n${output[0].code.trimEnd()}\n`
const file = join(root, 'index.d.ts')
if (process.argv.includes('--check')) {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    process.stderr.write('index.d.ts is not what index.ts gives; run `npm run build:ts` and review the difference\n')
    process.exit(1)
  }
} else {
  writeFileSync(file, text)
}
