import { partsOf } from 'concordat/producers'
import type { RouteOptions } from 'fastify'
import type { LiveResults } from './live-results.ts'
import { GetLiveResults } from './results.contract.ts'

/** The route of the events; its answer ends when somebody hangs up, or the API is closed. */
export function showLiveResults({ listen }: LiveResults): RouteOptions {
  return {
    method: GetLiveResults.method,
    url: GetLiveResults.path,
    // A HEAD would listen, and nobody would ever hang up.
    exposeHeadRoute: false,
    handler: async (request, reply) => {
      const { headers } = partsOf(GetLiveResults, request)
      const events = await listen(headers['Last-Event-ID'])
      return reply.type('text/event-stream').header('cache-control', 'no-store').send(events)
    },
  }
}
