import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfigFile } from '../../api/config/config-file.ts'
import { jsonProblem } from '../../api/config/json-problem.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'omega-config-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function written(content: string | Uint8Array): Promise<string> {
  const file = join(folder, 'config.json')
  await writeFile(file, content)
  return file
}

async function issueOf(file: string): Promise<unknown> {
  return readConfigFile(file).then(
    () => undefined,
    (error) => {
      expect(error).toMatchObject({ code: 'CONFIG_INVALID', category: 'config' })
      return error.details.issues[0]
    },
  )
}

describe('readConfigFile', () => {
  it('reads JSON with and without a byte order mark', async () => {
    expect(await readConfigFile(await written('{"a":"é"}'))).toEqual({ a: 'é' })
    expect(await readConfigFile(await written('\ufeff{"a":1}'))).toEqual({ a: 1 })
  })

  it('says that a file is missing or cannot be read', async () => {
    const missing = join(folder, 'missing.json')
    expect(await issueOf(missing)).toMatchObject({
      path: '',
      code: 'CFG_FILE_NOT_FOUND',
      message: expect.stringContaining(missing),
    })
    expect(await issueOf(folder)).toMatchObject({ code: 'CFG_FILE_READ', message: expect.stringContaining('EISDIR') })
    expect(await issueOf(await written(Uint8Array.of(0x7b, 0xff, 0x7d)))).toMatchObject({ code: 'CFG_FILE_READ' })
  })

  it('names line and column of what is not JSON', async () => {
    expect(await issueOf(await written('{\n  "a": 1,\n}'))).toMatchObject({
      code: 'CFG_PARSE',
      message: expect.stringContaining('line 3, column 1: a key in double quotes expected, found "}"'),
    })
  })
})

describe('jsonProblem', () => {
  it.each([
    // By hand: the first character that no JSON text can have at this place.
    ['', 1, 1, 'a value expected, the file ends'],
    ['{"a":}', 1, 6, 'a value expected, found "}"'],
    ['{"a" 1}', 1, 6, '\':\' expected, found "1"'],
    ['{"a":1 "b":2}', 1, 8, "',' or '}' expected, found \"\\\"\""],
    ['[1,]', 1, 4, 'a value expected, found "]"'],
    ['[1 2]', 1, 4, "',' or ']' expected, found \"2\""],
    ['{"a":NaN}', 1, 6, 'a value expected, found "N"'],
    ['{"a":01}', 1, 7, "',' or '}' expected, found \"1\""],
    ['{"a":"x\ny"}', 1, 8, 'the closing \'"\' expected, found "\\n"'],
    ['{"a":"\\x"}', 1, 7, 'a valid escape expected, found "\\\\"'],
    ['{}\r\n// comment', 2, 1, 'the end of the file expected, found "/"'],
    ["{'a':1}", 1, 2, 'a key in double quotes expected, found "\'"'],
    ['{"a":1', 1, 7, "',' or '}' expected, the file ends"],
  ])('%j fails at line %i, column %i', (text, line, column, message) => {
    expect(jsonProblem(text)).toEqual({ line, column, message })
  })

  it('agrees with JSON.parse on what is JSON (property)', () => {
    const isJson = (text: string) => {
      try {
        JSON.parse(text)
        return true
      } catch {
        return false
      }
    }
    const noise = fc
      .array(fc.constantFrom(...'{}[]",:01-.eEtrufalsn\\ \n/\u007f\u2028'), { maxLength: 12 })
      .map((parts) => parts.join(''))
    const damaged = fc
      .tuple(fc.json(), fc.nat(), noise)
      .map(([text, at, bit]) => text.slice(0, at % (text.length + 1)) + bit)
    fc.assert(
      fc.property(fc.oneof(noise, fc.json(), damaged), (text) => {
        expect(jsonProblem(text) === undefined).toBe(isJson(text))
      }),
      { numRuns: 3000, seed: 1 },
    )
  })

  it('does not overflow the stack', () => {
    expect(jsonProblem('['.repeat(100_000))).toMatchObject({
      line: 1,
      message: expect.stringContaining('fewer levels'),
    })
  })
})
