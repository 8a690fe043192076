import { z } from 'zod'
import { isObject } from './plain-json.ts'

/** Any schema. */
export type Schema = z.core.$ZodType

/** The schema behind default, optional and nullable. */
export function inner(schema: Schema): Schema {
  const wrapped = schema instanceof z.ZodNullable ? schema.unwrap() : behindDefault(schema)
  return wrapped === undefined || wrapped === schema ? schema : inner(wrapped)
}

/** May the value be `null`? */
export function isNullable(schema: Schema): boolean {
  const wrapped = behindDefault(schema)
  return schema instanceof z.ZodNullable || (wrapped !== undefined && isNullable(wrapped))
}

/** May the value be left out? */
export function isOptional(schema: Schema): boolean {
  return behindDefault(schema) !== undefined
}

/** The schemas of an object's members; of a union those of the variant that `value` names. */
export function membersOf(schema: Schema, value: unknown): Readonly<Record<string, Schema>> | undefined {
  const bare = inner(schema)
  if (bare instanceof z.ZodObject) return bare.shape
  if (!(bare instanceof z.ZodDiscriminatedUnion)) return undefined
  const shapes = bare.options.map((option) => (option instanceof z.ZodObject ? option.shape : {}))
  const kind = isObject(value) ? value[bare.def.discriminator] : undefined
  const chosen = shapes.find((shape) => {
    const literal = shape[bare.def.discriminator]
    return literal instanceof z.ZodLiteral && literal.value === kind
  })
  return chosen ?? Object.assign({}, ...shapes)
}

/** The schema of an array's elements. */
export function elementOf(schema: Schema): Schema | undefined {
  const bare = inner(schema)
  return bare instanceof z.ZodArray ? bare.element : undefined
}

/** Is it an object, a record or a union of objects? */
export function isBlock(schema: Schema): boolean {
  const bare = inner(schema)
  return bare instanceof z.ZodObject || bare instanceof z.ZodRecord || bare instanceof z.ZodDiscriminatedUnion
}

/** The schema of one member or element. */
export function stepInto(schema: Schema, step: PropertyKey, value: unknown): Schema | undefined {
  const bare = inner(schema)
  if (typeof step === 'number') return elementOf(bare)
  if (bare instanceof z.ZodRecord) return bare.valueType
  const members = membersOf(bare, value)
  return members && typeof step === 'string' && Object.hasOwn(members, step) ? members[step] : undefined
}

function behindDefault(schema: Schema): Schema | undefined {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return schema.unwrap()
  }
  return undefined
}
