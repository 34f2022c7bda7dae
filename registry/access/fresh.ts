import { Kept } from '../kept.ts'

/** What the store says of a key is true for this long; a revocation reaches every registry within it. */
export const FRESH_MS = 5000
/** From this age on it is asked anew beside the request, so that who comes all the time never waits. */
const RENEWED_MS = 2500
/** For how long what was known goes on while the store does not answer, and so nobody can be asked. */
export const AWAY_MS = 300_000
const MOST_KEPT = 10_000

export type FreshOptions<Value> = {
  readonly read: (key: string) => Promise<Value | undefined>
  /** Milliseconds that only grow. */
  readonly now: () => number
}

/** Keeps in memory, for a few seconds, what the store has said of a key. */
export type Fresh<Value> = {
  /** What is known of a key and young enough, at once. */
  get(key: string): Value | undefined
  ask(key: string): Promise<Value | undefined>
  /** Forgets all, for when this registry itself has changed something. */
  forget(): void
}

type Entry<Value> = { readonly value: Value; readonly at: number }

export function createFresh<Value extends object>({ read, now }: FreshOptions<Value>): Fresh<Value> {
  const kept = new Kept<string, Entry<Value>>(MOST_KEPT)
  const asking = new Map<string, Promise<Value | undefined>>()
  let forgotten = 0

  const askStore = async (key: string): Promise<Value | undefined> => {
    // It may change while it is read.
    const [at, before] = [now(), forgotten]
    try {
      const value = await read(key)
      if (before !== forgotten) return value
      if (value) kept.set(key, { value, at })
      else kept.delete(key)
      return value
    } catch (error) {
      const entry = kept.get(key)
      if (entry && now() - entry.at < AWAY_MS) return entry.value
      throw error
    } finally {
      if (before === forgotten) asking.delete(key)
    }
  }
  const ask = (key: string): Promise<Value | undefined> => {
    const asked = asking.get(key) ?? askStore(key)
    asking.set(key, asked)
    return asked
  }
  return {
    ask,
    get: (key) => {
      const entry = kept.get(key)
      if (entry === undefined) return undefined
      const age = now() - entry.at
      if (age >= FRESH_MS) return undefined
      if (age >= RENEWED_MS) ask(key).catch(() => {}) // whoever needs it then will be told
      return entry.value
    },
    forget: () => {
      forgotten++
      kept.clear()
      asking.clear()
    },
  }
}
