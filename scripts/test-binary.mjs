// Runs the TypeScript tests against a binary that was built elsewhere and lies in dist/. No Rust toolchain needed.
import { root, sh } from './setup.mjs'

process.env.OMEGA_STDOUT = 'keep'
sh('npm', ['ci'])
sh(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'])
sh(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--root', root])
