import type { Static } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import type { Refused } from './refused.ts'

/** Of so many addresses the requests are remembered at most. */
const MOST_ADDRESSES = 100_000
const MINUTE_MS = 60_000

/** Answers an address that has asked for more than its share of this minute with 429, and when the next one begins. */
export function limitRate(app: FastifyInstance, requestsPerMinute: number): void {
  const asked = new Map<string, number>()
  let ends = 0
  app.addHook('onRequest', ({ ip, routeOptions: { url: route = '' } }, reply, done) => {
    // Not the URL of the request: one and the same route can be written in many ways.
    if (!route.startsWith('/api/')) return done()
    const now = performance.now()
    if (now >= ends || asked.size > MOST_ADDRESSES) {
      asked.clear()
      ends = now + MINUTE_MS
    }
    const count = (asked.get(ip) ?? 0) + 1
    asked.set(ip, count)
    if (count <= requestsPerMinute) return done()
    const seconds = Math.ceil((ends - now) / 1000)
    const message = `More than ${requestsPerMinute} requests came from your address in a minute; ask again in ${seconds} s.`
    void reply
      .code(429)
      .header('retry-after', String(seconds))
      .send({ message } satisfies Static<typeof Refused>)
  })
}
