import { askAbout } from './lists.ts'
import { readAudit, readCredentials } from './read-access.ts'
import { readChannels } from './read-channels.ts'
import { readEnvironments, readVerdicts } from './read-environments.ts'
import { readServices } from './read-services.ts'
import {
  numberIn,
  optionalJsonIn,
  optionalTextIn,
  type Row,
  type Sql,
  type SqlValue,
  startsWith,
  textIn,
} from './sql.ts'
import type {
  Reads,
  SchemaContent,
  SchemaReads,
  SchemaReference,
  Settings,
  StoredSchema,
  SubjectEntry,
  SubjectHead,
  SubjectReads,
  SubjectState,
  SubjectVersion,
  VersionEntry,
  VersionKey,
  Which,
} from './store.ts'

export function readsOver(sql: Sql): Reads {
  return {
    schemas: readSchemas(sql),
    subjects: readSubjects(sql),
    services: readServices(sql),
    channels: readChannels(sql),
    environments: readEnvironments(sql),
    verdicts: readVerdicts(sql),
    credentials: readCredentials(sql),
    audit: readAudit(sql),
  }
}

// The one context that there is so far stands in the texts, as the Schema Registry API names its default.
const SCHEMA = 's.id, s.guid, s.fingerprint, s.type, s.text, s.refs, s.metadata, s.rule_set'
export const VERSIONS = `SELECT v.subject, v.version, v.deleted, ${SCHEMA} FROM versions v
  JOIN schemas s ON s.context = v.context AND s.id = v.schema_id WHERE v.context = '.'`

/** Which versions a statement is about. */
const IS: { readonly [which in Which]: string } = { live: 'v.deleted = 0', deleted: 'v.deleted = 1', any: '1 = 1' }

/** Rows of subjects, each with its latest live version; which rows, is said behind it. */
export const HEAD = `SELECT t.name, t.revision, t.last_version, t.config, t.mode, v.subject, v.version, v.deleted, ${SCHEMA}
  FROM subjects t
  LEFT JOIN versions v ON v.context = '.' AND v.subject = t.name AND v.version = (
    SELECT max(l.version) FROM versions l WHERE l.context = '.' AND l.subject = t.name AND l.deleted = 0
  )
  LEFT JOIN schemas s ON s.context = '.' AND s.id = v.schema_id
  WHERE`

/** Whether a subject has such versions. */
const hasVersions = (which: Which) =>
  `EXISTS (SELECT 1 FROM versions v WHERE v.context = '.' AND v.subject = name AND ${IS[which]})`

function readSchemas(sql: Sql): SchemaReads {
  return {
    byId: async (id) => {
      const [row] = await sql(`SELECT ${SCHEMA} FROM schemas s WHERE s.context = '.' AND s.id = ?1`, id)
      return row && schemaIn(row)
    },
    byGuid: async (guid) => {
      const [row] = await sql(
        `SELECT ${SCHEMA} FROM schemas s WHERE s.context = '.' AND s.guid = ?1 ORDER BY s.id LIMIT 1`,
        guid,
      )
      return row && schemaIn(row)
    },
    list: async ({ after = 0, limit }) => {
      const text = `SELECT ${SCHEMA}, s.identity FROM schemas s WHERE s.context = '.' AND s.id > ?1 ORDER BY s.id LIMIT ?2`
      return (await sql(text, after, limit)).map(contentIn)
    },
    byIds: async (ids) => {
      return (
        await askAbout(sql, ids, {
          textOf: (list) => `SELECT ${SCHEMA} FROM schemas s WHERE s.context = '.' AND s.id IN ${list}`,
        })
      )
        .map(schemaIn)
        .sort((a, b) => a.id - b.id)
    },
    uses: async (id, which) => {
      const text = `SELECT v.subject, v.version FROM versions v WHERE v.context = '.' AND v.schema_id = ?1 AND ${IS[which]}
        ORDER BY v.subject, v.version`
      return (await sql(text, id)).map(keyIn)
    },
    maxId: async () => numberIn((await sql("SELECT next_schema_id - 1 AS id FROM contexts WHERE name = '.'"))[0], 'id'),
    removals: async () => numberIn((await sql("SELECT removals FROM contexts WHERE name = '.'"))[0], 'removals'),
  }
}

