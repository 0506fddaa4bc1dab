/**
 * What is wrong with an object schema from a user's module, in words; undefined if nothing is. A project may contain
 * two versions of zod, and a schema of the older one fails deep inside the newer.
 */
export function describeSchemaFault(schema: unknown): string | undefined {
  const expected = 'expected a zod 4 object schema, z.object({ … })'
  const given = describeSchema(schema)
  if (given !== 'object') return `${expected}, given ${given}`
  const shape = (schema as { shape: Record<string, unknown> }).shape
  const faulty = Object.keys(shape).filter((key) => versionOf(shape[key]) !== 4)
  if (!faulty.length) return undefined
  return `expected zod 4 schemas, given ${describeSchema(shape[faulty[0]!])} for ${faulty.join(', ')}`
}

/** How to get the right version. */
export const SCHEMA_HINT = "npm i -D zod@4, or import { z } from 'zod/v4' where zod is 3.25 or newer"

/** `object` for a valid schema, otherwise a description. */
function describeSchema(schema: unknown): string {
  const version = versionOf(schema)
  if (version === 3) return 'a schema of zod 3'
  if (version === undefined) return schema === undefined ? 'nothing' : 'something that is not a schema'
  // oxlint-disable-next-line no-underscore-dangle -- zod's own name for what libraries may read
  const { type } = (schema as { _zod: { def: { type: string } } })._zod.def
  if (type !== 'object') return `a schema of type ${type}`
  return typeof (schema as { strict?: unknown }).strict === 'function' ? 'object' : 'a schema of zod/mini'
}

function versionOf(schema: unknown): 3 | 4 | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined
  if ('_zod' in schema) return 4
  return '_def' in schema ? 3 : undefined
}
