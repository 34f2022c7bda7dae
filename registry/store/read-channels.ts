import { askAbout } from './lists.ts'
import { CONTRACT, contractIn, headOf } from './read-services.ts'
import type { ChannelReads, FieldUse, Meeting, Neighbour, Verb } from './services.ts'
import { filled, isTrueIn, numberIn, optionalNumberIn, type Row, type Sql, startsWith, textIn } from './sql.ts'

export function readChannels(sql: Sql): ChannelReads {
  return {
    places: async (prefix, { after = '', limit }) => {
      const text = `SELECT DISTINCT m.place FROM meetings m WHERE m.place > ?1 AND ${startsWith('m.place', '?2')}
        ORDER BY m.place LIMIT ?3`
      return (await sql(text, after, prefix, limit)).map((row) => textIn(row, 'place'))
    },
    meetings: async (places) => {
      return inOrder(
        (
          await askAbout(sql, places, {
            textOf: (list) => `SELECT m.place, m.verb, m.service FROM meetings m WHERE m.place IN ${list}`,
          })
        ).map(meetingIn),
      )
    },
    meetingsOf: async (services) => {
      return inOrder(
        (
          await askAbout(sql, services, {
            textOf: (list) => `SELECT m.place, m.verb, m.service FROM meetings m WHERE m.service IN ${list}`,
          })
        ).map(meetingIn),
      )
    },
    contractsAt: async (place, { after, limit }, environment) => {
      // names keep the order of services, positions that of their versions
      const beyond = `(c.service > ?2 OR (c.service = ?2 AND v.position <
        (SELECT o.position FROM service_versions o WHERE o.service = ?2 AND o.version = ?3)))`
      const here = `AND EXISTS (SELECT 1 FROM deployments d WHERE d.service = c.service AND d.version = c.version
        AND d.ended IS NULL AND d.environment = ?5)`
      const text = `SELECT ${CONTRACT} FROM contracts c
        JOIN service_versions v ON v.service = c.service AND v.version = c.version
        WHERE c.place = ?1 AND ${beyond} ${environment === undefined ? '' : here}
        ORDER BY c.service, v.position DESC, c.verb, c.part LIMIT ?4`
      const where = environment === undefined ? [] : [environment]
      return (await sql(text, place, after?.service ?? '', after?.version ?? '', limit, ...where)).map(contractIn)
    },
    running: async (environment, verb, places) => {
      const rows = await askAbout(sql, places, {
        before: [environment, verb],
        textOf: (
          list,
        ) => `SELECT ${DEPLOYED} FROM ${MEETING_DEPLOYED} AND d.ended IS NULL AND m.verb = ?2 AND m.place IN ${list}
          UNION ALL
          SELECT ${STARTING} FROM ${MEETING_STARTING} AND d.closed IS NULL AND m.verb = ?2 AND m.place IN ${list}`,
      })
      return rows.map(neighbourIn)
    },
    silent: async (environment, verb, places) => {
      const rows = await askAbout(sql, places, {
        before: [environment, verb],
        textOf: (
          list,
        ) => `SELECT d.service, d.version FROM ${silentIn('deployments')} AND d.ended IS NULL AND m.place IN ${list}
          UNION
          SELECT d.service, d.version FROM ${silentIn('reservations')} AND d.closed IS NULL AND m.place IN ${list}`,
      })
      return rows.map((row) => ({ service: textIn(row, 'service'), version: textIn(row, 'version') }))
    },
    retired: async (environment, places, keepsMs) => {
      const rows = await askAbout(sql, places, {
        before: [environment, keepsMs],
        textOf: (list) => `SELECT ${CONTRACT}, ${asRetired('d.ended_at')}
          FROM ${MEETING_DEPLOYED} AND d.ended IS NOT NULL AND ${isKept('d.ended_at')} AND m.place IN ${list}
          UNION ALL
          SELECT ${CONTRACT}, ${asRetired('d.closed_at')}
          FROM ${MEETING_STARTING} AND d.closed IS NOT NULL AND ${isKept('d.closed_at')} AND m.place IN ${list}
          ORDER BY ended_at DESC LIMIT ${MOST_RETIRED}`,
      })
      return rows.map(neighbourIn)
    },
    keptUntil: async (service) => {
      const text = `SELECT max(e.at + c.keeps_ms) AS until FROM contracts c JOIN (
          SELECT d.version, d.ended_at AS at FROM deployments d WHERE d.service = ?1 AND d.ended IS NOT NULL
          UNION ALL SELECT r.version, r.closed_at FROM reservations r WHERE r.service = ?1 AND r.closed IS NOT NULL
        ) e ON e.version = c.version WHERE c.service = ?1 AND c.verb = 'writes' AND c.keeps_ms IS NOT NULL`
      const [row] = await sql(text, service)
      return row && optionalNumberIn(row, 'until')
    },
    heads: async (verb, places) => {
      const rows = await askAbout(sql, places, {
        before: [verb],
        textOf: (list) => `SELECT ${CONTRACT}, ${AS_HEAD}
          FROM meetings m CROSS JOIN services s CROSS JOIN version_branches d CROSS JOIN contracts c
          WHERE ${IS_TAKING} AND s.name = m.service AND d.service = s.name AND d.branch = s.main_branch
            AND d.version = (${headOf('s.name', 's.main_branch')})
            AND m.verb = ?1 AND m.place IN ${list}`,
      })
      return rows.map(neighbourIn)
    },
    runningAll: async (environment, limit) => {
      const text = `SELECT ${DEPLOYED} FROM deployments d CROSS JOIN contracts c
        WHERE c.service = d.service AND c.version = d.version AND d.environment = ?1 AND d.ended IS NULL
        ORDER BY d.service, d.version, c.place, c.verb, c.part LIMIT ?2`
      return (await sql(text, environment, limit)).map(neighbourIn)
    },
    fields: async (name, { after, limit }, verbWanted) => {
      const { service = '', version = '', place = '', verb = '', part = '', at = '' } = after ?? {}
      const text = `SELECT c.service, c.version, c.place, c.verb, c.part, f.at, f.required FROM schema_fields f
        JOIN contracts c ON c.schema_id = f.schema_id
        WHERE f.name = ?1 AND (c.service, c.version, c.place, c.verb, c.part, f.at) > (?2, ?3, ?4, ?5, ?6, ?7)
          AND (?9 = '' OR c.verb = ?9) AND ${IS_CURRENT}
        ORDER BY c.service, c.version, c.place, c.verb, c.part, f.at LIMIT ?8`
      return (await sql(text, name, service, version, place, verb, part, at, limit, verbWanted ?? '')).map(fieldIn)
    },
  }
}

