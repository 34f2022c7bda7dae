import { createHash } from 'node:crypto'
import { canonicalJson, explain, type Finding, type Json, type JsonObject } from '../../contracts/index.ts'
import { registryError } from '../errors.ts'
import type { Registry } from '../registry.ts'
import type { SchemaContent, SchemaReference } from '../store/store.ts'
import { DECIDER_DEADLINE_MS } from '../verdicts/decider.ts'
import type { DocumentRead, SchemaDocument } from '../verdicts/document.ts'
import { pinReferences, textsOf } from './references.ts'

/** A schema as a client sends it, before anything is known of it. */
export type SentSchema = {
  readonly schema?: string | null
  readonly schemaType?: string | null
  readonly references?: readonly SchemaReference[] | null
  readonly metadata?: JsonObject | null
  readonly ruleSet?: JsonObject | null
}

/** Content that has been read, with the texts of what it refers to. */
export type Candidate = { readonly content: SchemaContent; readonly document: SchemaDocument }

/** Reads a schema that a client sent, or refuses it. `normalize` keeps its canonical form instead of its text. */
export async function readContent(registry: Registry, sent: SentSchema, normalize: boolean): Promise<Candidate> {
  if (sent.schemaType !== 'JSON') throw registryError('schema.type-unsupported', { type: sent.schemaType ?? undefined })
  if (!sent.schema) throw registryError('schema.missing', undefined)
  if (!sent.schema.isWellFormed()) throw registryError('schema.refused', { reasons: 'its text is ill-formed Unicode' })
  const { subjects } = registry.store
  const references = await pinReferences(subjects, sent.references ?? [])
  const document = { text: sent.schema, documents: await textsOf(subjects, references, 'live') }
  const { canonical, fingerprint } = accept(await registry.engine.read(document))
  const parts = {
    type: 'JSON' as const,
    text: normalize ? canonical : sent.schema,
    references: normalize ? [...references].sort((a, b) => (a.name < b.name ? -1 : 1)) : references,
    ...(isFilled(sent.metadata) && { metadata: sent.metadata }),
    ...(isFilled(sent.ruleSet) && { ruleSet: sent.ruleSet }),
  }
  return { content: identify(parts, fingerprint), document }
}

/** The content that a schema is by itself, whose fingerprint is known. */
export function contentOf(text: string, fingerprint: string): SchemaContent {
  return identify({ type: 'JSON', text, references: [] }, fingerprint)
}

/** The same schema with other metadata and another rule set, which are a part of what it is. */
export function withParts(
  { type, text, references, fingerprint }: SchemaContent,
  metadata: JsonObject | undefined,
  ruleSet: JsonObject | undefined,
): SchemaContent {
  const parts = { ...(isFilled(metadata) && { metadata }), ...(isFilled(ruleSet) && { ruleSet }) }
  return identify({ type, text, references, ...parts }, fingerprint)
}

type Readable = Extract<DocumentRead, { readonly fingerprint: string }>

export function accept(read: DocumentRead | undefined): Readable {
  if (read === undefined)
    throw registryError('schema.refused', { reasons: `it takes more than ${DECIDER_DEADLINE_MS} ms to read` })
  if (read.findings === undefined) return read
  if (read.otherDialect !== undefined) throw registryError('reference.other-dialect', { name: read.otherDialect })
  const code = read.findings.some(isAmbiguous) ? 'schema.ambiguous' : 'schema.refused'
  throw registryError(code, { reasons: inWords(read.findings) })
}

function isAmbiguous({ code }: Finding): boolean {
  return code === 'json.duplicate-key' || code === 'json.forbidden-name'
}

/** As many findings as a person reads; one bad schema can have thousands. */
export const FINDINGS_TOLD = 10

export function inWords(findings: readonly Finding[]): string {
  const told = findings.slice(0, FINDINGS_TOLD).map(explain)
  const more = findings.length - told.length
  return `${told.join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}

function isFilled(value: JsonObject | null | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

type Parts = Pick<SchemaContent, 'type' | 'text' | 'references' | 'metadata' | 'ruleSet'>

function identify(parts: Parts, fingerprint: string): SchemaContent {
  return { ...parts, identity: identityOf(parts), guid: guidOf(parts), fingerprint }
}

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
