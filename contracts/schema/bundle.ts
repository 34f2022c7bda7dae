import { isObject, type Json } from '../json.ts'
import type { JsonSchema } from './keywords.ts'

/** Other documents by the URI under which references find them. */
export type Documents = { readonly [uri: string]: JsonSchema }

/** The schema with other documents inside it, where its references find them. They must be of its own dialect. */
export function bundle(schema: JsonSchema, documents: Documents): JsonSchema {
  const others = Object.entries(documents)
  if (others.length === 0 || !isObject(schema)) return schema
  const inner = others.map(([uri, document], i): [string, Json] => {
    const { $schema: _, ...rest } = isObject(document) ? document : { allOf: [document] }
    return [`document ${i}`, { ...rest, $id: uri }]
  })
  return { ...schema, $defs: { ...(isObject(schema.$defs) ? schema.$defs : {}), ...Object.fromEntries(inner) } }
}
