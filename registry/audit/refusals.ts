import { addressKey } from '../limits/address.ts'
import type { AuditEntry } from '../store/access.ts'

export type RefusalsOptions = {
  readonly write: (entries: readonly AuditEntry[]) => Promise<void>
  readonly onError: (error: unknown) => void
  readonly flushMs?: number
  readonly windowMs?: number
}

/** Kinds of refusals that are told apart in one minute; what is beyond them is counted in one row. */
export const MOST_KINDS = 1000
/** Rows that wait for a store that does not answer; what is beyond them is lost. */
export const MOST_WAITING = 5000

type Counted = { readonly entry: AuditEntry; count: number }

/**
 * Gathers refusals, so that a flood of them is neither a flood of rows nor of writes: the first of a kind is written soon,
 * and those of the same minute that follow are counted in one row more.
 */
export class Refusals {
  readonly #options: Required<RefusalsOptions>
  readonly #seen = new Map<string, Counted>()
  #pending: AuditEntry[] = []
  /** What could not be written is tried again with the end of a minute. */
  #waiting: AuditEntry[] = []
  #writing: Promise<void> = Promise.resolve()
  readonly #timers: readonly NodeJS.Timeout[]

  constructor(options: RefusalsOptions) {
    this.#options = { flushMs: 200, windowMs: 60_000, ...options }
    this.#timers = [
      setInterval(() => this.#flush(), this.#options.flushMs).unref(),
      setInterval(() => this.#endWindow(), this.#options.windowMs).unref(),
    ]
  }

  add(entry: AuditEntry): void {
    // Whoever has one address of IPv6 has many.
    const address = addressKey(entry.address ?? '')
    const key = JSON.stringify([entry.who, entry.credential, address, entry.action, entry.status])
    const seen = this.#seen.get(key) ?? (this.#seen.size < MOST_KINDS ? undefined : this.#rest())
    if (seen) seen.count += 1
    else {
      this.#seen.set(key, { entry, count: 0 })
      this.#pending.push(entry)
    }
  }

  /** Writes what is there; nothing may be added afterwards. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    this.#endWindow()
    this.#flush()
    await this.#writing
  }

  #rest(): Counted {
    const found = this.#seen.get('')
    if (found) return found
    const entry: AuditEntry = {
      who: 'many',
      credential: 'anonymous',
      action: 'further refusals of one minute',
      outcome: 'refused',
      count: 1,
    }
    const rest = { entry, count: 0 }
    this.#seen.set('', rest)
    return rest
  }

  #endWindow(): void {
    for (const { entry, count } of this.#seen.values()) if (count > 0) this.#pending.push({ ...entry, count })
    this.#seen.clear()
    this.#pending.unshift(...this.#waiting.splice(0))
  }

  #flush(): void {
    if (this.#pending.length === 0) return
    const entries = this.#pending
    this.#pending = []
    this.#writing = this.#writing.then(() => this.#write(entries))
  }

  async #write(entries: readonly AuditEntry[]): Promise<void> {
    try {
      await this.#options.write(entries)
    } catch (error) {
      this.#waiting.push(...entries.slice(0, MOST_WAITING - this.#waiting.length))
      this.#options.onError(error)
    }
  }
}
