import { readsOver } from './reads.ts'
import { jsonOf, numberIn, type Sql } from './sql.ts'
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

/** What a transaction may do, over a connection that has one open and that nobody else writes beside. */
export function writesOver(sql: Sql): Transaction {
  const { schemas, subjects } = readsOver(sql)
  const writes: Omit<SubjectWrites, keyof typeof subjects> = {
    append: (subject, content, revision) => appendOne(sql, { subject, content, revision }),
    appendAll: async (requests) => {
      const appended: (Appended | undefined)[] = []
      for (const request of requests) appended.push(await appendOne(sql, request))
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
  return { schemas, subjects: { ...subjects, ...writes }, restore: (record) => restore(sql, record) }
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
  const text =
    "UPDATE contexts SET next_schema_id = next_schema_id + 1 WHERE name = '.' RETURNING next_schema_id - 1 AS id"
  const id = numberIn((await sql(text))[0], 'id')
  await insertSchema(sql, { ...content, id })
  return id
}

async function insertSchema(sql: Sql, content: SchemaContent & { readonly id: number }): Promise<void> {
  const { id, identity, guid, fingerprint, type, text, references, metadata, ruleSet } = content
  await sql(
    `INSERT INTO schemas (context, id, identity, guid, fingerprint, type, text, refs, metadata, rule_set)
     VALUES ('.', ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`,
    id,
    identity,
    guid,
    fingerprint,
    type,
    text,
    JSON.stringify(references),
    jsonOf(metadata),
    jsonOf(ruleSet),
  )
  for (const { subject, version } of references)
    await sql(
      "INSERT INTO schema_refs (context, schema_id, subject, version) VALUES ('.', ?1, ?2, ?3) ON CONFLICT DO NOTHING",
      id,
      subject,
      version,
    )
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
  const [used] = await sql("SELECT 1 AS used FROM versions WHERE context = '.' AND schema_id = ?1 LIMIT 1", id)
  if (used) return
  await sql("DELETE FROM schema_refs WHERE context = '.' AND schema_id = ?1", id)
  await sql("DELETE FROM schemas WHERE context = '.' AND id = ?1", id)
  await sql("UPDATE contexts SET removals = removals + 1 WHERE name = '.'")
}

async function restore(sql: Sql, record: StoreRecord): Promise<void> {
  switch (record.kind) {
    case 'schema':
      return insertSchema(sql, record.schema)
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
