import { lend, type SqlPool } from '../../streams/index.ts'
import type { Tables } from './tables.ts'

type Cleaning = { readonly tables: Tables; readonly keepMs: number }

const EVERY_MS = 60_000
const AT_ONCE = 10_000
const TIMEOUT_MS = 30_000

/**
 * Deletes what is older than `keepMs` by the database's clock, some rows at a time, once a minute while messages are
 * handled. When it fails the rows stay for the next time, and whoever handles meets the database's failure too.
 */
export function createCleaner(pool: SqlPool, { tables, keepMs }: Cleaning) {
  const statement = cleaningOf(tables)
  let last = Number.NEGATIVE_INFINITY
  let isAtWork = false

  const clean = async (): Promise<void> => {
    let deleted = AT_ONCE
    while (deleted === AT_ONCE)
      deleted = await lend(pool, TIMEOUT_MS, async (client) => {
        const { rows } = await client.query(statement, [keepMs, AT_ONCE])
        return Number((rows as readonly { readonly deleted: string }[])[0]?.deleted)
      })
  }
  const begin = async (): Promise<void> => {
    isAtWork = true
    await clean().catch(() => undefined)
    isAtWork = false
  }
  return {
    /** Some messages were handled. */
    remind: (): void => {
      const now = performance.now()
      if (isAtWork || now - last < EVERY_MS) return
      last = now
      void begin()
    },
  }
}

/** Rows that somebody else is deleting are left to them. */
function cleaningOf({ rows }: Tables): string {
  return `with gone as (delete from ${rows} where ctid = any (array (
      select ctid from ${rows} where handled_at < now() - $1::float8 * interval '1 millisecond' limit $2 for update skip locked
    )) returning 1)
    select count(*) as deleted from gone`
}
