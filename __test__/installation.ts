import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import ts from 'typescript'
import { cleanEnv, type Finished, OMEGA, REPOSITORY, tempFolder } from './support.ts'

/** A folder in which `@omega/native` and the command `omega` can be found, as after an installation. */
export function installation(): string {
  const folder = tempFolder()
  mkdirSync(join(folder, 'node_modules', '@omega'), { recursive: true })
  mkdirSync(join(folder, 'node_modules', '.bin'))
  symlinkSync(REPOSITORY, join(folder, 'node_modules', '@omega', 'native'), 'junction')
  const command = join(folder, 'node_modules', '.bin', 'omega')
  writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${OMEGA}" "$@"\n`)
  chmodSync(command, 0o755)
  writeFileSync(join(folder, 'package.json'), '{"type":"module","private":true}')
  return folder
}

/** Runs a piece of code (`ts`, `mjs` or `sh`) in an installation, types stripped. */
export function runIn(folder: string, name: string, language: string, code: string): Finished {
  const path = `${join(folder, 'node_modules', '.bin')}${delimiter}${process.env.PATH}`
  const options = { cwd: folder, env: cleanEnv({ PATH: path }), encoding: 'utf8' } as const
  if (language === 'sh') return spawnSync('sh', ['-euc', code], options)
  const compilerOptions = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext }
  const file = join(folder, `${name}.mjs`)
  writeFileSync(file, language === 'ts' ? ts.transpileModule(code, { compilerOptions }).outputText : code)
  return spawnSync(process.execPath, [file], options)
}

/** What the compiler says about pieces of TypeScript, under the strictest options that users have. */
export function typeErrors(folder: string, pieces: Readonly<Record<string, string>>): string[] {
  const files = Object.entries(pieces).map(([name, code]) => {
    const file = join(folder, `${name}.ts`)
    writeFileSync(file, code)
    return file
  })
  const program = ts.createProgram(files, {
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
    typeRoots: [join(REPOSITORY, 'node_modules', '@types')],
  })
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')
    return `${diagnostic.file?.fileName ?? ''}:${diagnostic.start ?? 0} ${text}`
  })
}
