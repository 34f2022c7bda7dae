import { AsyncLocalStorage } from 'node:async_hooks'
import type { JsonObject } from '../../contracts/index.ts'
import type { AuditEntry } from '../store/access.ts'

/** The row of the request at work, which the first of its writes takes along. */
export type AtWork = { entry: AuditEntry; isKept: boolean }

const requests = new AsyncLocalStorage<AtWork | undefined>()

/** Runs what follows as the work of a request. */
export function workAs(atWork: AtWork, work: () => void): void {
  requests.run(atWork, work)
}

export function rowAtWork(): AtWork | undefined {
  const atWork = requests.getStore()
  return atWork?.isKept === false ? atWork : undefined
}

/** Says more of what the request at work does than its path does. Never a secret. */
export function noteAudit(details: JsonObject): void {
  const atWork = requests.getStore()
  if (atWork) atWork.entry = { ...atWork.entry, details: { ...atWork.entry.details, ...details } }
}

/** Runs a write that nobody has asked for, such as one that keeps a verdict: it takes no row along. */
export function unaudited<T>(work: () => T): T {
  return requests.run(undefined, work)
}
