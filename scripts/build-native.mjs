// Builds the addon for this machine into dist/: binding.cjs, binding.d.cts, omega.<platform>.node.
// OMEGA_PROFILE=dist makes the slower-to-build, faster-to-run binary that is published and benchmarked.
import { root, sh } from './setup.mjs'

const profile = process.env.OMEGA_PROFILE ?? 'release'
const args = ['node_modules/@napi-rs/cli/dist/cli.js', 'build', '--platform', '--profile', profile]
args.push('--cwd', root, '--manifest-path', 'crates/node/Cargo.toml', '--package-json-path', 'package.json')
args.push('--output-dir', 'dist', '--js', 'binding.cjs', '--dts', 'binding.d.cts', '--no-const-enum', '--no-dts-cache')
args.push(...process.argv.slice(2))
sh(process.execPath, args)
