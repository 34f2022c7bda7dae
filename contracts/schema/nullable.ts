import { type JsonSchema, mapSubschemas } from './keywords.ts'

/** Whether a schema may speak of `nullable`, which is OpenAPI's, and which ajv knows beside `type`. */
export function mentionsNullable(canonical: string): boolean {
  return canonical.includes('"nullable":')
}

/** The schema as ajv reads it: `nullable: true` beside `type` is one more type. Elsewhere ajv would not take the word. */
export function nullableAsType(schema: JsonSchema): JsonSchema {
  if (typeof schema === 'boolean') return schema
  const { nullable, ...rest } = schema
  const copy = mapSubschemas(rest, nullableAsType)
  if (typeof copy === 'boolean' || nullable !== true || rest.type === undefined) return copy
  const types = [rest.type].flat()
  return types.includes('null') ? copy : { ...copy, type: [...types, 'null'] }
}

/** The schema as the specification reads it, which does not know the word. */
export function withoutNullable(schema: JsonSchema): JsonSchema {
  if (typeof schema === 'boolean') return schema
  const { nullable: _, ...rest } = schema
  return mapSubschemas(rest, withoutNullable)
}
