import { createHash } from 'node:crypto'
import {
  canonicalJson,
  explain,
  type Finding,
  type Json,
  type JsonObject,
  readSchema,
  type Schema,
} from '../../contracts/index.ts'
import { registryError } from '../errors.ts'
import type { SchemaContent, SchemaReference } from '../store/store.ts'

/** A schema as a client sends it, before anything is known of it. */
export type SentSchema = {
  readonly schema?: string | null
  readonly schemaType?: string | null
  readonly references?: readonly SchemaReference[] | null
  readonly metadata?: JsonObject | null
  readonly ruleSet?: JsonObject | null
}

/** Reads a schema that a client sent, or refuses it. `normalize` keeps its canonical form instead of its text. */
export function readContent(sent: SentSchema, normalize: boolean): SchemaContent {
  if (sent.schemaType !== 'JSON') throw registryError('schema.type-unsupported', { type: sent.schemaType ?? undefined })
  if (!sent.schema) throw registryError('schema.missing', undefined)
  const schema = readText(sent.schema)
  const references = sent.references ?? []
  const parts = {
    type: 'JSON' as const,
    text: normalize ? schema.canonical : sent.schema,
    references: normalize ? [...references].sort((a, b) => (a.name < b.name ? -1 : 1)) : references,
    ...(isFilled(sent.metadata) && { metadata: sent.metadata }),
    ...(isFilled(sent.ruleSet) && { ruleSet: sent.ruleSet }),
  }
  return { ...parts, identity: identityOf(parts), guid: guidOf(parts), fingerprint: schema.fingerprint }
}

function readText(text: string): Schema {
  if (!text.isWellFormed()) throw registryError('schema.refused', { reasons: 'its text is ill-formed Unicode' })
  const { schema, findings } = readSchema(text)
  if (schema) return schema
  const code = findings.some(isAmbiguous) ? 'schema.ambiguous' : 'schema.refused'
  throw registryError(code, { reasons: inWords(findings) })
}

function isAmbiguous({ code }: Finding): boolean {
  return code === 'json.duplicate-key' || code === 'json.forbidden-name'
}

/** As many findings as a person reads; one bad schema can have thousands. */
const FINDINGS_TOLD = 10

function inWords(findings: readonly Finding[]): string {
  const told = findings.slice(0, FINDINGS_TOLD).map(explain)
  const more = findings.length - told.length
  return `${told.join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}

function isFilled(value: JsonObject | null | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

type Parts = Pick<SchemaContent, 'type' | 'text' | 'references' | 'metadata' | 'ruleSet'>

/** The guid is no identity: MD5 collisions can be made, and a collision would hand out another's schema. */
function identityOf({ type, text, references, metadata, ruleSet }: Parts): string {
  const parts: Json = [type, text, references.map(listOf), metadata ?? null, ruleSet ?? null]
  return createHash('sha256').update(canonicalJson(parts)).digest('hex')
}

/** As the Schema Registry API makes it: for a schema by itself, the MD5 of its text, printed as a UUID. */
function guidOf({ text, references, metadata, ruleSet }: Parts): string {
  const hash = createHash('md5').update(text)
  for (const reference of references) hash.update(canonicalJson(listOf(reference)))
  for (const part of [metadata, ruleSet]) if (part) hash.update('\u0001').update(canonicalJson(part))
  return hash.digest('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

function listOf({ name, subject, version }: SchemaReference): Json {
  return [name, subject, version]
}
