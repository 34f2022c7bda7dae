import type { Credential } from '../store/access.ts'

export type UsesOptions = {
  readonly write: (ids: readonly string[]) => Promise<void>
  readonly onError: (error: unknown) => void
  readonly flushMs?: number
}

/** A credential's last use is known to within this. */
const PRECISION_MS = 60 * 60_000
const FLUSH_MS = 5000
const MOST_NOTED = 10_000

/** Notes when credentials were used last: seldom, many at once, and never in the way of a request. */
export class Uses {
  readonly #options: UsesOptions
  /** When this registry has noted them itself, whatever the clock of the database says. */
  readonly #noted = new Map<string, number>()
  #pending = new Set<string>()
  readonly #timer: NodeJS.Timeout

  constructor(options: UsesOptions) {
    this.#options = options
    this.#timer = setInterval(() => void this.#flush(), options.flushMs ?? FLUSH_MS).unref()
  }

  note({ id, usedAt = 0 }: Pick<Credential, 'id' | 'usedAt'>): void {
    const now = Date.now()
    if (now - Math.max(usedAt, this.#noted.get(id) ?? 0) < PRECISION_MS) return
    if (this.#noted.size >= MOST_NOTED) this.#noted.clear()
    this.#noted.set(id, now)
    this.#pending.add(id)
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#flush()
  }

  async #flush(): Promise<void> {
    if (this.#pending.size === 0) return
    const ids = [...this.#pending]
    this.#pending = new Set()
    await this.#options.write(ids).catch(this.#options.onError)
  }
}
