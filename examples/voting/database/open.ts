import { NotThereYet, reasonOf, StartFailed } from '../start-failed.ts'
import { openPostgres } from './postgres.ts'
import { openSqlite } from './sqlite.ts'
import type { VotesDatabase } from './votes-database.ts'

/** The URL of a PostgreSQL, or a folder of this machine for a SQLite file. */
export type DatabasePlace = { readonly url: string } | { readonly folder: string }

/** Opens the database of the votes; one that is away now stops the start. */
export async function openDatabase(place: DatabasePlace): Promise<VotesDatabase> {
  try {
    return await ('url' in place ? openPostgres(place.url) : openSqlite(place.folder))
  } catch (cause) {
    const Failure = 'url' in place ? NotThereYet : StartFailed
    throw new Failure(`${nameOf(place)} (${reasonOf(cause)}): ${adviceFor(place)}`, { cause })
  }
}

/** Of a URL the host alone is told: the rest may hold a password. */
function nameOf(place: DatabasePlace): string {
  if ('folder' in place) return `The votes cannot be kept in ${place.folder}`
  return `No PostgreSQL lets the votes in at ${URL.parse(place.url)?.host ?? 'the address given'}`
}

function adviceFor(place: DatabasePlace): string {
  return 'folder' in place
    ? 'name another folder in VOTES_DATA.'
    : 'start it, or name another in VOTES_DATABASE_URL; without that the votes lie in a SQLite file.'
}
