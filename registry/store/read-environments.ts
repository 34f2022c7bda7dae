import type { Policy } from '../../contracts/index.ts'
import type {
  Deployment,
  EnvironmentEntry,
  EnvironmentReads,
  Override,
  Reservation,
  VerdictReads,
} from './environments.ts'
import { askAbout } from './lists.ts'
import { filled, isTrueIn, numberIn, optionalNumberIn, optionalTextIn, type Row, type Sql, textIn } from './sql.ts'

export function readEnvironments(sql: Sql): EnvironmentReads {
  return {
    environment: async (name) => {
      const [row] = await sql(`${ENVIRONMENTS} WHERE e.name = ?1`, name)
      return row && environmentIn(row)
    },
    list: async ({ after = '', limit }) => {
      const text = `${ENVIRONMENTS} WHERE e.name > ?1 ORDER BY e.name LIMIT ?2`
      return (await sql(text, after, limit)).map(environmentIn)
    },
    current: async (environment, service) => {
      const wanted = `${DEPLOYMENTS} WHERE d.environment = ?1 AND d.ended IS NULL`
      const rows =
        service === undefined
          ? await sql(`${wanted} ORDER BY d.service, d.id`, environment)
          : await sql(`${wanted} AND d.service = ?2 ORDER BY d.service, d.id`, environment, service)
      return rows.map(deploymentIn)
    },
    currentOf: async (service) => {
      const text = `${DEPLOYMENTS} WHERE d.service = ?1 AND d.ended IS NULL ORDER BY d.environment, d.id`
      return (await sql(text, service)).map(deploymentIn)
    },
    history: async (environment, { after = 2 ** 31 - 1, limit }, service) => {
      const own = service === undefined ? '' : 'AND d.service = ?4'
      const text = `${DEPLOYMENTS} WHERE d.environment = ?1 AND d.id < ?2 ${own} ORDER BY d.id DESC LIMIT ?3`
      const whose = service === undefined ? [] : [service]
      return (await sql(text, environment, after, limit, ...whose)).map(deploymentIn)
    },
    reservations: async (environment) => {
      const text = `${RESERVATIONS} WHERE r.environment = ?1 AND r.closed IS NULL ORDER BY r.id`
      return (await sql(text, environment)).map(reservationIn)
    },
    reservationsOf: async (service) => {
      const text = `${RESERVATIONS} WHERE r.service = ?1 AND r.closed IS NULL ORDER BY r.id`
      return (await sql(text, service)).map(reservationIn)
    },
    overrides: async (environment, service) => {
      const text = `${OVERRIDES} WHERE o.environment = ?1 AND o.service = ?2 AND o.ended IS NULL
        AND o.expires_at > concordat_now() ORDER BY o.id`
      return (await sql(text, environment, service)).map(overrideIn)
    },
    allOverrides: async ({ after = 2 ** 31 - 1, limit }) => {
      const text = `${OVERRIDES} WHERE o.id < ?1 ORDER BY o.id DESC LIMIT ?2`
      return (await sql(text, after, limit)).map(overrideIn)
    },
    overridesAfter: async ({ after = 0, limit }) => {
      return (await sql(`${OVERRIDES} WHERE o.id > ?1 ORDER BY o.id LIMIT ?2`, after, limit)).map(overrideIn)
    },
    allDeployments: async ({ after = 0, limit }) => {
      return (await sql(`${DEPLOYMENTS} WHERE d.id > ?1 ORDER BY d.id LIMIT ?2`, after, limit)).map(deploymentIn)
    },
    allReservations: async ({ after = 0, limit }) => {
      return (await sql(`${RESERVATIONS} WHERE r.id > ?1 ORDER BY r.id LIMIT ?2`, after, limit)).map(reservationIn)
    },
    now: async () => numberIn((await sql('SELECT concordat_now() AS now'))[0], 'now'),
    position: async () => numberIn((await sql("SELECT position FROM contexts WHERE name = '.'"))[0], 'position'),
  }
}

export function readVerdicts(sql: Sql): VerdictReads {
  return {
    find: async (keys) => {
      const rows = await askAbout(sql, keys, {
        textOf: (list) => `SELECT v.key, v.verdict FROM verdicts v WHERE v.key IN ${list}`,
      })
      return rows.map((row) => ({ key: textIn(row, 'key'), verdict: textIn(row, 'verdict') }))
    },
  }
}

const ENVIRONMENTS = 'SELECT e.name, e.production, e.policy FROM environments e'
const DEPLOYMENTS = `SELECT d.id, d.kind, d.environment, d.service, d.version, d.instance, d.started_at, d.ended, d.ended_at
  FROM deployments d`
export const RESERVATIONS = `SELECT r.id, r.environment, r.service, r.version, r.instance, r.given_by, r.started_at, r.expires_at,
  r.closed, r.closed_at, r.outcome, CASE WHEN r.expires_at <= concordat_now() THEN 1 ELSE 0 END AS expired
  FROM reservations r`
export const OVERRIDES = `SELECT o.id, o.service, o.version, o.channel, o.environment, o.reason, o.given_by, o.created_at,
  o.expires_at, o.ended, o.ended_at, CASE WHEN o.expires_at <= concordat_now() THEN 1 ELSE 0 END AS expired
  FROM overrides o`

function environmentIn(row: Row): EnvironmentEntry {
  return {
    name: textIn(row, 'name'),
    production: isTrueIn(row, 'production'),
    policy: textIn(row, 'policy') as Policy,
  }
}

export function deploymentIn(row: Row): Deployment {
  return filled<Deployment>({
    id: numberIn(row, 'id'),
    kind: textIn(row, 'kind') as Deployment['kind'],
    environment: textIn(row, 'environment'),
    service: textIn(row, 'service'),
    version: textIn(row, 'version'),
    instance: textIn(row, 'instance') || undefined,
    startedAt: numberIn(row, 'started_at'),
    ended: optionalNumberIn(row, 'ended'),
    endedAt: optionalNumberIn(row, 'ended_at'),
  })
}

export function reservationIn(row: Row): Reservation {
  return filled<Reservation>({
    id: numberIn(row, 'id'),
    environment: textIn(row, 'environment'),
    service: textIn(row, 'service'),
    version: textIn(row, 'version'),
    instance: textIn(row, 'instance') || undefined,
    by: optionalTextIn(row, 'given_by'),
    startedAt: numberIn(row, 'started_at'),
    expiresAt: numberIn(row, 'expires_at'),
    isExpired: isTrueIn(row, 'expired'),
    closed: optionalNumberIn(row, 'closed'),
    closedAt: optionalNumberIn(row, 'closed_at'),
    outcome: optionalTextIn(row, 'outcome') as Reservation['outcome'],
  })
}

export function overrideIn(row: Row): Override {
  return filled<Override>({
    id: numberIn(row, 'id'),
    service: textIn(row, 'service'),
    version: optionalTextIn(row, 'version'),
    channel: optionalTextIn(row, 'channel'),
    environment: textIn(row, 'environment'),
    reason: textIn(row, 'reason'),
    by: textIn(row, 'given_by'),
    createdAt: numberIn(row, 'created_at'),
    expiresAt: numberIn(row, 'expires_at'),
    isExpired: isTrueIn(row, 'expired'),
    ended: optionalNumberIn(row, 'ended'),
    endedAt: optionalNumberIn(row, 'ended_at'),
  })
}
