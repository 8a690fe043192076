import { readFile } from 'node:fs/promises'
import type { OmegaError } from '../errors.ts'
import { configInvalid, type IssueCode } from './issue.ts'
import { jsonProblem } from './json-problem.ts'

/**
 * The content of a configuration file: UTF-8 JSON, with or without a byte order mark.
 *
 * @throws {OmegaError} `CONFIG_INVALID`; its one issue is `CFG_FILE_NOT_FOUND`, `CFG_FILE_READ` or `CFG_PARSE` (with
 * line and column).
 */
export async function readConfigFile(path: string): Promise<unknown> {
  return parseConfigText(decode(await bytesOf(path), path), path)
}

/** The value of a JSON text; `path` is for messages. */
export function parseConfigText(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const { line, column, message } = jsonProblem(text) ?? { line: 1, column: 1, message: String(cause) }
    throw refused('CFG_PARSE', `${path} is not valid JSON at line ${line}, column ${column}: ${message}`)
  }
}

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason'
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw refused('CFG_FILE_NOT_FOUND', `configuration file ${path} does not exist`, 'check the path')
    }
    const hint = 'check that it is a readable file and not a folder'
    throw refused('CFG_FILE_READ', `configuration file ${path} cannot be read: ${code}`, hint)
  }
}

function decode(bytes: Uint8Array, path: string): string {
  try {
    // The decoder drops a byte order mark.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw refused('CFG_FILE_READ', `configuration file ${path} is not UTF-8 text`, 'save it as UTF-8')
  }
}

function refused(code: IssueCode, message: string, hint?: string): OmegaError {
  return configInvalid([{ path: '', code, message, ...(hint === undefined ? {} : { hint }) }])
}
