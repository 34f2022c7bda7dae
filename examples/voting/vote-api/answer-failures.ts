import type { Static } from '@sinclair/typebox'
import type { FastifyError, FastifyInstance } from 'fastify'
import type { Refused } from './refused.ts'

/**
 * Answers what a handler throws. What Fastify refuses stays as it is; else Redis or the database did not answer: whether a
 * vote was written is unknown, and sending it again under its Idempotency-Key is safe.
 */
export function answerFailures(app: FastifyInstance, onError: (error: Error) => void): void {
  app.setErrorHandler((error: FastifyError, { method, routeOptions: { url: route = 'none' } }, reply) => {
    if (error.statusCode !== undefined && error.statusCode < 500) return reply.send(error)
    onError(new Error(`${method} ${route} was answered with 503: ${error.message}`, { cause: error }))
    const message = 'This cannot be answered now; ask again in a second.'
    return reply
      .code(503)
      .header('retry-after', '1')
      .send({ message } satisfies Static<typeof Refused>)
  })
}
