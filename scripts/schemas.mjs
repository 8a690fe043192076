// Writes schema/omega-config*.schema.json from the zod schemas. `--check` compares instead of writing.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from './setup.mjs'

const { configJsonSchema } = await import(pathToFileURL(join(root, 'dist', 'index.js')).href)
for (const strict of [false, true]) {
  const file = join(root, 'schema', `omega-config${strict ? '.strict' : ''}.schema.json`)
  const text = `${JSON.stringify(configJsonSchema({ strict }), null, 2)}\n`
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text)
  } else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
    process.stderr.write(
      `${file} is not what the schemas give; run \`node scripts/schemas.mjs\` and review the difference\n`,
    )
    process.exit(1)
  }
}
