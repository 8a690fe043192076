import { BacktestConfig } from './backtest-config.ts'

const Draft = BacktestConfig.partial()

/** A configuration of which required fields may be missing. */
export type Draft = ReturnType<typeof Draft.parse>

const MOST_ROUNDS = 10

/**
 * What is left of an invalid configuration when its wrong values are taken out and defaults stand in for them, so that
 * the rules between fields can be checked in the same pass.
 */
export function salvage(input: unknown): Draft {
  const copy = structuredClone(input)
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const result = Draft.safeParse(copy)
    if (result.success) return result.data
    for (const { path } of result.error.issues) takeOut(copy, path)
  }
  return {}
}

/** Removes the value at `path`; an entry of a list takes the whole list with it. */
function takeOut(root: unknown, path: readonly PropertyKey[]): void {
  for (let length = path.length; length > 0; length -= 1) {
    const holder = path.slice(0, length - 1).reduce<unknown>(member, root)
    const step = path[length - 1]
    if (typeof holder !== 'object' || holder === null || Array.isArray(holder) || step === undefined) continue
    if (Object.hasOwn(holder, step) && Reflect.deleteProperty(holder, step)) return
  }
}

function member(value: unknown, step: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined
}
