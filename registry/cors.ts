import type { FastifyInstance, FastifyReply } from 'fastify'

/** What a page may send, beside what browsers let everybody send. */
const ALLOWED = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE',
  'access-control-allow-headers':
    'authorization, content-type, idempotency-key, if-none-match, traceparent, x-request-id',
  'access-control-max-age': '600',
} as const

/** What a page may read, beside what browsers let everybody read. */
const EXPOSED = 'etag, idempotency-replayed, ratelimit, ratelimit-policy, retry-after, x-request-id'

/** Lets pages of these origins, and no others, ask from a browser. They send tokens by themselves: no cookie is let through. */
export function allowOrigins(app: FastifyInstance, origins: readonly string[]): void {
  const allowed = new Set(origins)
  if (allowed.size === 0) return
  app.addHook('onRequest', ({ method, headers }, reply, done) => {
    // Whatever keeps answers keeps those for different pages apart.
    reply.header('vary', 'origin')
    const { origin = '' } = headers
    if (!allowed.has(origin)) return done()
    reply.header('access-control-allow-origin', origin).header('access-control-expose-headers', EXPOSED)
    if (method === 'OPTIONS' && headers['access-control-request-method'] !== undefined) answerPreflight(reply)
    else done()
  })
}

/** A browser asks this by itself, before the request, and without a token. */
function answerPreflight(reply: FastifyReply): void {
  void reply.code(204).headers(ALLOWED).send()
}