/** Writers that have ended and still count: more than so many, the oldest are left out. */
const MOST_RETIRED = 5000

// From places to services, from these to what runs there, and from that to one contract each. SQLite keeps the order of a
// CROSS JOIN; without it, it would begin with all that has ever run in the environment.
const IS_TAKING = 'c.service = m.service AND c.version = d.version AND c.place = m.place AND c.verb = m.verb'
const IS_THERE = `${IS_TAKING} AND d.environment = ?1 AND d.service = m.service`
const MEETING_DEPLOYED = `meetings m CROSS JOIN deployments d CROSS JOIN contracts c WHERE ${IS_THERE}`
const MEETING_STARTING = `meetings m CROSS JOIN reservations d CROSS JOIN contracts c WHERE ${IS_THERE}`

/** What runs somewhere, or has arrived last with contracts. */
const IS_CURRENT = `(EXISTS (
    SELECT 1 FROM deployments d WHERE d.service = c.service AND d.version = c.version AND d.ended IS NULL
  ) OR c.version = (
    SELECT v.version FROM service_versions v WHERE v.service = c.service AND v.published_at IS NOT NULL
    ORDER BY v.position DESC LIMIT 1
  ))`

const AS_HEAD = `'head' AS kind, '' AS instance, NULL AS ended_at, NULL AS id, NULL AS expires_at, NULL AS expired`
const DEPLOYED = `${CONTRACT}, d.kind, d.instance, NULL AS ended_at, NULL AS id, NULL AS expires_at, NULL AS expired`
const STARTING = `${CONTRACT}, 'starting' AS kind, d.instance, NULL AS ended_at, d.id, d.expires_at,
  CASE WHEN d.expires_at <= concordat_now() THEN 1 ELSE 0 END AS expired`

/** Versions that have no contract at the place, nor anywhere else. */
function silentIn(table: 'deployments' | 'reservations'): string {
  return `meetings m CROSS JOIN ${table} d CROSS JOIN service_versions v
    WHERE d.environment = ?1 AND d.service = m.service AND m.verb = ?2
      AND v.service = d.service AND v.version = d.version AND v.published_at IS NULL`
}

function asRetired(endedAt: string): string {
  return `'retired' AS kind, d.instance, ${endedAt} AS ended_at, NULL AS id, NULL AS expires_at, NULL AS expired`
}

/** Whether the stream may still have what was written until then. The first comparison needs no contract to be looked at. */
function isKept(endedAt: string): string {
  return `m.verb = 'writes' AND ${endedAt} > concordat_now() - ${larger('m.keeps_ms', '?2')}
    AND ${endedAt} > concordat_now() - ${larger('coalesce(c.keeps_ms, 0)', '?2')}`
}

function larger(one: string, other: string): string {
  return `CASE WHEN ${one} > ${other} THEN ${one} ELSE ${other} END`
}

const KINDS: { readonly [kind: string]: Neighbour['is'] } = { deployment: 'deployed', release: 'released' }

function neighbourIn(row: Row): Neighbour {
  const kind = textIn(row, 'kind')
  const id = optionalNumberIn(row, 'id')
  return filled<Neighbour>({
    ...contractIn(row),
    is: KINDS[kind] ?? (kind as Neighbour['is']),
    instance: textIn(row, 'instance') || undefined,
    endedAt: optionalNumberIn(row, 'ended_at'),
    reservation:
      id === undefined
        ? undefined
        : { id, expiresAt: numberIn(row, 'expires_at'), isExpired: isTrueIn(row, 'expired') },
  })
}

function meetingIn(row: Row): Meeting {
  return { place: textIn(row, 'place'), verb: textIn(row, 'verb') as Verb, service: textIn(row, 'service') }
}

function inOrder(meetings: Meeting[]): Meeting[] {
  return meetings.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
}

function keyOf({ place, verb, service }: Meeting): string {
  return `${place}\0${verb}\0${service}`
}

function fieldIn(row: Row): FieldUse {
  return {
    service: textIn(row, 'service'),
    version: textIn(row, 'version'),
    place: textIn(row, 'place'),
    verb: textIn(row, 'verb') as Verb,
    part: textIn(row, 'part'),
    at: textIn(row, 'at'),
    required: isTrueIn(row, 'required'),
  }
}
