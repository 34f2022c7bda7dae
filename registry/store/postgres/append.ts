import { jsonOf, numberIn, type Row, type Sql } from '../sql.ts'
import type { Appended, AppendRequest, SubjectWrites } from '../store.ts'
import { writeAudit } from '../write-access.ts'
import { auditOf, removeForgotten } from '../writes.ts'

/** Many registrations in one round trip: planning, and the way there and back, would be most of what each costs. */
export function appendAllOver(sql: Sql): SubjectWrites['appendAll'] {
  return async (requests) => {
    const rows = await sql(APPEND, JSON.stringify(requests.map(columnsOf)))
    const appended = new Map(rows.map((row) => [numberIn(row, 'place'), row]))
    const audited = auditOf(
      requests,
      requests.map((_, i) => appended.get(i)),
    )
    const [results] = await Promise.all([
      Promise.all(requests.map((request, i) => appendedIn(sql, request, appended.get(i)))),
      writeAudit(sql).append(audited),
    ])
    return results
  }
}

async function appendedIn(sql: Sql, { subject }: AppendRequest, row: Row | undefined): Promise<Appended | undefined> {
  if (row === undefined) return undefined
  const appended = { id: numberIn(row, 'id'), version: numberIn(row, 'version') }
  if (row.returns === true) await removeForgotten(sql, { subject, ...appended })
  return appended
}

function columnsOf({ subject, content, revision }: AppendRequest, place: number): object {
  const { identity, guid, fingerprint, type, text, references, metadata, ruleSet } = content
  return {
    place,
    subject,
    revision,
    identity,
    guid,
    fingerprint,
    type,
    text,
    refs: JSON.stringify(references),
    metadata: jsonOf(metadata),
    rule_set: jsonOf(ruleSet),
  }
}

// All parts see the tables as they were before it, and each other's rows only by name. Of several requests for one subject
// the first that fits is carried out: for the others the revision has changed.
const APPEND = `WITH
  sent AS (
    SELECT * FROM json_to_recordset(CAST(?1 AS JSON)) AS s (place INTEGER, subject TEXT, revision INTEGER, identity TEXT,
      guid TEXT, fingerprint TEXT, type TEXT, text TEXT, refs TEXT, metadata TEXT, rule_set TEXT)
  ),
  fitting AS (
    SELECT DISTINCT ON (subject) * FROM sent WHERE revision = (
      SELECT coalesce(max(s.revision), 0) FROM subjects s WHERE s.context = '.' AND s.name IN (sent.subject, '')
    ) ORDER BY subject, place
  ),
  kept AS (
    SELECT s.identity, s.id FROM schemas s WHERE s.context = '.' AND s.identity IN (SELECT identity FROM fitting)
  ),
  fresh AS (
    SELECT DISTINCT ON (identity) * FROM fitting WHERE identity NOT IN (SELECT identity FROM kept) ORDER BY identity, place
  ),
  counted AS (
    UPDATE contexts SET revision = revision + (SELECT count(*) FROM fitting),
      next_schema_id = next_schema_id + (SELECT count(*) FROM fresh)
    WHERE name = '.' AND EXISTS (SELECT 1 FROM fitting)
    RETURNING revision - (SELECT count(*) FROM fitting) AS revision, next_schema_id - (SELECT count(*) FROM fresh) AS id
  ),
  named AS (
    SELECT fresh.*, CAST(counted.id + row_number() OVER (ORDER BY place) - 1 AS INTEGER) AS id FROM fresh, counted
  ),
  made AS (
    INSERT INTO schemas (context, id, identity, guid, fingerprint, type, text, refs, metadata, rule_set)
    SELECT '.', id, identity, guid, fingerprint, type, text, refs, metadata, rule_set FROM named
  ),
  referring AS (
    INSERT INTO schema_refs (context, schema_id, subject, version)
    SELECT DISTINCT '.', named.id, r.subject, r.version
    FROM named, json_to_recordset(CAST(named.refs AS JSON)) AS r (subject TEXT, version INTEGER)
  ),
  numbered AS (
    INSERT INTO subjects (context, name, revision, last_version)
    SELECT '.', subject, counted.revision + row_number() OVER (ORDER BY place), 1 FROM fitting, counted
    ON CONFLICT (context, name) DO UPDATE SET revision = excluded.revision, last_version = subjects.last_version + 1
    RETURNING name, last_version
  ),
  used AS (
    SELECT identity, id FROM kept UNION ALL SELECT identity, id FROM named
  ),
  inserted AS (
    INSERT INTO versions (context, subject, version, schema_id, deleted)
    SELECT '.', fitting.subject, numbered.last_version, used.id, 0
    FROM fitting JOIN numbered ON numbered.name = fitting.subject JOIN used ON used.identity = fitting.identity
    RETURNING subject, version, schema_id
  )
  SELECT fitting.place, inserted.version, inserted.schema_id AS id, EXISTS (
    SELECT 1 FROM versions v WHERE v.context = '.' AND v.subject = fitting.subject AND v.deleted = 1
      AND v.schema_id IN (SELECT id FROM kept WHERE kept.identity = fitting.identity)
  ) AS returns
  FROM fitting JOIN inserted ON inserted.subject = fitting.subject`
