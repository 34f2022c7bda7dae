import type { Json, JsonObject } from '../json.ts'

/** The values that a schema lists, where it does. */
export function valuesIn(schema: JsonObject): readonly Json[] | undefined {
  if ('const' in schema) return [schema.const ?? null]
  return Array.isArray(schema.enum) ? schema.enum : undefined
}
