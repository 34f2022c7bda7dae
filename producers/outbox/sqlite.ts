import { randomUUID } from 'node:crypto'
import { isTableMissing, type SqliteDatabase } from '../../streams/index.ts'
import { OutboxMissing, OutboxNewer } from './errors.ts'
import {
  type Batch,
  type Lane,
  MAX_CHARACTERS,
  type OutboxStore,
  type StoreOptions,
  type WaitingLane,
} from './store.ts'
import { FORM, type Tables, tablesOf } from './tables.ts'

type Value = string | number | null
type Found = { readonly number: number; readonly nonce: string; readonly ids: string }
type FoundRows = { readonly size: number; readonly ids: string; readonly entries: string }

/** An outbox in a SQLite file, over a connection that nobody else uses. Every step is a transaction. */
export function sqliteStore(database: SqliteDatabase, options: StoreOptions): OutboxStore {
  const { table, holder, leaseMs, batchSize } = options
  const tables = tablesOf(table)
  const statements = statementsFor(tables)

  const all = <Row>(text: string, ...values: Value[]) => database.prepare(text).all(...values) as unknown as Row[]
  const inTransaction = async <T>(work: () => T): Promise<T> => {
    try {
      database.exec('begin immediate')
      try {
        const done = work()
        database.exec('commit')
        return done
      } catch (error) {
        database.exec('rollback')
        throw error
      }
    } catch (error) {
      throw isTableMissing(error) ? new OutboxMissing(tables.table, error) : error
    }
  }

  const laneIs = ({ channel, lane }: Lane, { number, nonce }: { number: number; nonce: string }): boolean =>
    all(statements.find, channel, lane, number, nonce).length > 0
  const advance = ({ channel, lane }: Lane, { ids }: { ids: string }): Batch | undefined => {
    all(statements.delete, ids)
    const [next] = all<FoundRows>(statements.next, channel, lane, batchSize, MAX_CHARACTERS)
    const isSome = next !== undefined && next.size > 0
    const values = [next?.ids ?? '[]', randomUUID(), isSome ? holder : null, isSome ? leaseMs : 0]
    const [now] = all<Found>(statements.advance, channel, lane, ...values)
    return now && isSome ? { channel, lane, ...next, number: now.number, nonce: now.nonce } : undefined
  }

  return {
    name: () =>
      inTransaction(() => {
        const [about] = all<{ form: number; name: string }>(statements.about)
        if (about === undefined) throw new OutboxMissing(tables.table, undefined)
        if (about.form > FORM) throw new OutboxNewer(tables.table, about.form, FORM)
        return about.name
      }),
    listLanes: () =>
      inTransaction(() =>
        all<Omit<WaitingLane, 'isFree'> & { isFree: number }>(statements.listLanes, holder).map((lane) => ({
          ...lane,
          isFree: lane.isFree === 1,
        })),
      ),
    take: ({ channel, lane }) =>
      inTransaction(() => {
        const [taken] = all<Found>(statements.take, channel, lane, holder, leaseMs)
        if (taken === undefined) return undefined
        const [left] = all<FoundRows>(statements.read, taken.ids)
        return left && left.size > 0 ? { channel, lane, ...taken, ...left } : advance({ channel, lane }, taken)
      }),
    settle: (batch) => inTransaction(() => (laneIs(batch, batch) ? { next: advance(batch, batch) } : undefined)),
    renumber: (batch, number) =>
      inTransaction(() => {
        if (!laneIs(batch, batch)) return undefined
        const next = { number: number + 1, nonce: randomUUID() }
        all(statements.renumber, batch.channel, batch.lane, next.number, next.nonce)
        return { ...batch, ...next }
      }),
    release: ({ channel, lane }) => inTransaction(() => void all(statements.release, channel, lane, holder)),
  }
}

const NOW = "unixepoch('subsec')"
const COLLECTED = `count(*) as size, coalesce(json_group_array(id), '[]') as ids,
  '[' || group_concat(entry, ',') || ']' as entries`

function statementsFor({ rows, lanes, about }: Tables) {
  return {
    about: `select form, name from ${about}`,
    listLanes: `select r.channel, r.lane, coalesce(l.held_until < ${NOW} or l.holder = ?1, 1) as isFree,
        max(0, (${NOW} - min(r.added_at)) * 1000) as oldestMs
      from ${rows} r left join ${lanes} l using (channel, lane) group by r.channel, r.lane order by l.held_until nulls first`,
    take: `insert into ${lanes} as l (channel, lane, holder, held_until) values (?1, ?2, ?3, ${NOW} + ?4 / 1000.0)
      on conflict (channel, lane) do update set holder = excluded.holder, held_until = excluded.held_until
      where l.held_until < ${NOW} or l.holder = excluded.holder
      returning batch as number, nonce, ids`,
    find: `select 1 from ${lanes} where channel = ?1 and lane = ?2 and batch = ?3 and nonce = ?4`,
    read: `select ${COLLECTED} from (select id, entry from ${rows} where id in (select value from json_each(?1)) order by id)`,
    delete: `delete from ${rows} where id in (select value from json_each(?1))`,
    next: `select ${COLLECTED} from (
        select id, entry, sum(length(entry)) over (order by id) - length(entry) as before
        from (select id, entry from ${rows} where channel = ?1 and lane = ?2 order by id limit ?3) order by id
      ) where before < ?4`,
    advance: `update ${lanes} set batch = batch + 1, ids = ?3, nonce = ?4, holder = ?5, held_until = ${NOW} + ?6 / 1000.0
      where channel = ?1 and lane = ?2 returning batch as number, nonce, ids`,
    renumber: `update ${lanes} set batch = ?3, nonce = ?4 where channel = ?1 and lane = ?2`,
    release: `update ${lanes} set holder = null, held_until = ${NOW} where channel = ?1 and lane = ?2 and holder = ?3`,
  }
}
