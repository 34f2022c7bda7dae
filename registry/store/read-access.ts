import type { AuditEntry, AuditReads, AuditRow, Credential, CredentialReads } from './access.ts'
import {
  filled,
  isTrueIn,
  numberIn,
  optionalJsonIn,
  optionalNumberIn,
  optionalTextIn,
  type Row,
  type Sql,
  startsWith,
  textIn,
} from './sql.ts'

export const CREDENTIALS = `SELECT c.*, CASE WHEN c.expires_at <= concordat_now() THEN 1 ELSE 0 END AS expired
  FROM credentials c`

export function readCredentials(sql: Sql): CredentialReads {
  return {
    byId: async (id) => {
      const [row] = await sql(`${CREDENTIALS} WHERE c.id = ?1`, id)
      return row && credentialIn(row)
    },
    byCertificate: async (name) => {
      const text = `${CREDENTIALS} WHERE c.certificate = ?1 AND c.revoked_at IS NULL
        AND (c.expires_at IS NULL OR c.expires_at > concordat_now()) ORDER BY c.id`
      return (await sql(text, name)).map(credentialIn)
    },
    countGood: async () => {
      const [row] = await sql(`SELECT CAST(count(*) AS INTEGER) AS good FROM credentials c WHERE c.revoked_at IS NULL
        AND (c.expires_at IS NULL OR c.expires_at > concordat_now())`)
      return numberIn(row, 'good')
    },
    list: async ({ after = '', limit }) =>
      (await sql(`${CREDENTIALS} WHERE c.id > ?1 ORDER BY c.id LIMIT ?2`, after, limit)).map(credentialIn),
  }
}

export function credentialIn(row: Row): Credential {
  return filled<Credential>({
    id: textIn(row, 'id'),
    name: textIn(row, 'name'),
    scopes: textIn(row, 'scopes').split(' '),
    hash: optionalTextIn(row, 'hash'),
    certificate: optionalTextIn(row, 'certificate'),
    by: textIn(row, 'given_by'),
    createdAt: numberIn(row, 'created_at'),
    expiresAt: optionalNumberIn(row, 'expires_at'),
    isExpired: isTrueIn(row, 'expired'),
    revokedAt: optionalNumberIn(row, 'revoked_at'),
    usedAt: optionalNumberIn(row, 'used_at'),
  })
}

export function readAudit(sql: Sql): AuditReads {
  return {
    latest: async ({ who, outcome, action, since = 0, until = LATEST }, { after = 2 ** 31 - 1, limit }) => {
      // an absent filter is NULL, and lets all pass
      const text = `SELECT * FROM audit WHERE id < ?1 AND at >= ?2 AND at <= ?3
        AND (CAST(?4 AS TEXT) IS NULL OR who = ?4) AND (CAST(?5 AS TEXT) IS NULL OR outcome = ?5)
        AND ${startsWith('action', '?6')} ORDER BY id DESC LIMIT ?7`
      const rows = await sql(text, after, since, until, who ?? null, outcome ?? null, action ?? '', limit)
      return rows.map(auditRowIn)
    },
    list: async ({ after = 0, limit }) =>
      (await sql('SELECT * FROM audit WHERE id > ?1 ORDER BY id LIMIT ?2', after, limit)).map(auditRowIn),
  }
}

/** The latest moment that a date can name. */
const LATEST = 8_640_000_000_000_000

function auditRowIn(row: Row): AuditRow {
  return filled<AuditRow>({
    id: numberIn(row, 'id'),
    at: numberIn(row, 'at'),
    who: textIn(row, 'who'),
    credential: textIn(row, 'credential'),
    action: textIn(row, 'action'),
    outcome: textIn(row, 'outcome') as AuditEntry['outcome'],
    status: optionalNumberIn(row, 'status'),
    address: optionalTextIn(row, 'address'),
    requestId: optionalTextIn(row, 'request_id'),
    details: optionalJsonIn(row, 'details'),
    count: numberIn(row, 'count'),
  })
}
