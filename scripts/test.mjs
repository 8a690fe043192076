// npm test: everything from a fresh clone to all tests, Rust first, then TypeScript.
import { hostTarget, root, setup, sh } from './setup.mjs'

process.env.OMEGA_STDOUT = 'keep'
setup()
// The addon is built for a named target; naming the same one here shares what is compiled already.
sh('cargo', ['test', '--workspace', '--release', '--quiet', '--target', hostTarget()])
sh(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--root', root, ...process.argv.slice(2)])
