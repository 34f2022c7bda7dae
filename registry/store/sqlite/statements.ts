import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Sql } from '../sql.ts'

/** Runs statements on a connection; each text is prepared once. */
export function sqlOf(database: DatabaseSync): Sql {
  const prepared = new Map<string, StatementSync>()
  return async (text, ...values) => {
    const statement = prepared.get(text) ?? database.prepare(text)
    prepared.set(text, statement)
    return statement.all(...values)
  }
}
