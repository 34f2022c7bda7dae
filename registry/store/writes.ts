import type { AuditEntry } from './access.ts'
import { askAbout, insertAll } from './lists.ts'
import { readsOver } from './reads.ts'
import { isOfServices, restoreRecord } from './restore.ts'
import { jsonOf, numberIn, type Sql, textIn } from './sql.ts'
import type {
  Appended,
  AppendRequest,
  SchemaContent,
  Settings,
  StoreRecord,
  SubjectWrites,
  Transaction,
  VersionKey,
} from './store.ts'
import { restoreAudit, writeAnswers, writeAudit, writeCredentials } from './write-access.ts'
import { writeEnvironments, writeVerdicts } from './write-environments.ts'
import { writeServices } from './write-services.ts'

/** What a transaction may do, over a connection that has one open and that nobody else writes beside. */
export function writesOver(sql: Sql): Transaction {
  const { schemas, subjects, channels } = readsOver(sql)
  const audit = writeAudit(sql)
  const writes: Omit<SubjectWrites, keyof typeof subjects> = {
    append: (subject, content, revision) => appendOne(sql, { subject, content, revision }),
    appendAll: async (requests) => {
      const appended: (Appended | undefined)[] = []
      for (const request of requests) appended.push(await appendOne(sql, request))
      await audit.append(auditOf(requests, appended))
      return appended
    },
    hide: async (subject, versions) => {
      for (const version of versions)
        await sql(
          "UPDATE versions SET deleted = 1 WHERE context = '.' AND subject = ?1 AND version = ?2",
          subject,
          version,
        )
      await sql(`${touch('0, NULL, NULL')} last_version = subjects.last_version`, subject, await nextRevision(sql))
    },
    remove: async (subject, versions) => {
      for (const version of versions) await removeVersion(sql, subject, version)
      await sql(`${touch('0, NULL, NULL')} last_version = subjects.last_version`, subject, await nextRevision(sql))
      const left = "SELECT 1 FROM versions v WHERE v.context = '.' AND v.subject = ?1"
      await sql(`DELETE FROM subjects WHERE context = '.' AND name = ?1 AND NOT EXISTS (${left})`, subject)
    },
    configure: async (subject, { config, mode }) => {
      const text = `${touch('0, ?3, ?4')} config = excluded.config, mode = excluded.mode`
      await sql(text, subject, await nextRevision(sql), jsonOf(config), mode ?? null)
    },
  }
  return {
    schemas: { ...schemas, keepAll: (contents) => keepAll(sql, contents) },
    subjects: { ...subjects, ...writes },
    services: writeServices(sql),
    channels,
    environments: writeEnvironments(sql),
    verdicts: writeVerdicts(sql),
    credentials: writeCredentials(sql),
    audit,
    answers: writeAnswers(sql),
    restore: (record) => restore(sql, record),
  }
}

/** The rows of the requests that have been carried out. */
export function auditOf(requests: readonly AppendRequest[], appended: readonly unknown[]): AuditEntry[] {
  return requests.flatMap(({ audit }, i) => (audit === undefined || appended[i] === undefined ? [] : [audit]))
}

async function keepAll(sql: Sql, contents: readonly SchemaContent[]): Promise<number[]> {
  const rows = await askAbout(
    sql,
    contents.map(({ identity }) => identity),
    { textOf: (list) => `SELECT s.id, s.identity FROM schemas s WHERE s.context = '.' AND s.identity IN ${list}` },
  )
  const known = new Map(rows.map((row) => [textIn(row, 'identity'), numberIn(row, 'id')]))
  const fresh = new Map(
    contents.filter(({ identity }) => !known.has(identity)).map((content) => [content.identity, content]),
  )
  const first = await giveIds(sql, fresh.size)
  const kept = [...fresh.values()].map((content, i) => ({ ...content, id: first + i }))
  await insertSchemas(sql, kept)
  for (const { identity, id } of kept) known.set(identity, id)
  return contents.map(({ identity }) => known.get(identity) ?? 0)
}

async function appendOne(sql: Sql, { subject, content, revision }: AppendRequest): Promise<Appended | undefined> {
  if ((await readsOver(sql).subjects.state(subject)).revision !== revision) return undefined
  const [kept] = await sql("SELECT id FROM schemas WHERE context = '.' AND identity = ?1", content.identity)
  const id = kept ? numberIn(kept, 'id') : await keep(sql, content)
  const text = `${touch('1, NULL, NULL')} last_version = subjects.last_version + 1 RETURNING last_version`
  const [row] = await sql(text, subject, await nextRevision(sql))
  const version = numberIn(row, 'last_version')
  await sql(INSERT_VERSION, subject, version, id, 0)
  if (kept) await removeForgotten(sql, { subject, version, id })
  return { id, version }
}

