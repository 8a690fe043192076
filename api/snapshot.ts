/**
 * A copy of plain objects and lists, taken before the first `await`: a caller who changes a configuration while the run
 * gets under way (the next round of a loop, say) changes nothing. Anything else is passed on as it is and judged later.
 */
export function snapshot<T>(value: T): T {
  return typeof value === 'object' && value !== null ? Object(copied(value, new Map(), 0)) : value
}

/** Deeper than any configuration may be; what lies below is judged, and refused, when it is read. */
const DEEPEST = 200

function copied(value: unknown, seen: Map<object, unknown>, depth: number): unknown {
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return value
  const known = seen.get(value)
  if (known !== undefined) return known
  if (Array.isArray(value)) {
    const list: unknown[] = []
    seen.set(value, list)
    for (const item of value) list.push(copied(item, seen, depth + 1))
    return list
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  const object: Record<string, unknown> = {}
  seen.set(value, object)
  for (const [key, item] of Object.entries(value)) {
    // Plain assignment would take a key `__proto__` for more than a key.
    Object.defineProperty(object, key, {
      value: copied(item, seen, depth + 1),
      enumerable: true,
      writable: true,
      configurable: true,
    })
  }
  return object
}
