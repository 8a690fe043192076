import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect } from 'vitest'
import { REPOSITORY } from './support.ts'

/** The files of a run folder, sorted. */
export const NAMES = ['equity.csv', 'meta.json', 'metrics.json', 'trades.json']

/** Errors of a value against a shipped schema; empty if it is valid. */
export function schemaErrors(name: string, value: unknown): unknown[] {
  const schema = JSON.parse(readFileSync(join(REPOSITORY, 'schema', `${name}.schema.json`), 'utf8'))
  const validate = new Ajv2020({ allErrors: true, strictTuples: false, allowUnionTypes: true }).compile(schema)
  validate(value)
  return validate.errors ?? []
}

/** Lines of an equity file, split at their commas. */
export function csvRows(text: string): string[][] {
  expect(text.endsWith('\n')).toBe(true)
  return text
    .slice(0, -1)
    .split('\n')
    .map((line) => line.split(','))
}
