import type { Deployment, EnvironmentWrites, Override, Reservation, VerdictWrites } from './environments.ts'
import { askAbout, insertAll } from './lists.ts'
import {
  deploymentIn,
  OVERRIDES,
  overrideIn,
  RESERVATIONS,
  readEnvironments,
  readVerdicts,
  reservationIn,
} from './read-environments.ts'
import type { Sql } from './sql.ts'
import { existing, nextPosition } from './write-services.ts'

export function writeEnvironments(sql: Sql): EnvironmentWrites {
  const start = async (kind: Deployment['kind'], started: Omit<Deployment, 'id' | 'kind' | 'startedAt'>) => {
    const id = await nextPosition(sql)
    const { environment, service, version, instance = '' } = started
    const text = `INSERT INTO deployments (id, kind, environment, service, version, instance, started_at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6, concordat_now()) RETURNING *`
    return deploymentIn(existing((await sql(text, id, kind, environment, service, version, instance))[0]))
  }
  return {
    ...readEnvironments(sql),
    putEnvironment: async ({ name, production, policy }) => {
      const text = `INSERT INTO environments (name, production, policy) VALUES (?1, ?2, ?3)
        ON CONFLICT (name) DO UPDATE SET production = excluded.production, policy = excluded.policy`
      await sql(text, name, production ? 1 : 0, policy)
    },
    removeEnvironment: async (name) => {
      const text = `UPDATE overrides SET ended = ?2, ended_at = concordat_now()
        WHERE environment = ?1 AND ended IS NULL AND expires_at > concordat_now()`
      await sql(text, name, await nextPosition(sql))
      await sql('DELETE FROM environments WHERE name = ?1', name)
    },
    deploy: ({ environment, service, instance }, version) =>
      start('deployment', { environment, service, version, ...(instance !== undefined && { instance }) }),
    release: (environment, { service, version }) => start('release', { environment, service, version }),
    end: async (ids) => {
      if (ids.length === 0) return []
      const position = await nextPosition(sql)
      return (
        await askAbout(sql, ids, {
          before: [position],
          textOf: (list) => `UPDATE deployments SET ended = ?1, ended_at = concordat_now()
        WHERE ended IS NULL AND id IN ${list} RETURNING *`,
        })
      )
        .map(deploymentIn)
        .sort(byId)
    },
    reserve: async ({ environment, service, version, instance = '', by, expiresInMs }) => {
      const id = await nextPosition(sql)
      const text = `INSERT INTO reservations (id, environment, service, version, instance, given_by, started_at, expires_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, concordat_now(), concordat_now() + ?7)`
      await sql(text, id, environment, service, version, instance, by ?? null, expiresInMs)
      return existing((await readReservations(sql, [id]))[0])
    },
    extend: async (id, expiresInMs) => {
      const text = 'UPDATE reservations SET expires_at = concordat_now() + ?2 WHERE id = ?1 AND closed IS NULL'
      await sql(text, id, expiresInMs)
      return (await readReservations(sql, [id]))[0]
    },
    close: async (ids, outcome) => {
      if (ids.length === 0) return []
      const closed = await askAbout(sql, ids, {
        before: [await nextPosition(sql), outcome],
        textOf: (list) => `UPDATE reservations SET closed = ?1, closed_at = concordat_now(), outcome = ?2
        WHERE closed IS NULL AND id IN ${list} RETURNING id`,
      })
      return readReservations(
        sql,
        closed.map(({ id }) => Number(id)),
      )
    },
    override: async ({ service, version, channel, environment, reason, by, expiresInMs }) => {
      const id = await nextPosition(sql)
      const text = `INSERT INTO overrides (id, service, version, channel, environment, reason, given_by, created_at, expires_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, concordat_now(), concordat_now() + ?8)`
      await sql(text, id, service, version ?? null, channel ?? null, environment, reason, by, expiresInMs)
      return existing(await readOverride(sql, id))
    },
    endOverride: async (id) => {
      const text = `UPDATE overrides SET ended = ?2, ended_at = concordat_now()
        WHERE id = ?1 AND ended IS NULL AND expires_at > concordat_now() RETURNING id`
      const [ended] = await sql(text, id, await nextPosition(sql))
      return ended && readOverride(sql, id)
    },
  }
}

export function writeVerdicts(sql: Sql): VerdictWrites {
  return {
    ...readVerdicts(sql),
    keep: (verdicts) =>
      insertAll(
        sql,
        'verdicts (key, verdict)',
        verdicts.map(({ key, verdict }) => [key, verdict]),
        'ON CONFLICT DO NOTHING',
      ),
  }
}

async function readReservations(sql: Sql, ids: readonly number[]): Promise<Reservation[]> {
  const rows = await askAbout(sql, ids, { textOf: (list) => `${RESERVATIONS} WHERE r.id IN ${list}` })
  return rows.map(reservationIn).sort(byId)
}

async function readOverride(sql: Sql, id: number): Promise<Override | undefined> {
  const [row] = await sql(`${OVERRIDES} WHERE o.id = ?1`, id)
  return row && overrideIn(row)
}

function byId(a: { readonly id: number }, b: { readonly id: number }): number {
  return a.id - b.id
}
