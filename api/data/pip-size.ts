import { type FileOrObject, readSmallInput } from '../inputs.ts'

/** The pip size that the symbol specifications state, if they know the symbol. */
export async function knownPipSize(
  symbol: string,
  symbolSpecs: FileOrObject | undefined,
  cwd: string | undefined,
): Promise<number | undefined> {
  const specs = (await readSmallInput('symbolSpecs', symbolSpecs, cwd))?.content.value
  const pip = property(property(specs, symbol), 'pip_size')
  return typeof pip === 'number' && pip > 0 ? pip : undefined
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}
