import { inject } from 'vitest'
import { openPostgres } from '../../../examples/voting/database/postgres.ts'
import { openSqlite } from '../../../examples/voting/database/sqlite.ts'
import type { VotesDatabase } from '../../../examples/voting/database/votes-database.ts'
import { createDatabase } from '../../support/postgres.ts'
import { disposableFolder } from '../../support/temporary-folder.ts'

/** A place for a database of one's own, which may be opened several times and goes with all that was opened. */
export type Place = AsyncDisposable & { readonly open: () => Promise<VotesDatabase> }

/** The forms that the database of the votes has. */
export const FORMS: readonly [name: string, make: () => Promise<Place>][] = [
  ['SQLite', async () => placeOf(await disposableFolder(), ({ path }) => openSqlite(path))],
  ['PostgreSQL', async () => placeOf(await createDatabase(inject('postgresUrl')), ({ url }) => openPostgres(url))],
]

function placeOf<P extends AsyncDisposable>(place: P, open: (place: P) => Promise<VotesDatabase>): Place {
  const opened = new AsyncDisposableStack()
  opened.use(place)
  return {
    open: async () => opened.use(await open(place)),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
