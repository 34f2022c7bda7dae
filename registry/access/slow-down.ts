import type { FastifyRequest } from 'fastify'
import { registryError } from '../errors.ts'
import type { BadTokenGuard } from './bad-tokens.ts'

/** How long somebody waits who has sent a bad token, and how many wait at a time. */
const PAUSE_MS = 250
const MOST_PAUSING = 200
/** When to come back who was not let wait. */
const CROWDED_MS = 1000

type Refuse = (error: Error) => void

/** Refuses bad tokens: after a pause, and at once where too many come from one address or wait already. */
export function createSlowDown(guard: BadTokenGuard) {
  let pausing = 0
  return ({ ip }: Pick<FastifyRequest, 'ip'>, refuse: Refuse): void => {
    const blockedMs = guard.blockedMs(ip)
    if (blockedMs > 0) return refuse(tooMany(blockedMs))
    guard.note(ip)
    if (pausing >= MOST_PAUSING) return refuse(tooMany(CROWDED_MS))
    pausing++
    setTimeout(() => {
      pausing--
      refuse(registryError('access.token-refused', undefined))
    }, PAUSE_MS)
  }
}

function tooMany(waitMs: number): Error {
  return registryError('access.too-many-bad-tokens', { seconds: Math.ceil(waitMs / 1000) })
}
