import { randomUUID } from 'node:crypto'
import { isTableMissing, lend, type SqlPool } from '../../streams/index.ts'
import { OutboxMissing, OutboxNewer } from './errors.ts'
import { type Batch, type Lane, MAX_CHARACTERS, type OutboxStore, type Settled, type StoreOptions } from './store.ts'
import { FORM, type Tables, tablesOf } from './tables.ts'

type Found = { readonly number: string; readonly nonce: string }
type FoundRows = { readonly size: string; readonly ids: string; readonly entries: string }

/**
 * An outbox in PostgreSQL. Every step is one statement and one transaction, and nothing is kept in a session, so that
 * PgBouncer may stand in between.
 */
export function postgresStore(pool: SqlPool, options: StoreOptions): OutboxStore {
  const { table, holder, leaseMs, batchSize, timeoutMs } = options
  const tables = tablesOf(table)
  const statements = statementsFor(tables)

  const ask = async <Row>(text: string, ...values: unknown[]): Promise<readonly Row[]> => {
    try {
      return await lend(pool, timeoutMs, async (client) => (await client.query(text, values)).rows as Row[])
    } catch (error) {
      throw isTableMissing(error) ? new OutboxMissing(tables.table, error) : error
    }
  }

  const advance = async ({ channel, lane }: Lane, from: Found & { ids: string }): Promise<Settled | undefined> => {
    const { number, nonce, ids } = from
    const values = [channel, lane, number, nonce, ids, batchSize, MAX_CHARACTERS, randomUUID(), holder, leaseMs]
    const [next] = await ask<Found & FoundRows>(statements.advance, ...values)
    return next && { next: next.size === '0' ? undefined : batchIn({ channel, lane }, next) }
  }

  return {
    name: async () => {
      const [about] = await ask<{ form: number; name: string }>(statements.about)
      if (about === undefined) throw new OutboxMissing(tables.table, undefined)
      if (about.form > FORM) throw new OutboxNewer(tables.table, about.form, FORM)
      return about.name
    },
    listLanes: () => ask(statements.listLanes, holder),
    take: async ({ channel, lane }) => {
      const [taken] = await ask<Found & { ids: string }>(statements.take, channel, lane, holder, leaseMs)
      if (taken === undefined) return undefined
      const [left] = taken.ids === '{}' ? [] : await ask<FoundRows>(statements.read, channel, lane, taken.ids)
      if (left && left.size !== '0') return batchIn({ channel, lane }, { ...taken, ...left })
      return (await advance({ channel, lane }, taken))?.next
    },
    settle: ({ channel, lane, number, nonce, ids }) =>
      advance({ channel, lane }, { number: String(number), nonce, ids }),
    renumber: async (batch, number) => {
      const { channel, lane, nonce } = batch
      const next = { number: number + 1, nonce: randomUUID() }
      const values = [channel, lane, batch.number, nonce, next.number, next.nonce]
      const [renumbered] = await ask(statements.renumber, ...values)
      return renumbered ? { ...batch, ...next } : undefined
    },
    release: async ({ channel, lane }) => void (await ask(statements.release, channel, lane, holder)),
  }
}

function batchIn({ channel, lane }: Lane, { number, nonce, size, ids, entries }: Found & FoundRows): Batch {
  return { channel, lane, number: Number(number), nonce, size: Number(size), ids, entries }
}

const DURABLE = `durable as materialized (
        select set_config('synchronous_commit', case setting when 'off' then 'on' else setting end, true)
        from current_setting('synchronous_commit') as setting
      )`

// Rows as one JSON text: nothing is made of them on the way to Redis.
const COLLECTED = `count(*) as size, coalesce(array_agg(id order by id), '{}') as ids,
  '[' || string_agg(entry, ',' order by id) || ']' as entries`

function statementsFor({ rows, lanes, about }: Tables) {
  return {
    about: `select form, name from ${about}`,
    // From one lane to the next by the index, however many rows lie between them.
    listLanes: `with recursive found as (
        (select channel, lane, added_at from ${rows} order by channel, lane, id limit 1)
        union all
        select next.* from found, lateral (
          select r.channel, r.lane, r.added_at from ${rows} r where (r.channel, r.lane) > (found.channel, found.lane)
          order by r.channel, r.lane, r.id limit 1
        ) next
      )
      select found.channel, found.lane,
        coalesce(l.held_until < clock_timestamp() or l.holder = $1, true) as "isFree",
        greatest(0, extract(epoch from clock_timestamp() - found.added_at) * 1000)::float8 as "oldestMs"
      from found left join ${lanes} l using (channel, lane) order by l.held_until nulls first`,
    take: `insert into ${lanes} as l (channel, lane, holder, held_until)
      values ($1, $2, $3, clock_timestamp() + $4::float8 * interval '1 millisecond')
      on conflict (channel, lane) do update set holder = excluded.holder, held_until = excluded.held_until
      where l.held_until < clock_timestamp() or l.holder = excluded.holder
      returning batch::text as number, nonce, ids::text`,
    read: `select size::text, ids::text, entries from (
        select ${COLLECTED} from ${rows} where channel = $1 and lane = $2 and id = any($3::bigint[])
      ) batch`,
    // A batch is on disk before it is published, whatever the settings are, and with it the transactions of its rows.
    // All parts see the rows as they were before it. Who comes too late finds another batch in the lane, and does nothing.
    advance: `with ${DURABLE}, settled as (
        select from ${lanes} where channel = $1 and lane = $2 and batch = $3 and nonce = $4 for update
      ), gone as (
        delete from ${rows} r using settled where r.channel = $1 and r.lane = $2 and r.id = any($5::bigint[])
      ), first as materialized (
        select id, entry from ${rows} where channel = $1 and lane = $2 and id <> all($5::bigint[]) order by id limit $6
      ), next as (
        select ${COLLECTED} from (
          select id, entry, sum(octet_length(entry)) over (order by id) - octet_length(entry) as before from first
        ) measured where before < $7
      )
      update ${lanes} l set batch = batch + 1, nonce = $8, ids = next.ids,
        holder = case when next.size > 0 then $9 end,
        held_until = clock_timestamp() + case when next.size > 0 then $10::float8 else 0 end * interval '1 millisecond'
      from settled, next, durable where l.channel = $1 and l.lane = $2
      returning l.batch::text as number, l.nonce, next.size::text, next.ids::text, next.entries`,
    renumber: `with ${DURABLE} update ${lanes} set batch = $5, nonce = $6
      from durable where channel = $1 and lane = $2 and batch = $3 and nonce = $4 returning 1`,
    release: `update ${lanes} set holder = null, held_until = clock_timestamp()
      where channel = $1 and lane = $2 and holder = $3`,
  }
}
