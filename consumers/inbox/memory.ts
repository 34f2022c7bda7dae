import { inTime, type SqlClient } from '../../streams/index.ts'
import type { Origin } from '../options.ts'
import { InboxMissing, InboxNewer } from './errors.ts'
import { among, type Bucket, bucketsOf } from './ids.ts'
import { FORM, type Tables } from './tables.ts'

/** How long the database may take to answer, beyond the time of a handler. */
export const PATIENCE_MS = 10_000

export type Memory = { readonly tables: Tables; readonly timeoutMs: number }

/** Throws where the tables are missing or too new. */
export async function checkForm(client: SqlClient, { tables: { table, about } }: Memory): Promise<void> {
  const [{ form } = { form: 0 }] = await ask<{ readonly form: number }>(client, `select form from ${about}`)
  if (form === 0) throw new InboxMissing(table)
  if (form > FORM) throw new InboxNewer(table, form, FORM)
}

/**
 * Begins the transaction of a batch. What is set ends with it, since PgBouncer may stand in between: the server ends a
 * statement that outlives the handler's time, and the transaction of a process that falls silent; and a commit is on disk
 * when it is acknowledged, whatever the settings are.
 */
export async function begin(client: SqlClient, { timeoutMs }: Memory): Promise<void> {
  await ask(client, beginning(timeoutMs))
}

function beginning(timeoutMs: number): string {
  return `begin; select set_config('statement_timeout', '${timeoutMs}ms', true),
    set_config('idle_in_transaction_session_timeout', '${2 * timeoutMs}ms', true),
    set_config('synchronous_commit', case setting when 'off' then 'on' else setting end, true)
    from current_setting('synchronous_commit') as setting`
}

/** Asks which of the messages have taken effect before. */
export async function look(
  client: SqlClient,
  { tables: { rows } }: Memory,
  from: Origin,
  ids: readonly string[],
): Promise<(id: string) => boolean> {
  const text = `select t.place::text, t.bucket::text, t.ids::text from ${rows} t join ${listOf(bucketsOf(from, ids))}
    on t.place = given.place and t.bucket = given.bucket`
  return among(from, await ask<Bucket>(client, text))
}

/**
 * Puts the messages into the inbox, commits and begins anew, in one step: a row to which others write as well is held for
 * no longer. Where one of them stands there already, its row would become null, and nothing is committed. Where a statement
 * has failed, and the handler has kept that to itself, the first of these fails as well: a commit alone would roll back,
 * and say nothing.
 */
export async function commit(
  client: SqlClient,
  { tables: { rows }, timeoutMs }: Memory,
  buckets: readonly Bucket[],
): Promise<void> {
  const keep = `insert into ${rows} as t (place, bucket, ids) select * from ${listOf(buckets)}
    on conflict (place, bucket) do update set handled_at = now(),
      ids = case when t.ids && excluded.ids then null else t.ids + excluded.ids end`
  // A time-out of the server's would end the waiting for a standby, and acknowledge the commit all the same.
  const text = `${keep}; set local statement_timeout = 0; commit; ${beginning(timeoutMs)}`
  await ask(client, text, timeoutMs + PATIENCE_MS)
}

/** Whether a commit has found that a message had been handled before. */
export function isTaken(error: unknown, { table }: Tables): boolean {
  if (!(error instanceof Error && 'code' in error && error.code === '23502' && 'table' in error)) return false
  return error.table === table.slice(table.indexOf('.') + 1)
}

/** The buckets as rows of a statement. Arrays are read faster than as many rows of values. */
function listOf(buckets: readonly Bucket[]): string {
  const [places, numbers] = [buckets.map(({ place }) => place), buckets.map(({ bucket }) => bucket)]
  const ids = buckets.map((each) => `"${each.ids}"`)
  return `unnest('{${places.join()}}'::uuid[], '{${numbers.join()}}'::bigint[], '{${ids.join()}}'::int8multirange[])
    as given (place, bucket, ids)`
}

type Result = { readonly rows: readonly unknown[] }

/** What the last of some statements answered. */
async function ask<Row>(client: SqlClient, text: string, patienceMs = PATIENCE_MS): Promise<readonly Row[]> {
  const results: Result | readonly Result[] = await inTime(client.query(text), patienceMs)
  const last = (Array.isArray(results) ? results.at(-1) : results) as Result
  return last.rows as readonly Row[]
}
