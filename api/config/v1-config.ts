import { isObject, type JsonObject } from './plain-json.ts'

/** Why `input` looks like a configuration of Omega V1; `undefined` if it does not. */
export function v1Sign(input: JsonObject): string | undefined {
  if (isObject(input.strategy) && input.strategy.module !== undefined) return "it has 'strategy.module'"
  if (input.mode !== undefined && input.data_mode === undefined) return "it has 'mode' and no 'data_mode'"
  return undefined
}
