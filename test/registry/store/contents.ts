import { createHash, randomUUID } from 'node:crypto'
import type { Reads, SchemaContent, Store, StoreRecord, Transaction } from '../../../registry/store/store.ts'
import type { MakePlace, StorePlace } from '../store-suite.ts'
import type { Temporary } from '../temporary.ts'

/** A schema whose text is its whole identity. */
export function content(text: string, parts: Partial<SchemaContent> = {}): SchemaContent {
  const identity = createHash('sha256').update(text).digest('hex')
  return { type: 'JSON', text, references: [], identity, guid: randomUUID(), fingerprint: `of ${text}`, ...parts }
}

export function texts(count: number): string[] {
  return Array.from({ length: count }, (_, i) => JSON.stringify({ title: `schema ${i}` }))
}

/** From 1 to `count`. */
export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i + 1)
}

/** Makes a schema the subject's next version, whatever has happened to the subject before. */
export async function append({ subjects }: Transaction, subject: string, schema: SchemaContent | string) {
  const { revision } = await subjects.state(subject)
  const appended = await subjects.append(subject, typeof schema === 'string' ? content(schema) : schema, revision)
  if (appended === undefined) throw new Error(`${subject} has changed within a write`)
  return appended
}

/** Appends what is not there yet. */
export async function appendOnce(transaction: Transaction, subject: string, schema: SchemaContent) {
  const found = await transaction.subjects.find(subject, schema.identity, 'live')
  return found ? { id: found.id, version: found.version } : append(transaction, subject, schema)
}

/** Appends one schema after the other, each in a write of its own. */
export async function appendAll(store: Store, subject: string, schemas: readonly (SchemaContent | string)[]) {
  for (const schema of schemas) await store.write((transaction) => append(transaction, subject, schema))
}

/** A store in a new place; both go when it is disposed of. */
export async function openNew(makePlace: MakePlace): Promise<Temporary<{ store: Store; place: StorePlace }>> {
  await using resources = new AsyncDisposableStack()
  const place = resources.use(await makePlace())
  const store = resources.use(await place.open())
  const kept = resources.move()
  return { store, place, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/** All that a store holds, in the order in which it can be restored. */
export async function recordsOf(reads: Reads): Promise<StoreRecord[]> {
  const { schemas, subjects } = reads
  const limit = 1000
  const everything = { prefix: '', which: 'any', latestOnly: false } as const
  return [
    ...(await schemas.list({ limit })).map((schema) => ({ kind: 'schema' as const, schema })),
    ...(await subjects.entries(everything, { limit })).map((version) => ({ kind: 'version' as const, version })),
    ...(await subjects.all({ limit })).map((subject) => ({ kind: 'subject' as const, subject })),
    { kind: 'counters', maxId: await schemas.maxId() },
    ...(await recordsOfServices(reads)),
  ]
}

async function recordsOfServices({ services, environments }: Reads): Promise<StoreRecord[]> {
  const position = await environments.position()
  if (position === 0) return []
  const all = { limit: 1000 }
  return [
    ...(await services.list(all)).map((service) => ({ kind: 'service' as const, service })),
    ...(await services.allVersions(all)).map((version) => ({ kind: 'service-version' as const, version })),
    ...(await services.allBranches(all)).map((branch) => ({ kind: 'branch' as const, branch })),
    ...(await services.allContracts(all)).map((contract) => ({ kind: 'contract' as const, contract })),
    ...(await environments.list(all)).map((environment) => ({ kind: 'environment' as const, environment })),
    ...(await environments.allDeployments(all)).map((deployment) => ({ kind: 'deployment' as const, deployment })),
    ...(await environments.allReservations(all)).map(({ isExpired: _expired, ...reservation }) => ({
      kind: 'reservation' as const,
      reservation,
    })),
    ...(await environments.overridesAfter(all)).map(({ isExpired: _expired, ...override }) => ({
      kind: 'override' as const,
      override,
    })),
    { kind: 'position', position },
  ]
}
