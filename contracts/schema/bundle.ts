import { isObject, type Json } from '../json.ts'
import { dialectOf } from './dialect.ts'
import type { JsonSchema } from './keywords.ts'

/** Other documents by the URI under which references find them. */
export type Documents = { readonly [uri: string]: JsonSchema }

/** The schema with other documents inside it, where its references find them. They must be of its own dialect. */
export function bundle(schema: JsonSchema, documents: Documents): JsonSchema {
  const others = Object.entries(documents)
  if (others.length === 0 || !isObject(schema)) return schema
  const inner = others.map(([uri, document], i): [string, Json] => {
    const { $schema: _, ...rest } = nameable(document)
    return [`document ${i}`, { ...rest, $id: uri }]
  })
  return { ...schema, $defs: { ...(isObject(schema.$defs) ? schema.$defs : {}), ...Object.fromEntries(inner) } }
}

/**
 * A document as it can be given a name. In draft-07 nothing counts that stands beside a `$ref`, the name included, so the
 * reference moves inside; generators of schemas write many such documents.
 */
function nameable(document: JsonSchema): { readonly [keyword: string]: Json } {
  if (!isObject(document)) return { allOf: [document] }
  if (!('$ref' in document) || dialectOf(document) !== 'draft-07') return document
  const { $ref = null, definitions = {}, $defs = {} } = document
  return { definitions, $defs, anyOf: [{ $ref }] }
}
