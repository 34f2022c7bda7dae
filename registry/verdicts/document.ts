import {
  bundle,
  canonicalJson,
  dialectOf,
  type Finding,
  fingerprint,
  type Json,
  type JsonSchema,
  parseJson,
  readSchema,
  SCHEMA_LIMITS,
} from '../../contracts/index.ts'

/** A schema's text, and the texts of all that it refers to, by the names that its references use. */
export type SchemaDocument = { readonly text: string; readonly documents: { readonly [name: string]: string } }

/** What reading a document tells: what it is, or why it is no schema that can be kept. */
export type DocumentRead =
  | {
      readonly findings?: undefined
      /** Equal for equal documents, references resolved. */
      readonly fingerprint: string
      /** The text with sorted keys and no white space; the text itself where numbers in it would change. */
      readonly canonical: string
    }
  | { readonly findings: readonly Finding[]; readonly otherDialect?: string }

/** Reads a document as registering does. It takes time that grows with the text, so large ones are read in a thread. */
export function readDocument(document: SchemaDocument): DocumentRead {
  const alone = Object.keys(document.documents).length === 0
  if (alone) return readAlone(document.text)
  const parsed = parseJson(document.text, SCHEMA_LIMITS.depth)
  if (parsed.findings) return parsed
  const otherDialect = findOtherDialect(parsed.value, document.documents)
  if (otherDialect !== undefined) return { findings: [], otherDialect }
  const bundled = assemble(document)
  const { schema, findings } = readSchema(bundled)
  if (!schema) return { findings }
  const isExact = parsed.inexact.length === 0
  return { fingerprint: fingerprint(bundled), canonical: isExact ? canonicalJson(parsed.value) : document.text }
}

function readAlone(text: string): DocumentRead {
  const { schema, findings } = readSchema(text)
  if (!schema) return { findings }
  return { fingerprint: schema.fingerprint, canonical: schema.inexact.length === 0 ? schema.canonical : text }
}

/** The schema with all that it refers to inside it. The texts have been read before. */
export function assemble({ text, documents }: SchemaDocument): JsonSchema {
  // in one order, so that the same document has the same fingerprint
  const names = Object.entries(documents).sort(([a], [b]) => (a < b ? -1 : 1))
  const inner = names.map(([name, other]) => [name, parse(other)])
  return bundle(parse(text), Object.fromEntries(inner))
}

/** Keywords mean different things in different dialects, so all parts of a document speak one. */
function findOtherDialect(root: Json, documents: SchemaDocument['documents']): string | undefined {
  const dialect = dialectOf(root)
  return Object.keys(documents).find((name) => dialectOf(parse(documents[name] ?? '')) !== dialect)
}

function parse(text: string): JsonSchema {
  return JSON.parse(text) as JsonSchema
}
