import { insertAll } from './lists.ts'
import type { Sql } from './sql.ts'
import type { ServiceRecord, StoreRecord } from './store.ts'
import { insertBranch, insertContracts } from './write-services.ts'

const OF_OTHERS: ReadonlySet<StoreRecord['kind']> = new Set(['schema', 'version', 'subject', 'counters', 'audit'])

/** Whether a record is of services and environments, and not of schemas and subjects, nor of the audit. */
export function isOfServices(record: StoreRecord): record is ServiceRecord {
  return !OF_OTHERS.has(record.kind)
}

/** Puts in what another store held of services and environments, as it is. */
export async function restoreRecord(sql: Sql, record: ServiceRecord): Promise<void> {
  switch (record.kind) {
    case 'service': {
      const { name, position, mainBranch = null } = record.service
      return insertAll(sql, 'services (name, position, main_branch)', [[name, position, mainBranch]])
    }
    case 'service-version': {
      const { service, version, position, buildUrl = null, createdAt, publishedAt = null } = record.version
      const columns = 'service_versions (service, version, position, build_url, created_at, published_at)'
      return insertAll(sql, columns, [[service, version, position, buildUrl, createdAt, publishedAt]])
    }
    case 'branch':
      return insertBranch(sql, record.branch)
    case 'contract':
      return insertContracts(sql, [record.contract])
    case 'environment': {
      const { name, production, policy } = record.environment
      return insertAll(sql, 'environments (name, production, policy)', [[name, production ? 1 : 0, policy]])
    }
    case 'deployment': {
      const { id, kind, environment, service, version, instance = '', startedAt } = record.deployment
      const { ended = null, endedAt = null } = record.deployment
      const columns = 'deployments (id, kind, environment, service, version, instance, started_at, ended, ended_at)'
      const row = [id, kind, environment, service, version, instance, startedAt, ended, endedAt]
      return insertAll(sql, columns, [row])
    }
    case 'reservation': {
      const { id, environment, service, version, instance = '', by = null, startedAt, expiresAt } = record.reservation
      const { closed = null, closedAt = null, outcome = null } = record.reservation
      const columns = `reservations (id, environment, service, version, instance, given_by, started_at, expires_at,
        closed, closed_at, outcome)`
      const row = [id, environment, service, version, instance, by, startedAt, expiresAt, closed, closedAt, outcome]
      return insertAll(sql, columns, [row])
    }
    case 'override': {
      const {
        id,
        service,
        version = null,
        channel = null,
        environment,
        reason,
        by,
        createdAt,
        expiresAt,
      } = record.override
      const { ended = null, endedAt = null } = record.override
      const columns = `overrides (id, service, version, channel, environment, reason, given_by, created_at, expires_at,
        ended, ended_at)`
      const row = [id, service, version, channel, environment, reason, by, createdAt, expiresAt, ended, endedAt]
      return insertAll(sql, columns, [row])
    }
    case 'position':
      await sql("UPDATE contexts SET position = ?1 WHERE name = '.'", record.position)
  }
}
