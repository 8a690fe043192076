import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { engineInfo } from '../engine-info.ts'
import { OmegaError } from '../errors.ts'
import { type PathName, resolvePath } from '../paths.ts'
import { engineVersion } from '../version.ts'
import { framed } from './frame.ts'

interface Check {
  what: string
  ok: boolean
  /** A missing optional thing is not a failure. */
  optional: boolean
  found: string
  hint?: string
}

/** `omega doctor`: what is here, what is missing, how to mend it. */
export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('platform, native binary, versions, data root, what is missing and how to fix it')
    .action(async (_flags: object, command: Command) =>
      framed('doctor', command, async (frame) => {
        const checks = [node(), binary(), ...paths()]
        const healthy = checks.every((check) => check.ok || check.optional)
        if (!checks[1]?.ok) process.exitCode = 4
        const lines = checks.map(({ what, ok, optional, found, hint }) => {
          const mark = ok
            ? frame.paint('green', 'ok     ')
            : frame.paint(optional ? 'yellow' : 'red', optional ? 'absent ' : 'MISSING')
          return `${mark} ${what.padEnd(18)} ${found}${ok || !hint ? '' : `\n        ${hint}`}`
        })
        return { data: { healthy, version: engineVersion(), checks }, text: lines.join('\n') }
      }),
    )
}

function node(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const ok = major > 20 || (major === 20 && minor >= 19)
  return {
    what: 'Node',
    ok,
    optional: false,
    found: `${process.version} on ${process.platform}-${process.arch}`,
    hint: 'Node 20.19 or newer is needed',
  }
}

function binary(): Check {
  try {
    const { coreVersion, target, profile, threads, version } = engineInfo()
    return {
      what: 'native addon',
      ok: coreVersion === version,
      optional: false,
      found: `core ${coreVersion} for ${target}, ${profile} build, ${threads} threads`,
      hint: `the npm package is ${version}; install both in the same version`,
    }
  } catch (error) {
    const known = error instanceof OmegaError ? error : undefined
    return {
      what: 'native addon',
      ok: false,
      optional: false,
      found: `${known?.message ?? String(error)}: ${String(known?.details.reason ?? '')}`,
      ...(known?.hint === undefined ? {} : { hint: known.hint }),
    }
  }
}

function paths(): Check[] {
  const check = (name: PathName, what: string, hint: string): Check => {
    const { path, origin } = resolvePath(name, undefined)
    return { what, ok: existsSync(path), optional: true, found: `${path} (${origin})`, hint }
  }
  return [
    check(
      'dataRoot',
      'data root',
      'omega data import or omega data generate makes it; OMEGA_DATA_PARQUET_ROOT names another',
    ),
    check('executionCostsFile', 'execution costs', 'the file shipped in the package is used'),
    check('symbolSpecsFile', 'symbol specs', 'the file shipped in the package is used'),
    check('fxRatesFile', 'conversion rates', 'only needed where account and quote currency differ'),
    check('newsCalendarFile', 'news calendar', 'only needed with news_filter.enabled; omega data import-news makes it'),
  ]
}