function readSubjects(sql: Sql): SubjectReads {
  const one = async (text: string, ...values: SqlValue[]): Promise<SubjectVersion | undefined> => {
    const [row] = await sql(text, ...values)
    return row && versionIn(row)
  }
  return {
    state: async (subject) => {
      const text = `SELECT name, revision, last_version, config, mode FROM subjects WHERE context = '.' AND name IN (?1, '')`
      return stateIn(await sql(text, subject), subject)
    },
    head: async (subject) => {
      return headIn(await sql(`${HEAD} t.context = '.' AND t.name IN (?1, '')`, subject), subject)
    },
    version: (subject, version, which) => {
      const wanted = `${VERSIONS} AND v.subject = ?1 AND ${IS[which]}`
      return version === 'latest'
        ? one(`${wanted} ORDER BY v.version DESC LIMIT 1`, subject)
        : one(`${wanted} AND v.version = ?2`, subject, version)
    },
    find: (subject, identity, which) =>
      one(
        `${VERSIONS} AND v.subject = ?1 AND s.identity = ?2 AND ${IS[which]} ORDER BY v.version DESC LIMIT 1`,
        subject,
        identity,
      ),
    versions: async (subject, which) => {
      const text = `SELECT v.version, v.deleted FROM versions v WHERE v.context = '.' AND v.subject = ?1 AND ${IS[which]}
        ORDER BY v.version`
      return (await sql(text, subject)).map((row) => ({ version: numberIn(row, 'version'), deleted: isDeleted(row) }))
    },
    history: async (subject, { after = 2 ** 31 - 1, limit }) => {
      const text = `${VERSIONS} AND v.subject = ?1 AND v.version < ?2 AND ${IS.live} ORDER BY v.version DESC LIMIT ?3`
      return (await sql(text, subject, after, limit)).map(versionIn)
    },
    names: async ({ prefix, which }, { after = '', limit }) => {
      const wanted = which === 'deleted' ? `${hasVersions('any')} AND NOT ${hasVersions('live')}` : hasVersions(which)
      const text = `SELECT name FROM subjects WHERE context = '.' AND name > ?1 AND ${startsWith('name', '?2')} AND ${wanted}
        ORDER BY name LIMIT ?3`
      return (await sql(text, after, prefix, limit)).map((row) => textIn(row, 'name'))
    },
    entries: async ({ prefix, which, latestOnly }, { after, limit }) => {
      const { subject, version } = after ?? { subject: '', version: 0 }
      const newest = `v.version = (SELECT max(o.version) FROM versions o WHERE o.context = '.' AND o.subject = v.subject
        AND ${IS[which].replace('v.', 'o.')})`
      const text = `SELECT v.subject, v.version, v.deleted, v.schema_id AS id FROM versions v WHERE v.context = '.'
        AND (v.subject, v.version) > (?1, ?2) AND ${startsWith('v.subject', '?3')} AND ${IS[which]}
        ${latestOnly ? `AND ${newest}` : ''} ORDER BY v.subject, v.version LIMIT ?4`
      return (await sql(text, subject, version, prefix, limit)).map(entryIn)
    },
    all: async ({ after, limit }) => {
      const beyond = after === undefined ? "?1 = ''" : 'name > ?1'
      const text = `SELECT name, last_version, config, mode FROM subjects WHERE context = '.' AND ${beyond} ORDER BY name LIMIT ?2`
      return (await sql(text, after ?? '', limit)).map(subjectIn)
    },
    referrers: async ({ subject, version }, which) => {
      const text = `SELECT DISTINCT v.schema_id AS id, v.subject FROM schema_refs r
        JOIN versions v ON v.context = r.context AND v.schema_id = r.schema_id
        WHERE r.context = '.' AND r.subject = ?1 AND r.version = ?2 AND ${IS[which]} ORDER BY id, v.subject`
      return (await sql(text, subject, version)).map((row) => ({
        id: numberIn(row, 'id'),
        subject: textIn(row, 'subject'),
      }))
    },
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

function contentIn(row: Row): SchemaContent & { readonly id: number } {
  return { ...schemaIn(row), identity: textIn(row, 'identity') }
}

function keyIn(row: Row): VersionKey {
  return { subject: textIn(row, 'subject'), version: numberIn(row, 'version') }
}

export function versionIn(row: Row): SubjectVersion {
  return { ...schemaIn(row), ...keyIn(row), deleted: isDeleted(row) }
}

function entryIn(row: Row): VersionEntry {
  return { ...keyIn(row), id: numberIn(row, 'id'), deleted: isDeleted(row) }
}

function subjectIn(row: Row): SubjectEntry {
  return { name: textIn(row, 'name'), lastVersion: numberIn(row, 'last_version'), ...settingsIn(row) }
}

/** From a subject's row and the global one, where they are there. */
export function headIn(rows: readonly Row[], subject: string): SubjectHead {
  const own = rows.find(({ name }) => name === subject)
  const hasVersion = own !== undefined && own.version !== null
  return { state: stateIn(rows, subject), ...(hasVersion && { latest: versionIn(own) }) }
}

function stateIn(rows: readonly Row[], subject: string): SubjectState {
  const own = rows.find(({ name }) => name === subject)
  const global = rows.find(({ name }) => name === '')
  return {
    revision: Math.max(0, ...rows.map((row) => numberIn(row, 'revision'))),
    lastVersion: own ? numberIn(own, 'last_version') : 0,
    own: settingsIn(own),
    global: settingsIn(global),
  }
}

function settingsIn(row: Row | undefined): Settings {
  if (row === undefined) return {}
  const config = optionalJsonIn(row, 'config')
  const mode = optionalTextIn(row, 'mode')
  return { ...(config && { config }), ...(mode !== undefined && { mode }) }
}

function isDeleted(row: Row): boolean {
  return numberIn(row, 'deleted') === 1
}
