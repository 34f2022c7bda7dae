/** Remembers what a pure function answered, for the most recently asked of its keys. */
export type Cache<Value> = { readonly find: (key: string, make: () => Value) => Value }

export type CacheOptions<Value> = {
  /** What all remembered answers may weigh together. */
  readonly limit: number
  readonly weigh: (value: Value, key: string) => number
}

/*
 * The caches of this folder are module state, which the house otherwise refuses: they hold answers of pure functions only,
 * so nobody can tell a remembered answer from a new one but by the time it takes, and each is bounded.
 */
export function createCache<Value>({ limit, weigh }: CacheOptions<Value>): Cache<Value> {
  const kept = new Map<string, { readonly value: Value; readonly weight: number }>()
  let load = 0
  const find = (key: string, make: () => Value): Value => {
    const known = kept.get(key)
    return known ? renew(key, known) : remember(key, make())
  }
  const renew = (key: string, entry: { readonly value: Value; readonly weight: number }): Value => {
    kept.delete(key)
    kept.set(key, entry)
    return entry.value
  }
  const remember = (key: string, value: Value): Value => {
    const weight = weigh(value, key)
    kept.set(key, { value, weight })
    load += weight
    for (const [oldest, entry] of kept) {
      if (load <= limit) break
      kept.delete(oldest)
      load -= entry.weight
    }
    return value
  }
  return { find }
}
