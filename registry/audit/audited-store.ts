import type { Store, Transaction } from '../store/store.ts'
import { rowAtWork } from './at-work.ts'

/** A store whose writes take along the audit row of the request at work: either both are there, or neither. */
export function auditedStore(store: Store, onRows: (rows: number) => void = () => {}): Store {
  return {
    get schemas() {
      return store.schemas
    },
    get subjects() {
      return store.subjects
    },
    get services() {
      return store.services
    },
    get channels() {
      return store.channels
    },
    get environments() {
      return store.environments
    },
    get verdicts() {
      return store.verdicts
    },
    get credentials() {
      return store.credentials
    },
    get audit() {
      return store.audit
    },
    async write(work) {
      const atWork = rowAtWork()
      if (atWork === undefined) return store.write(work)
      const value = await store.write(async (transaction: Transaction) => {
        const done = await work(transaction)
        await transaction.audit.append([atWork.entry])
        return done
      })
      atWork.isKept = true
      onRows(1)
      return value
    },
    async append(request) {
      const atWork = rowAtWork()
      if (atWork === undefined) return store.append(request)
      const appended = await store.append({ ...request, audit: atWork.entry })
      atWork.isKept = appended !== undefined
      if (appended) onRows(1)
      return appended
    },
    snapshot: (work) => store.snapshot(work),
    check: () => store.check(),
    observe: (metrics) => store.observe(metrics),
    close: () => store.close(),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}
