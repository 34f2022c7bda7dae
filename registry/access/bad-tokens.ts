import { addressKey } from '../limits/address.ts'

/** Counts bad tokens by the address that they come from. */
export type BadTokenGuard = {
  /** For how long an address has sent too many, in milliseconds; 0 where it has not. */
  blockedMs(address: string): number
  note(address: string): void
}

/** Bad tokens from one address in one minute; what follows is answered 429 without asking anybody. */
export const MOST_BAD_TOKENS = 20
const WINDOW_MS = 60_000
const MOST_ADDRESSES = 10_000

type Counted = { readonly since: number; count: number }

/** Counts in memory. Of many addresses it forgets those that began first. */
export function createBadTokenGuard({ now }: { readonly now: () => number }): BadTokenGuard {
  const byAddress = new Map<string, Counted>()
  const find = (key: string): Counted | undefined => {
    const counted = byAddress.get(key)
    return counted && now() - counted.since < WINDOW_MS ? counted : undefined
  }
  return {
    blockedMs: (address) => {
      if (byAddress.size === 0) return 0
      const counted = find(addressKey(address))
      return counted && counted.count >= MOST_BAD_TOKENS ? counted.since + WINDOW_MS - now() : 0
    },
    note: (address) => {
      const key = addressKey(address)
      const counted = find(key)
      if (counted) counted.count++
      else {
        byAddress.delete(key)
        byAddress.set(key, { since: now(), count: 1 })
      }
      const [first] = byAddress.keys()
      if (byAddress.size > MOST_ADDRESSES && first !== undefined) byAddress.delete(first)
    },
  }
}
