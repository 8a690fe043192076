/** A report of nested facts as indented lines; lists of more than a few numbers are shortened. */
export function reportText(title: string, report: unknown): string {
  return [title, ...lines(report, 1)].join('\n')
}

function lines(value: unknown, depth: number): string[] {
  const indent = '  '.repeat(depth)
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== 'object' || item === null)) return [`${indent}${value.join(', ')}`]
    return value.flatMap((item, i) => [`${indent}${i + 1}.`, ...lines(item, depth + 1)])
  }
  if (typeof value !== 'object' || value === null) return [`${indent}${shown(value)}`]
  return Object.entries(value).flatMap(([key, item]) => {
    const name = key.replaceAll('_', ' ')
    if (item === null || item === undefined) return []
    if (Array.isArray(item) && item.length === 0) return [`${indent}${name.padEnd(20)} none`]
    if (typeof item === 'object') return [`${indent}${name}`, ...lines(item, depth + 1)]
    return [`${indent}${name.padEnd(20)} ${shown(item)}`]
  })
}

function shown(value: unknown): string {
  return typeof value === 'number' && !Number.isInteger(value) ? String(Number(value.toPrecision(10))) : String(value)
}
