import { isObject, type Json, type JsonObject } from '../json.ts'
import type { JsonSchema } from '../schema/keywords.ts'

const FORMATS: { readonly [format: string]: string } = {
  uuid: '00000000-0000-4000-8000-000000000000',
  'date-time': '2000-01-01T00:00:00Z',
  date: '2000-01-01',
  time: '00:00:00Z',
  email: 'someone@example.com',
  uri: 'https://example.com/',
}

/** A value that a simple schema most likely accepts; whoever asks lets ajv confirm it. */
export function sample(schema: JsonSchema): Json {
  if (!isObject(schema)) return null
  if ('const' in schema) return schema.const ?? null
  if (Array.isArray(schema.enum)) return schema.enum[0] ?? null
  const branches = schema.anyOf ?? schema.oneOf
  if (Array.isArray(branches)) return sample((branches[0] ?? true) as JsonSchema)
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  switch (type) {
    case 'string':
      return typeof schema.format === 'string' ? (FORMATS[schema.format] ?? '') : 'a'.repeat(atLeast(schema.minLength))
    case 'integer':
    case 'number':
      return numberWithin(schema)
    case 'boolean':
      return true
    case 'array':
      return Array.from({ length: atLeast(schema.minItems) }, () => sample((schema.items ?? true) as JsonSchema))
    case 'object':
      return sampleObject(schema)
    default:
      return null
  }
}

/** The fields that must be there, in the order in which the schema declares them. */
function sampleObject({ properties, required }: JsonObject): JsonObject {
  const names = Array.isArray(required) ? required.map(String) : []
  const declared = isObject(properties) ? properties : {}
  const inOrder = [...Object.keys(declared).filter((name) => names.includes(name)), ...names]
  return Object.fromEntries(inOrder.map((name) => [name, sample((declared[name] ?? true) as JsonSchema)]))
}

function numberWithin({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonObject): number {
  if (typeof minimum === 'number' && minimum > 0) return minimum
  if (typeof exclusiveMinimum === 'number' && exclusiveMinimum >= 0) return exclusiveMinimum + 1
  if (typeof maximum === 'number' && maximum < 0) return maximum
  return typeof exclusiveMaximum === 'number' && exclusiveMaximum <= 0 ? exclusiveMaximum - 1 : 0
}

function atLeast(minimum: Json | undefined): number {
  return typeof minimum === 'number' ? Math.min(minimum, 1000) : 0
}
