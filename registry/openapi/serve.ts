import type { FastifyInstance } from 'fastify'
import { describeRegistry } from './document.ts'

/** Answers the description of all routes, which is made when somebody first asks for it. */
export function serveDescription(app: FastifyInstance): void {
  let ready: Buffer | undefined
  app.get('/openapi.json', (_request, reply) => {
    ready ??= Buffer.from(JSON.stringify(describeRegistry()))
    return reply.header('content-type', 'application/json').send(ready)
  })
}
