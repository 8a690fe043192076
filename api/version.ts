import { readFileSync } from 'node:fs'

let version: string | undefined

/** SemVer of this package. */
export function engineVersion(): string {
  version ??= read()
  return version
}

function read(): string {
  const up = import.meta.url.includes('/dist/api/') ? '../../package.json' : '../package.json'
  const manifest: { version: string } = JSON.parse(readFileSync(new URL(up, import.meta.url), 'utf8'))
  return manifest.version
}
