import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseConfig } from '@omega/native'
import { describe, expect, it } from 'vitest'
import { installation, runIn, typeErrors } from './installation.ts'
import { OMEGA, REPOSITORY } from './support.ts'

interface Block {
  name: string
  language: string
  code: string
}

/** Code blocks that stand behind `<!-- mark: name -->`. */
function blocksOf(document: string, mark: string): Block[] {
  const text = readFileSync(join(REPOSITORY, document), 'utf8')
  const shape = new RegExp(`<!-- ${mark}: ([\\w-]+) -->\\s*\`\`\`(\\w+)\\n([\\s\\S]*?)\`\`\``, 'g')
  return [...text.matchAll(shape)].map(([, name = '', language = '', code = '']) => ({ name, language, code }))
}

const DOCUMENTS = ['README.md', ...readdirSync(join(REPOSITORY, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
)

describe.each(DOCUMENTS)('%s', (document) => {
  const runnable = blocksOf(document, 'run')
  const configurations = blocksOf(document, 'config')

  if (runnable.length > 0)
    it('has examples that run in order, one after the other, in one folder', () => {
      const folder = installation()
      for (const block of runnable) {
        const { status, stdout, stderr } = runIn(folder, block.name, block.language, block.code)
        expect({ block: block.name, status, stderr }).toEqual({ block: block.name, status: 0, stderr: '' })
        if (block.language === 'ts') expect(stdout.trim()).not.toBe('')
      }
    })

  if (configurations.length > 0)
    it('has configurations that are valid without a remark', () => {
      for (const { code } of configurations)
        expect(parseConfig(JSON.parse(code), { strict: true }).warnings).toEqual([])
    })

  it('has no unfinished block', () => {
    expect(readFileSync(join(REPOSITORY, document), 'utf8').split('```').length % 2).toBe(1)
  })
})

describe('The TypeScript of documents and examples', () => {
  // One program: the compiler reads the declarations of Node once. It checks index.d.ts as well.
  it('is correct under strict', () => {
    const pieces = DOCUMENTS.flatMap((document) => blocksOf(document, 'run'))
      .filter((block) => block.language === 'ts')
      .map(({ name, code }) => [name, code] as const)
    const examples = ['first-backtest', 'own-signals'].map(
      (name) => [`example-${name}`, readFileSync(join(REPOSITORY, 'examples', `${name}.ts`), 'utf8')] as const,
    )
    expect(pieces.length).toBeGreaterThan(1)
    expect(typeErrors(installation(), Object.fromEntries([...pieces, ...examples]))).toEqual([])
  })
})

describe('README.md', () => {
  const text = readFileSync(join(REPOSITORY, 'README.md'), 'utf8')

  it('starts with examples that fit on a screen: at most 20 lines each', () => {
    const blocks = blocksOf('README.md', 'run')
    expect(blocks.length).toBeGreaterThan(1)
    for (const { code } of blocks) expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(20)
  })

  it('names commands that exist', () => {
    const help = spawnSync(process.execPath, [OMEGA, '--help'], { encoding: 'utf8' }).stdout
    for (const [, command = ''] of text.matchAll(/`omega ([a-z]+)/g))
      expect(help).toMatch(new RegExp(`^ +${command}\\b`, 'm'))
  })
})
