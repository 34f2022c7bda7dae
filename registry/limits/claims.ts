import { setTimeout as wait } from 'node:timers/promises'
import { RegistryError, registryError } from '../errors.ts'
import type { KeptAnswer, RequestKey } from '../store/access.ts'
import type { Store } from '../store/store.ts'

/** Answers are kept for a day, and a claim without one is given up after a minute: whoever made it must have crashed. */
export const ANSWERS_KEPT_MS = 86_400_000
export const ABANDONED_MS = 60_000
/** How long a request waits for the answer to the same request that is under way. */
export const LONGEST_REPEAT_WAIT_MS = 5000

const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [20, 500]
/** When to send again what is still under way after that. */
const COME_BACK_S = 1
/** How often old answers are looked for. */
const FORGETTING_MS = 600_000

export type Claim = RequestKey & { readonly fingerprint: string }

/** Who carries out which request, and what was answered, for all replicas that share a store. */
export type Claims = {
  /**
   * Resolves with undefined when the request is the caller's to carry out, and else with the answer that it has had.
   * Throws where the key is another request's, and where the same request is still under way when the waiting ends.
   */
  claim(claim: Claim, isWanted: () => boolean): Promise<KeptAnswer | undefined>
  /** Keeps the answer, so that it can be given again. */
  keep(request: RequestKey, answer: KeptAnswer): Promise<void>
  /** Lets the request be carried out anew. */
  release(request: RequestKey): Promise<void>
}

export type ClaimsOptions = {
  readonly store: Store
  /** Told what could not be kept or released at once, and is tried again. */
  readonly onError: (error: unknown) => void
  readonly longestWaitMs?: number
}

export function createClaims({ store, onError, longestWaitMs = LONGEST_REPEAT_WAIT_MS }: ClaimsOptions): Claims {
  let forgotAt = Number.NEGATIVE_INFINITY
  const times = { abandonedMs: ABANDONED_MS, keptMs: ANSWERS_KEPT_MS }
  const keep = async (request: RequestKey, answer: KeptAnswer) => {
    const isTime = performance.now() - forgotAt > FORGETTING_MS
    if (isTime) forgotAt = performance.now()
    await store.write(async ({ answers }) => {
      await answers.keep(request, answer)
      if (isTime) await answers.forget(ANSWERS_KEPT_MS)
    })
  }
  return {
    claim: async (claim, isWanted) => {
      const until = performance.now() + longestWaitMs
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
        const earlier = await store.write(({ answers }) => answers.claim(claim, times))
        if (!earlier) return undefined
        const { key, fingerprint } = claim
        if (earlier.fingerprint !== fingerprint) throw registryError('idempotency.different', { key })
        if (earlier.answer) return earlier.answer
        if (performance.now() + pauseMs > until || !isWanted())
          throw registryError('idempotency.under-way', { key, seconds: COME_BACK_S })
        await wait(pauseMs)
      }
    },
    keep: (request, answer) => insist(() => keep(request, answer), onError),
    release: (request) => insist(() => store.write(({ answers }) => answers.release(request)), onError),
  }
}

/** Tries once, and goes on in the background where that fails: until then the request would be taken for under way. */
async function insist(task: () => Promise<void>, onError: (error: unknown) => void): Promise<void> {
  try {
    await task()
  } catch (error) {
    onError(error)
    void insistLater(task)
  }
}

const PAUSES_MS = [500, 1000, 2000, 4000, 8000, 16_000]

/** It never rejects: whoever comes after it finds an abandoned claim. */
async function insistLater(task: () => Promise<void>): Promise<void> {
  for (const pauseMs of PAUSES_MS) {
    await wait(pauseMs, undefined, { ref: false })
    try {
      return await task()
    } catch (error) {
      if (error instanceof RegistryError && error.code === 'store.closed') return
    }
  }
}
