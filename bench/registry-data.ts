import { createHash } from 'node:crypto'
import type { SchemaContent, Store, StoreRecord } from '../registry/store/store.ts'

/** A schema of about 1 kB that no other number gives; each is a schema that reads what all the others of its series wrote. */
export function schemaText(series: string, number: number): string {
  const fields = Array.from({ length: 12 }, (_, i) => [`field_${i}`, FIELDS[i % FIELDS.length]])
  return JSON.stringify({
    $comment: `${series} ${number}, one of many that differ in nothing but this, so that no two are the same schema`,
    type: 'object',
    properties: Object.fromEntries(fields),
    required: ['field_0', 'field_1'],
    additionalProperties: false,
  })
}

const FIELDS = [
  { type: 'string', maxLength: 64, description: 'a short text, as people write it' },
  { type: 'integer', minimum: 0, maximum: 1_000_000 },
  { enum: ['cats', 'dogs', 'birds'] },
]

/** How a schema by id is answered. */
export function answerOf(id: number): string {
  const { guid, type, text } = contentOf('stored', id)
  return JSON.stringify({ guid, schemaType: type, schema: text })
}

/** Fills a store with schemas 1 to `count`, each the only version of a subject, in about the time that the disk takes. */
export async function fill(store: Store, count: number): Promise<void> {
  const EACH = 2000
  for (let first = 1; first <= count; first += EACH) {
    const ids = Array.from({ length: Math.min(EACH, count - first + 1) }, (_, i) => first + i)
    await store.write(async (transaction) => {
      // Put in in this order, without waiting for each.
      await Promise.all(ids.flatMap(recordsOf).map((record) => transaction.restore(record)))
      await transaction.restore({ kind: 'counters', maxId: ids.at(-1) ?? 0 })
    })
  }
}

function recordsOf(id: number): StoreRecord[] {
  const name = `subject-${id}`
  return [
    { kind: 'schema', schema: { ...contentOf('stored', id), id } },
    { kind: 'version', version: { subject: name, version: 1, id, deleted: false } },
    { kind: 'subject', subject: { name, lastVersion: 1 } },
  ]
}

/** A schema as a store keeps it, made without the cost of reading it. */
export function contentOf(series: string, number: number): SchemaContent {
  const text = schemaText(series, number)
  const identity = createHash('sha256').update(text).digest('hex')
  const guid = createHash('md5').update(text).digest('hex')
  return {
    type: 'JSON',
    text,
    references: [],
    identity,
    guid: guid.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    fingerprint: identity,
  }
}
