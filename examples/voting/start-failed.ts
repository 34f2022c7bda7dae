/** The example cannot start; the message says what to do. */
export class StartFailed extends Error {
  override readonly name = 'StartFailed'
}

/** What the start needs of others is not there, and may come: a Redis, or a PostgreSQL. */
export class NotThereYet extends StartFailed {}

/** The short reason of an error: ECONNREFUSED and the like, or else what it says. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error && /^E[A-Z]+$/.test(String(error.code)) ? String(error.code) : error.message
}
