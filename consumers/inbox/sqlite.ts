import { isTableMissing, type SqliteDatabase } from '../../streams/index.ts'
import { asError } from '../errors.ts'
import type { Delivery, Origin } from '../options.ts'
import { DatabaseAway, InboxMissing, InboxNewer } from './errors.ts'
import { boundsOf, type HandleBatch, type InboxOptions } from './handler.ts'
import { partsOf } from './ids.ts'
import { placeOf } from './place.ts'
import { FORM, type Tables, tablesOf } from './tables.ts'

export type SqliteHandler<M, Tx> = (batch: readonly Delivery<M>[], tx: Tx) => void

/** Whether it is the file's state: busy, locked, only to be read, out of memory, interrupted, unreadable, full, not to be opened. */
const STATES = new Set([5, 6, 7, 8, 9, 10, 13, 14])

/**
 * Makes the `handleBatch` of a consumer whose effects lie in a SQLite file. The handler and the inbox are one transaction,
 * which nothing else interrupts: the handler must not wait for anything, and has no deadline.
 */
export function inSqlite<M, Tx extends SqliteDatabase>(
  database: Tx,
  handle: SqliteHandler<M, Tx>,
  options: Omit<InboxOptions, 'timeoutMs'> = {},
): HandleBatch<M> {
  const { keepMs } = boundsOf(options)
  const tables = tablesOf(options.table)
  const statements = statementsFor(tables)

  const take = (batch: readonly Delivery<M>[], from: Origin): void => {
    checkForm(database, tables)
    const ids = JSON.stringify(batch.map(({ entry }) => numbersOf(entry.id)))
    const fresh = database.prepare(statements.claim).all(placeOf(from), ids)
    const names = new Set(fresh.map(({ ms, seq }) => `${String(ms)} ${String(seq)}`))
    // of one that stands twice, the first
    const left = batch.filter(({ entry }) => names.delete(numbersOf(entry.id).join(' ')))
    if (left.length > 0) {
      const answer: unknown = handle(left, database)
      if (typeof answer === 'object' && answer !== null && 'then' in answer)
        throw new TypeError('A handler in SQLite must be done when it returns, and this one returned a promise.')
    }
    database.prepare(statements.clean).run(keepMs, 2 * batch.length)
  }

  return (batch, from) => {
    try {
      database.exec('begin immediate')
    } catch (error) {
      throw new DatabaseAway(error)
    }
    try {
      take(batch, from)
      database.exec('commit')
    } catch (error) {
      rollBack(database)
      throw blame(error, tables)
    }
  }
}

/** Some errors have rolled back already. */
function rollBack(database: SqliteDatabase): void {
  try {
    database.exec('rollback')
  } catch (error) {
    if (!asError(error).message.includes('no transaction is active')) throw new DatabaseAway(error)
  }
}

function checkForm(database: SqliteDatabase, { table, about }: Tables): void {
  const [row] = database.prepare(`select form from ${about}`).all()
  if (row === undefined) throw new InboxMissing(table)
  if (Number(row.form) > FORM) throw new InboxNewer(table, Number(row.form), FORM)
}

function blame(error: unknown, { table }: Tables): unknown {
  if (isTableMissing(error))
    return asError(error).message.includes(table) ? new InboxMissing(table, error) : new DatabaseAway(error)
  return error instanceof Error && 'errcode' in error && STATES.has(Number(error.errcode) & 0xff)
    ? new DatabaseAway(error)
    : error
}

/** An id's parts have 64 bits, and so have SQLite's numbers, which have a sign. As texts, since JSON's have not enough digits. */
function numbersOf(id: string): string[] {
  return partsOf(id).map((part) => String(BigInt.asIntN(64, BigInt(part))))
}

function statementsFor({ rows }: Tables) {
  return {
    claim: `insert into ${rows} (place, ms, seq)
      select ?1, cast(value ->> 0 as integer), cast(value ->> 1 as integer) from json_each(?2) where true
      on conflict do nothing returning cast(ms as text) as ms, cast(seq as text) as seq`,
    clean: `delete from ${rows} where (place, ms, seq) in (
        select place, ms, seq from ${rows} where handled_at < unixepoch('subsec') - ?1 / 1000.0 order by handled_at limit ?2
      )`,
  }
}
