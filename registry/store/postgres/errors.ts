import { RegistryError, registryError } from '../../errors.ts'

/** An error that the server, or PgBouncer in its place, has sent: https://www.postgresql.org/docs/current/errcodes-appendix.html */
type Sent = Error & { readonly code: string; readonly severity: string }

// serialization failure, deadlock, lock not available: nothing was written, and it may go well the next time
const CONFLICTS = new Set(['40001', '40P01', '55P03'])
// cancelled after statement_timeout, shutting down, crashed, starting up, idle for too long in a transaction
const SILENCES = new Set(['57014', '57P01', '57P02', '57P03', '25P03', '53300'])
// what a server says that answers and cannot write: full, or a standby that only reads
const LIMITS = new Set(['53000', '53100', '53200', '53400', '58030', '25006'])
// wrong user or password, no such database, no right, no such schema, and names that somebody else has taken
const REFUSALS = new Set(['28000', '28P01', '3D000', '42501', '3F000', '42P07', '42710'])
// what the driver says of passwords and encryption before the server has said anything
const CLIENT_REFUSALS = /SASL|password|SSL|certificate/i

/** Whether other writers were in the way. */
export function isConflict(error: unknown): boolean {
  return isSent(error) && CONFLICTS.has(error.code)
}

/** Whether the server did not answer, or no longer than to say goodbye. */
export function isSilence(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof TypeError) return false
  if (!isSent(error)) return true
  // 08P01 is a broken message; PgBouncer says it, fatally, of all that is wrong behind it
  return (
    SILENCES.has(error.code) || (error.code.startsWith('08') && (error.code !== '08P01' || error.severity === 'FATAL'))
  )
}

/** An error of a statement in the registry's words, where it has some. */
export function explainStatement(error: unknown): unknown {
  return isSilence(error) || (isSent(error) && LIMITS.has(error.code)) ? unavailable(error) : error
}

/** An error of the very first statements: what keeps a database from being used at all. */
export function explainOpening(error: unknown, database: string): unknown {
  return isRefusal(error)
    ? registryError('store.refused', { database, reason: reasonOf(error) }, { cause: error })
    : error
}

export function unavailable(error: unknown): RegistryError {
  return registryError('store.unavailable', { reason: reasonOf(error) }, { cause: error })
}

function isRefusal(error: unknown): boolean {
  if (isSent(error)) return REFUSALS.has(error.code)
  // An error of the system's names a host, which may be called anything.
  if (!(error instanceof Error) || error instanceof RegistryError || 'syscall' in error) return false
  return CLIENT_REFUSALS.test(error.message)
}

function isSent(error: unknown): error is Sent {
  return error instanceof Error && 'severity' in error && 'code' in error && typeof error.code === 'string'
}

/** Node tells of a name with several addresses in an error without words. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join(', ')
  return error instanceof Error ? error.message : String(error)
}
