import type { FastifyInstance } from 'fastify'

/** What every answer says to browsers: it is data, and no page to be run, framed or guessed at. */
const SECURITY = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const

const PREFLIGHT = {
  'access-control-allow-methods': 'GET, HEAD, POST',
  'access-control-allow-headers': 'content-type, idempotency-key, last-event-id',
  'access-control-max-age': '600',
} as const

/** Puts the security headers on every answer, and lets pages of these origins, and no others, ask from a browser. */
export function speakToBrowsers(app: FastifyInstance, origins: ReadonlySet<string>): void {
  app.addHook('onRequest', ({ method, headers }, reply, done) => {
    reply.headers(SECURITY).header('vary', 'origin')
    const { origin = '' } = headers
    if (!origins.has(origin)) return done()
    reply.header('access-control-allow-origin', origin).header('access-control-expose-headers', 'retry-after')
    if (method === 'OPTIONS' && headers['access-control-request-method'] !== undefined)
      void reply.code(204).headers(PREFLIGHT).send()
    else done()
  })
}
