import type { AnswerWrites, AuditRow, AuditWrites, CredentialWrites, EarlierRequest, KeptAnswer } from './access.ts'
import { askAbout, insertAll } from './lists.ts'
import { CREDENTIALS, credentialIn, readAudit, readCredentials } from './read-access.ts'
import { jsonOf, numberIn, type Row, type Sql, type SqlValue, textIn } from './sql.ts'
import { existing } from './write-services.ts'

export function writeCredentials(sql: Sql): CredentialWrites {
  const reads = readCredentials(sql)
  return {
    ...reads,
    create: async ({ id, name, scopes, hash = null, certificate = null, by, expiresInMs = null }) => {
      const text = `INSERT INTO credentials (id, name, scopes, hash, certificate, given_by, created_at, expires_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, concordat_now(), concordat_now() + CAST(?7 AS DOUBLE PRECISION))`
      await sql(text, id, name, scopes.join(' '), hash, certificate, by, expiresInMs)
      return existing(await reads.byId(id))
    },
    revoke: async (id) => {
      await sql('UPDATE credentials SET revoked_at = concordat_now() WHERE id = ?1 AND revoked_at IS NULL', id)
      const [row] = await sql(`${CREDENTIALS} WHERE c.id = ?1`, id)
      return row && credentialIn(row)
    },
    touch: async (ids) => {
      if (ids.length === 0) return
      await askAbout(sql, ids, {
        textOf: (list) => `UPDATE credentials SET used_at = concordat_now() WHERE id IN ${list} RETURNING id`,
      })
    },
  }
}

export function writeAudit(sql: Sql): AuditWrites {
  return {
    ...readAudit(sql),
    append: async (entries) => {
      if (entries.length === 0) return
      // Writers queue for one row, or for the file: nobody gives the same number meanwhile.
      const [last] = await sql('SELECT coalesce(max(id), 0) AS id, concordat_now() AS at FROM audit')
      const [id, at] = [numberIn(last, 'id'), numberIn(last, 'at')]
      await insertAudit(
        sql,
        entries.map((entry, i) => ({ ...entry, id: id + 1 + i, at })),
      )
    },
  }
}

/** Puts in what another store held, behind what this one has: numbers have no gaps, so that in a new one they are the same. */
export async function restoreAudit(sql: Sql, row: AuditRow): Promise<void> {
  const [last] = await sql('SELECT coalesce(max(id), 0) AS id FROM audit')
  await insertAudit(sql, [{ ...row, id: numberIn(last, 'id') + 1 }])
}

async function insertAudit(sql: Sql, rows: readonly AuditRow[]): Promise<void> {
  const columns = 'audit (id, at, who, credential, action, outcome, status, address, request_id, details, count)'
  await insertAll(sql, columns, rows.map(auditColumns))
}

function auditColumns(row: AuditRow): SqlValue[] {
  const { id, at, who, credential, action, outcome, status = null, address = null, requestId = null } = row
  return [id, at, who, credential, action, outcome, status, address, requestId, jsonOf(row.details), row.count]
}

export function writeAnswers(sql: Sql): AnswerWrites {
  return {
    claim: async ({ identity, key, fingerprint }, { abandonedMs, keptMs }) => {
      const gone = `DELETE FROM answers WHERE identity = ?1 AND key = ?2
        AND made_at <= concordat_now() - CASE WHEN status IS NULL THEN CAST(?3 AS DOUBLE PRECISION) ELSE ?4 END`
      await sql(gone, identity, key, abandonedMs, keptMs)
      const [row] = await sql('SELECT * FROM answers WHERE identity = ?1 AND key = ?2', identity, key)
      if (row) return earlierIn(row)
      const claimed = 'INSERT INTO answers (identity, key, fingerprint, made_at) VALUES (?1, ?2, ?3, concordat_now())'
      await sql(claimed, identity, key, fingerprint)
      return undefined
    },
    keep: async ({ identity, key }, { status, headers, body }) => {
      const text = `UPDATE answers SET status = ?3, headers = ?4, body = ?5, made_at = concordat_now()
        WHERE identity = ?1 AND key = ?2`
      await sql(text, identity, key, status, JSON.stringify(headers), body)
    },
    release: async ({ identity, key }) => {
      await sql('DELETE FROM answers WHERE identity = ?1 AND key = ?2 AND status IS NULL', identity, key)
    },
    forget: async (keptMs) => {
      await sql('DELETE FROM answers WHERE made_at <= concordat_now() - CAST(?1 AS DOUBLE PRECISION)', keptMs)
    },
  }
}

function earlierIn(row: Row): EarlierRequest {
  const fingerprint = textIn(row, 'fingerprint')
  if (row.status === null) return { fingerprint }
  const headers = JSON.parse(textIn(row, 'headers')) as KeptAnswer['headers']
  return { fingerprint, answer: { status: numberIn(row, 'status'), headers, body: textIn(row, 'body') } }
}