/** Makes the subject's row or changes it: what follows says how. */
function touch(values: string): string {
  return `INSERT INTO subjects (context, name, revision, last_version, config, mode) VALUES ('.', ?1, ?2, ${values})
    ON CONFLICT (context, name) DO UPDATE SET revision = excluded.revision,`
}

const INSERT_VERSION =
  "INSERT INTO versions (context, subject, version, schema_id, deleted) VALUES ('.', ?1, ?2, ?3, ?4)"

async function nextRevision(sql: Sql): Promise<number> {
  const [row] = await sql("UPDATE contexts SET revision = revision + 1 WHERE name = '.' RETURNING revision")
  return numberIn(row, 'revision')
}

async function keep(sql: Sql, content: SchemaContent): Promise<number> {
  const id = await giveIds(sql, 1)
  await insertSchemas(sql, [{ ...content, id }])
  return id
}

/** Gives as many ids, and answers the first. */
async function giveIds(sql: Sql, count: number): Promise<number> {
  const text = `UPDATE contexts SET next_schema_id = next_schema_id + ?1 WHERE name = '.'
    RETURNING next_schema_id - ?1 AS id`
  return numberIn((await sql(text, count))[0], 'id')
}

async function insertSchemas(sql: Sql, contents: readonly (SchemaContent & { readonly id: number })[]): Promise<void> {
  const columns = 'schemas (context, id, identity, guid, fingerprint, type, text, refs, metadata, rule_set)'
  const rows = contents.map(({ id, identity, guid, fingerprint, type, text, references, metadata, ruleSet }) => [
    '.',
    id,
    identity,
    guid,
    fingerprint,
    type,
    text,
    JSON.stringify(references),
    jsonOf(metadata),
    jsonOf(ruleSet),
  ])
  await insertAll(sql, columns, rows)
  const references = contents.flatMap((content) =>
    content.references.map(({ subject, version }) => ['.', content.id, subject, version]),
  )
  await insertAll(sql, 'schema_refs (context, schema_id, subject, version)', references, 'ON CONFLICT DO NOTHING')
}

/** A schema that comes back takes the place of its softly deleted versions, unless somebody refers to them. */
export async function removeForgotten(sql: Sql, { subject, version, id }: VersionKey & Appended): Promise<void> {
  const referred = `SELECT 1 FROM schema_refs r WHERE r.context = '.' AND r.subject = ?1 AND r.version = versions.version`
  const text = `DELETE FROM versions WHERE context = '.' AND subject = ?1 AND schema_id = ?2 AND version < ?3
    AND deleted = 1 AND NOT EXISTS (${referred})`
  await sql(text, subject, id, version)
}

async function removeVersion(sql: Sql, subject: string, version: number): Promise<void> {
  const text = "DELETE FROM versions WHERE context = '.' AND subject = ?1 AND version = ?2 RETURNING schema_id"
  const [row] = await sql(text, subject, version)
  if (row === undefined) return
  const id = numberIn(row, 'schema_id')
  const users = `SELECT 1 AS used FROM versions WHERE context = '.' AND schema_id = ?1
    UNION ALL SELECT 1 FROM contracts WHERE schema_id = ?1 LIMIT 1`
  const [used] = await sql(users, id)
  if (used) return
  await sql("DELETE FROM schema_refs WHERE context = '.' AND schema_id = ?1", id)
  await sql("DELETE FROM schemas WHERE context = '.' AND id = ?1", id)
  await sql("UPDATE contexts SET removals = removals + 1 WHERE name = '.'")
}

async function restore(sql: Sql, record: StoreRecord): Promise<void> {
  if (record.kind === 'audit') return restoreAudit(sql, record.row)
  if (isOfServices(record)) return restoreRecord(sql, record)
  switch (record.kind) {
    case 'schema':
      return insertSchemas(sql, [record.schema])
    case 'version': {
      const { subject, version, id, deleted } = record.version
      await sql(INSERT_VERSION, subject, version, id, deleted ? 1 : 0)
      return
    }
    case 'subject':
      return restoreSubject(sql, record.subject)
    case 'counters':
      await sql("UPDATE contexts SET next_schema_id = ?1 WHERE name = '.'", record.maxId + 1)
  }
}

async function restoreSubject(
  sql: Sql,
  { name, lastVersion, config, mode }: Settings & { readonly name: string; readonly lastVersion: number },
): Promise<void> {
  const text = `${touch('?3, ?4, ?5')} last_version = excluded.last_version, config = excluded.config, mode = excluded.mode`
  await sql(text, name, await nextRevision(sql), lastVersion, jsonOf(config), mode ?? null)
}
