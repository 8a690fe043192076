// npm test: everything from a fresh clone to all tests, Rust first, then TypeScript.
import { root, setup, sh } from './setup.mjs'

process.env.OMEGA_STDOUT = 'keep'
setup()
sh('cargo', ['test', '--workspace', '--release', '--quiet'])
sh(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--root', root, ...process.argv.slice(2)])
