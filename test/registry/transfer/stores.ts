import { createHash } from 'node:crypto'
import { openSqliteStore } from '../../../registry/store/sqlite/open.ts'
import type { SchemaContent, Store, StoreRecord } from '../../../registry/store/store.ts'
import { exportRecords } from '../../../registry/transfer/export.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

/** A new SQLite store in a folder that goes when the test is over. */
export async function newStore(records: readonly StoreRecord[] = []): Promise<Store> {
  const store = await openSqliteStore(await temporaryFolder())
  await restore(store, records)
  return store
}

export async function restore(store: Store, records: readonly StoreRecord[]): Promise<void> {
  await store.write(async (transaction) => {
    for (const record of records) await transaction.restore(record)
  })
}

/** Content as the registry would make it of a text; equal parts have one identity. */
export function contentOf(parts: Partial<SchemaContent> & { readonly text: string }): SchemaContent {
  const whole = { type: 'JSON' as const, references: [], ...parts }
  const md5 = createHash('md5').update(parts.text).digest('hex')
  const guid = md5.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  return { ...whole, identity: sha256(JSON.stringify(whole)), guid, fingerprint: sha256(parts.text) }
}

export async function exportText(store: Store): Promise<string> {
  const chunks: string[] = []
  await exportRecords(store, async (lines) => void chunks.push(lines))
  return chunks.join('')
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** The lines of an export, to be read as often as one likes. */
export function linesOf(text: string): () => AsyncIterable<string> {
  return async function* () {
    yield* text.replace(/\n$/, '').split('\n')
  }
}

/** A store with one of everything. */
export const EVERYTHING: readonly StoreRecord[] = [
  { kind: 'schema', schema: { id: 1, ...contentOf({ text: '{"type":"object"}' }) } },
  {
    kind: 'schema',
    schema: {
      id: 4,
      ...contentOf({
        text: '{ "title": "ü 🎉 \\ud83d" }',
        references: [{ name: 'a.json', subject: 'a', version: 1 }],
        metadata: { properties: { owner: 'tally', 1: null } },
        ruleSet: { domainRules: [] },
      }),
    },
  },
  { kind: 'version', version: { subject: 'a', version: 1, id: 1, deleted: true } },
  { kind: 'version', version: { subject: 'a', version: 3, id: 4, deleted: false } },
  { kind: 'version', version: { subject: 'ﬀ', version: 1, id: 1, deleted: false } },
  { kind: 'version', version: { subject: '😀', version: 2, id: 1, deleted: false } },
  { kind: 'subject', subject: { name: '', lastVersion: 0, config: { compatibilityLevel: 'FULL' }, mode: 'READONLY' } },
  { kind: 'subject', subject: { name: 'a', lastVersion: 5 } },
  { kind: 'subject', subject: { name: 'set only', lastVersion: 0, config: { normalize: true } } },
  { kind: 'subject', subject: { name: 'ﬀ', lastVersion: 1, mode: 'READWRITE' } },
  { kind: 'subject', subject: { name: '😀', lastVersion: 2 } },
  { kind: 'counters', maxId: 9 },
]
