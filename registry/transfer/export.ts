import { setImmediate as nextTurn } from 'node:timers/promises'
import type { BranchEntry, StoredContract, VersionName } from '../store/services.ts'
import type { Reads, Store, StoreRecord } from '../store/store.ts'
import { countRecord, FORM, OLDEST_FORM, type TransferCounts } from './form.ts'

/** How a transfer tells how far it has come. */
export type Progress = (counts: TransferCounts) => void

/** Schemas may be large, the rest is small. */
const SCHEMAS_AT_ONCE = 16
const ENTRIES_AT_ONCE = 500
const CHUNK_CHARACTERS = 1_000_000

/**
 * Writes all that a store holds, as of one moment, as lines of JSON. `write` is handed whole lines, many at a time, and
 * the next ones are read once it has resolved; when it rejects, so does the export.
 */
export async function exportRecords(
  store: Store,
  write: (lines: string) => Promise<void>,
  onProgress: Progress = () => {},
): Promise<TransferCounts> {
  return store.snapshot(async (reads) => {
    let lines = 1
    let counts: TransferCounts = { schemas: 0, versions: 0, subjects: 0 }
    const form = await formOf(reads)
    await write(lineOf({ concordat: 'export', form }))
    for await (const page of pagesOf(reads, form)) {
      lines += page.length
      counts = page.reduce(countRecord, counts)
      for (const chunk of chunksOf(page)) await write(chunk)
      onProgress(counts)
      // A database in the same process answers at once, and would let nobody else in between.
      await nextTurn()
    }
    await write(lineOf({ concordat: 'end', lines, ...counts }))
    return counts
  })
}

/** A page of large schemas is written in parts, so that its text is never in memory as a whole. */
function* chunksOf(page: readonly StoreRecord[]): Generator<string> {
  let chunk = ''
  for (const record of page) {
    chunk += lineOf(record)
    if (chunk.length < CHUNK_CHARACTERS) continue
    yield chunk
    chunk = ''
  }
  if (chunk !== '') yield chunk
}

function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`
}

/** A store is written as the first release that knows of all that it holds would, so that this one can read it. */
async function formOf({ audit, environments }: Reads): Promise<number> {
  if ((await audit.list({ limit: 1 })).length > 0) return FORM
  const isPlain = (await environments.position()) === 0 && (await environments.list({ limit: 1 })).length === 0
  return isPlain ? OLDEST_FORM : FORM_WITHOUT_AUDIT
}

const FORM_WITHOUT_AUDIT = 2

async function* pagesOf(reads: Reads, form: number): AsyncGenerator<StoreRecord[]> {
  yield* pagesOfSubjects(reads)
  if (form === OLDEST_FORM) return
  yield* pagesOfServices(reads)
  yield* pagesOfEnvironments(reads)
}

async function* pagesOfSubjects({ schemas, subjects }: Reads): AsyncGenerator<StoreRecord[]> {
  const everything = { prefix: '', which: 'any', latestOnly: false } as const
  const ofSchemas = (after?: number) => schemas.list({ after, limit: SCHEMAS_AT_ONCE })
  for await (const page of pages(ofSchemas, ({ id }) => id)) yield page.map(schemaRecord)
  const ofVersions = (after?: { subject: string; version: number }) =>
    subjects.entries(everything, { after, limit: ENTRIES_AT_ONCE })
  for await (const page of pages(ofVersions, (version) => version))
    yield page.map((version) => ({ kind: 'version', version }))
  const ofSubjects = (after?: string) => subjects.all({ after, limit: ENTRIES_AT_ONCE })
  for await (const page of pages(ofSubjects, ({ name }) => name))
    yield page.map((subject) => ({ kind: 'subject', subject }))
  yield [{ kind: 'counters', maxId: await schemas.maxId() }]
}

async function* pagesOfServices({ services }: Reads): AsyncGenerator<StoreRecord[]> {
  const limit = ENTRIES_AT_ONCE
  const ofServices = (after?: string) => services.list({ after, limit })
  for await (const page of pages(ofServices, ({ name }) => name))
    yield page.map((service) => ({ kind: 'service', service }))
  const ofVersions = (after?: VersionName) => services.allVersions({ after, limit })
  for await (const page of pages(ofVersions, (version) => version))
    yield page.map((version) => ({ kind: 'service-version', version }))
  const ofBranches = (after?: BranchEntry) => services.allBranches({ after, limit })
  for await (const page of pages(ofBranches, (branch) => branch))
    yield page.map((branch) => ({ kind: 'branch', branch }))
  const ofContracts = (after?: StoredContract) => services.allContracts({ after, limit })
  for await (const page of pages(ofContracts, (contract) => contract))
    yield page.map((contract) => ({ kind: 'contract', contract }))
}

async function* pagesOfEnvironments({ environments, audit }: Reads): AsyncGenerator<StoreRecord[]> {
  const limit = ENTRIES_AT_ONCE
  const ofEnvironments = (after?: string) => environments.list({ after, limit })
  for await (const page of pages(ofEnvironments, ({ name }) => name))
    yield page.map((environment) => ({ kind: 'environment', environment }))
  const ofDeployments = (after?: number) => environments.allDeployments({ after, limit })
  for await (const page of pages(ofDeployments, ({ id }) => id))
    yield page.map((deployment) => ({ kind: 'deployment', deployment }))
  const ofReservations = (after?: number) => environments.allReservations({ after, limit })
  for await (const page of pages(ofReservations, ({ id }) => id))
    yield page.map(({ isExpired: _isExpired, ...reservation }) => ({ kind: 'reservation', reservation }))
  const ofOverrides = (after?: number) => environments.overridesAfter({ after, limit })
  for await (const page of pages(ofOverrides, ({ id }) => id))
    yield page.map(({ isExpired: _isExpired, ...override }) => ({ kind: 'override', override }))
  const ofAudit = (after?: number) => audit.list({ after, limit })
  for await (const page of pages(ofAudit, ({ id }) => id)) yield page.map((row) => ({ kind: 'audit', row }))
  yield [{ kind: 'position', position: await environments.position() }]
}

async function* pages<Entry, Key>(
  read: (after?: Key) => Promise<Entry[]>,
  keyOf: (entry: Entry) => Key,
): AsyncGenerator<Entry[]> {
  for (let page = await read(); page.length > 0; ) {
    yield page
    const last = page.at(-1)
    page = last === undefined ? [] : await read(keyOf(last))
  }
}

type Schema = Extract<StoreRecord, { kind: 'schema' }>['schema']

/** References may be kept with members that mean nothing, as clients sent them; an export leaves these out. */
function schemaRecord(schema: Schema): StoreRecord {
  const references = schema.references.map(({ name, subject, version }) => ({ name, subject, version }))
  return { kind: 'schema', schema: { ...schema, references } }
}
