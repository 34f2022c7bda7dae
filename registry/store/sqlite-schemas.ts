import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { JsonObject } from '../../contracts/index.ts'
import type { SchemaReads, SchemaReference, SchemaWrites, StoredSchema } from './store.ts'

type Row = Record<string, SQLOutputValue>

const SCHEMA = 's.id, s.guid, s.fingerprint, s.type, s.text, s.refs, s.metadata, s.rule_set'
// The one context that there is so far.
const IN_CONTEXT = "context = '.'"
const VERSION = `SELECT v.version, ${SCHEMA} FROM versions v JOIN schemas s ON s.context = v.context AND s.id = v.schema_id
  WHERE v.${IN_CONTEXT} AND v.subject = ? AND v.deleted = 0`

export function readSchemas(database: DatabaseSync): SchemaReads {
  const byId = database.prepare(`SELECT ${SCHEMA} FROM schemas s WHERE ${IN_CONTEXT} AND id = ?`)
  const idOf = database.prepare(`SELECT id FROM schemas WHERE ${IN_CONTEXT} AND identity = ?`)
  const version = database.prepare(`${VERSION} AND v.version = ?`)
  const latest = database.prepare(`${VERSION} ORDER BY v.version DESC LIMIT 1`)
  const live = `FROM versions WHERE ${IN_CONTEXT} AND deleted = 0`
  const versionOf = database.prepare(`SELECT max(version) AS version ${live} AND subject = ? AND schema_id = ?`)
  const versions = database.prepare(`SELECT version ${live} AND subject = ? ORDER BY version`)
  const subjects = database.prepare(`SELECT DISTINCT subject ${live} ORDER BY subject`)
  return {
    byId: async (id) => optional(byId.get(id), schemaIn),
    idOf: async (identity) => optional(idOf.get(identity), (row) => numberIn(row, 'id')),
    version: async (subject, number) =>
      optional(number === 'latest' ? latest.get(subject) : version.get(subject, number), (row) => ({
        ...schemaIn(row),
        subject,
        version: numberIn(row, 'version'),
      })),
    versionOf: async (subject, id) => optional(versionOf.get(subject, id), (row) => optionalNumberIn(row, 'version')),
    versions: async (subject) => versions.all(subject).map((row) => numberIn(row, 'version')),
    subjects: async () => subjects.all().map((row) => textIn(row, 'subject')),
  }
}

export function writeSchemas(database: DatabaseSync): SchemaWrites {
  const reads = readSchemas(database)
  const nextId = database.prepare(
    "UPDATE contexts SET next_schema_id = next_schema_id + 1 WHERE name = '.' RETURNING next_schema_id - 1 AS id",
  )
  const insert = database.prepare(
    "INSERT INTO schemas (context, id, identity, guid, fingerprint, type, text, refs, metadata, rule_set) VALUES ('.', ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  )
  const append = database.prepare(
    `INSERT INTO versions (context, subject, version, schema_id)
     SELECT '.', ?1, coalesce(max(version), 0) + 1, ?2 FROM versions WHERE ${IN_CONTEXT} AND subject = ?1 RETURNING version`,
  )
  return {
    ...reads,
    keep: async (content) => {
      const known = await reads.idOf(content.identity)
      if (known !== undefined) return known
      const { identity, guid, fingerprint, type, text, references, metadata, ruleSet } = content
      const id = numberIn(nextId.get(), 'id')
      insert.run(id, identity, guid, fingerprint, type, text, JSON.stringify(references), json(metadata), json(ruleSet))
      return id
    },
    append: async (subject, schemaId) => numberIn(append.get(subject, schemaId), 'version'),
  }
}

function schemaIn(row: Row): StoredSchema {
  const metadata = optionalJsonIn(row, 'metadata')
  const ruleSet = optionalJsonIn(row, 'rule_set')
  return {
    id: numberIn(row, 'id'),
    guid: textIn(row, 'guid'),
    fingerprint: textIn(row, 'fingerprint'),
    type: 'JSON',
    text: textIn(row, 'text'),
    references: JSON.parse(textIn(row, 'refs')) as SchemaReference[],
    ...(metadata && { metadata }),
    ...(ruleSet && { ruleSet }),
  }
}

function optional<T>(row: Row | undefined, read: (row: Row) => T): T | undefined {
  return row === undefined ? undefined : read(row)
}

function numberIn(row: Row | undefined, column: string): number {
  const value = row?.[column]
  if (typeof value !== 'number') throw new TypeError(`The column ${column} holds no number`)
  return value
}

function optionalNumberIn(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : numberIn(row, column)
}

function textIn(row: Row, column: string): string {
  const value = row[column]
  if (typeof value !== 'string') throw new TypeError(`The column ${column} holds no text`)
  return value
}

function optionalJsonIn(row: Row, column: string): JsonObject | undefined {
  return row[column] === null ? undefined : (JSON.parse(textIn(row, column)) as JsonObject)
}

function json(value: JsonObject | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value)
}
