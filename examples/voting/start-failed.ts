/** The example cannot start; the message says what to do. */
export class StartFailed extends Error {
  override readonly name = 'StartFailed'
}

/** The short reason of an error of Node's, such as ECONNREFUSED. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return 'code' in error ? String(error.code) : error.message
}
