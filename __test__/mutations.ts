/** Numbers that are the same in every run with the same seed: mulberry32. */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** A whole number from 0 to `sides - 1`. */
  roll(sides: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides
  }

  /** One of `choices`, which are not empty. */
  pick<T>(choices: readonly [T, ...T[]] | readonly T[]): T {
    const picked = choices[this.roll(choices.length)]
    if (picked === undefined) throw new Error('nothing to pick from')
    return picked
  }
}

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  0.1,
  1.5,
  24,
  100,
  65_536,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  2 ** 53 + 2,
  1e21,
  1e300,
  -1e300,
  5e-324,
]

/** Any JSON value; texts mostly out of `words`. */
export function anyValue(dice: Dice, words: readonly string[], depth = 2): unknown {
  switch (dice.roll(depth > 0 ? 9 : 7)) {
    case 0:
      return null
    case 1:
      return dice.roll(2) === 1
    case 2:
      return dice.pick(NUMBERS)
    case 3:
      return dice.roll(2_000) / dice.pick([1, 10, 1_000])
    case 4:
      return String.fromCodePoint(dice.roll(0x11_0000)).repeat(dice.roll(4))
    case 5:
    case 6:
      return dice.pick(words)
    case 7:
      return Array.from({ length: dice.roll(4) }, () => anyValue(dice, words, depth - 1))
    default:
      return Object.fromEntries(
        Array.from({ length: dice.roll(4) }, () => [dice.pick(words), anyValue(dice, words, depth - 1)]),
      )
  }
}

/** A copy of a JSON value with up to three places changed: another value, a missing one, a new one, a renamed one. */
export function changedValue(dice: Dice, value: unknown, words: readonly string[]): unknown {
  const copy = structuredClone(value)
  for (let left = dice.pick([1, 1, 1, 2, 3]); left > 0; left--) change(dice, copy, words)
  return copy
}

function change(dice: Dice, root: unknown, words: readonly string[]): void {
  let holder = root
  for (;;) {
    if (typeof holder !== 'object' || holder === null) return
    const keys = Object.keys(holder)
    const key = keys.length === 0 || dice.roll(12) === 0 ? dice.pick(words) : dice.pick(keys)
    const inner: unknown = Reflect.get(holder, key)
    if (typeof inner === 'object' && inner !== null && dice.roll(4) > 0) {
      holder = inner
      continue
    }
    if (Array.isArray(holder) && !/^\d+$/.test(key)) {
      holder.push(anyValue(dice, words))
      return
    }
    const kind = dice.roll(6)
    if (kind === 0) Reflect.deleteProperty(holder, key)
    else if (kind === 1) Reflect.set(holder, dice.pick(words), inner)
    else if (kind < 4) Reflect.set(holder, key, alike(dice, inner, words))
    else Reflect.set(holder, key, anyValue(dice, words))
    return
  }
}

/** Another value of the same type, if it is a simple one. */
function alike(dice: Dice, value: unknown, words: readonly string[]): unknown {
  if (typeof value === 'boolean') return !value
  if (typeof value === 'string') return dice.pick(words)
  if (typeof value === 'number') return dice.pick([...NUMBERS, value + 1, value * 2, value / 2, Math.round(value)])
  return anyValue(dice, words)
}

/** A text with up to four changes: parts repeated, removed, swapped for `tokens`, bits flipped. */
export function changedText(dice: Dice, text: string, tokens: readonly string[]): string {
  let changed = text
  for (let left = 1 + dice.roll(4); left > 0; left--) {
    const start = dice.roll(changed.length + 1)
    const end = Math.min(changed.length, start + dice.roll(12))
    const [head, middle, tail] = [changed.slice(0, start), changed.slice(start, end), changed.slice(end)]
    switch (dice.roll(6)) {
      case 0:
        changed = head + tail
        break
      case 1:
        changed = head + middle.repeat(1 + dice.roll(5)) + tail
        break
      case 2:
        changed = head + String.fromCharCode((middle.charCodeAt(0) || 0) ^ (1 << dice.roll(8))) + middle.slice(1) + tail
        break
      case 3:
        changed = head + dice.pick(tokens).repeat(dice.pick([1, 1, 1, 2, 50, 300])) + tail
        break
      case 4:
        changed = head + dice.pick(tokens) + middle + tail
        break
      default:
        changed = head + dice.pick(tokens) + tail
    }
  }
  return changed
}
