import {
  bundle,
  ContractRefused,
  canonicalJson,
  type Direction,
  dialectOf,
  type Finding,
  fingerprint,
  type Headers,
  type Json,
  type JsonSchema,
  layoutOf,
  parseJson,
  readSchema,
  SCHEMA_LIMITS,
  type Schema,
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
  | {
      readonly findings: readonly Finding[]
      readonly otherDialect?: string
      /** False where it is a schema, and only what is to carry it cannot. */
      readonly isCarried?: false
    }

/** What is to carry a message of the schema: fields cannot carry everything. */
export type Carried = {
  readonly channel: string
  readonly direction: Direction
  readonly encoding: 'fields' | 'json'
  readonly headers: Headers
}

/** Reads a document as registering does. It takes time that grows with the text, so large ones are read in a thread. */
export function readDocument(document: SchemaDocument, carried?: Carried): DocumentRead {
  const alone = Object.keys(document.documents).length === 0
  if (alone) return readAlone(document.text, carried)
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

function readAlone(text: string, carried: Carried | undefined): DocumentRead {
  const { schema, findings } = readSchema(text)
  if (!schema) return { findings }
  const uncarried = carried && findUncarried(schema, carried)
  if (uncarried) return { findings: uncarried, isCarried: false }
  return { fingerprint: schema.fingerprint, canonical: schema.inexact.length === 0 ? schema.canonical : text }
}

function findUncarried(
  schema: Schema,
  { channel, direction, encoding, headers }: Carried,
): readonly Finding[] | undefined {
  try {
    layoutOf({ channel, schema, encoding, field: 'data', headers }, direction)
    return undefined
  } catch (error) {
    if (error instanceof ContractRefused) return error.findings
    throw error
  }
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
