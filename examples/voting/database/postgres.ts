import { type Delivery, inPostgres, prepareInbox } from 'concordat/consumers'
import { Pool, type PoolClient } from 'pg'
import { type CountedVote, type CountVotes, requestOf, type Totals, type VotesDatabase } from './votes-database.ts'

// One step: those who come at the same time wait for each other.
const TABLES = `
  select pg_advisory_xact_lock(727472);
  create table if not exists votes (option text primary key, count bigint not null, counted_at timestamptz not null);
  create table if not exists counted (request_id text primary key)`

// In an order, so that two tallies wait for each other rather than both for ever.
const COUNT = `
  with sent as (
    select distinct on (request_id) request_id, option, place
    from unnest($1::text[], $2::text[]) with ordinality as sent (request_id, option, place)
    order by request_id, place
  ), fresh as (
    insert into counted (request_id) select request_id from sent order by request_id
    on conflict do nothing returning request_id
  ), added as (
    insert into votes (option, count, counted_at)
    select option, count(*), now() from sent join fresh using (request_id) group by option order by option
    on conflict (option) do update set count = votes.count + excluded.count, counted_at = excluded.counted_at
  )
  select place from sent join fresh using (request_id)`

/** Opens the votes in a PostgreSQL database, and makes the tables where they are missing. */
export async function openPostgres(url: string): Promise<VotesDatabase> {
  const pool = new Pool({ connectionString: url, max: 5, connectionTimeoutMillis: 2_000, query_timeout: 5_000 })
  // A connection that lay idle has gone: the next one who asks gets another.
  pool.on('error', () => undefined)
  try {
    await pool.query(TABLES)
    await prepareInbox(pool)
  } catch (error) {
    await pool.end()
    throw error
  }
  return {
    readTotals: async () => totalsOf((await pool.query<Row>('select option, count, counted_at from votes')).rows),
    countVotes: (onCounting = () => undefined) => counting(pool, onCounting),
    [Symbol.asyncDispose]: async () => {
      if (!pool.ending) await pool.end()
    },
  }
}

type Row = { readonly option: string; readonly count: string; readonly counted_at: Date }

function totalsOf(rows: readonly Row[]): Totals {
  return {
    counts: Object.fromEntries(rows.map(({ option, count }) => [option, Number(count)])),
    lastUpdated:
      rows.length === 0 ? undefined : new Date(Math.max(...rows.map(({ counted_at }) => counted_at.getTime()))),
  }
}

function counting(pool: Pool, onCounting: (entryId: string) => void): CountVotes {
  const count = inPostgres(pool, async (batch: readonly Delivery<CountedVote>[], tx: PoolClient) => {
    const requests = batch.map(({ message }) => requestOf(message))
    const options = batch.map(({ message }) => message.option)
    const { rows } = await tx.query<{ place: string }>(COUNT, [requests, options])
    for (const { place } of rows) onCounting(batch[Number(place) - 1]?.entry.id ?? '')
  })
  return async (batch, from) => count(batch, from)
}
