import { registryError } from '../errors.ts'
import type { SchemaContent, SchemaReads, Store, StoredSchema, Transaction } from '../store/store.ts'
import { readContent, type SentSchema } from './content.ts'
import { checkSubject } from './subject.ts'

export type Registration = SentSchema & {
  /** The id that the schema is to have. */
  readonly id?: number | null
  /** The version that the schema is to become, for clients that compare and set. */
  readonly version?: number | null
}

export type Registered = StoredSchema & { readonly version: number }

/** Makes a schema the subject's next version; a schema that the subject has already keeps its version. */
export async function register(
  store: Store,
  subject: string,
  sent: Registration,
  normalize: boolean,
): Promise<Registered> {
  checkSubject(subject)
  const content = readContent(sent, normalize)
  // Clients register at every start: the answer that changes nothing needs no write.
  const known = await findRegistered(store.schemas, subject, content)
  return known ?? (await store.write((transaction) => append(transaction, subject, { content, sent })))
}

async function append(
  { schemas }: Transaction,
  subject: string,
  { content, sent }: { content: SchemaContent; sent: Registration },
): Promise<Registered> {
  const known = await findRegistered(schemas, subject, content)
  if (known) return known
  // 0 and -1 are how clients spell "none given".
  if (sent.id && sent.id > 0) throw registryError('id.not-allowed', { subject })
  if (sent.version && sent.version > 0) await checkIsNext(schemas, subject, sent.version)
  await checkReferences(schemas, content)
  const id = await schemas.keep(content)
  return { ...content, id, version: await schemas.append(subject, id) }
}

/** The version as which a subject has this very content. */
export async function findRegistered(
  schemas: SchemaReads,
  subject: string,
  content: SchemaContent,
): Promise<Registered | undefined> {
  const id = await schemas.idOf(content.identity)
  const version = id === undefined ? undefined : await schemas.versionOf(subject, id)
  return id === undefined || version === undefined ? undefined : { ...content, id, version }
}

async function checkIsNext(schemas: SchemaReads, subject: string, version: number): Promise<void> {
  const latest = await schemas.version(subject, 'latest')
  if (version !== (latest?.version ?? 0) + 1) throw registryError('version.not-next', undefined)
}

async function checkReferences(schemas: SchemaReads, { references }: SchemaContent): Promise<void> {
  for (const { subject, version } of references) {
    const found = await schemas.version(subject, version === -1 ? 'latest' : version)
    if (!found) throw registryError('reference.unknown', { subject, version })
  }
}
