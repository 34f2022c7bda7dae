import type { Metrics } from 'concordat/telemetry'
import type { FastifyInstance } from 'fastify'

/** Counts requests by route and status, and how long they took. */
export function countRequests(app: FastifyInstance, metrics: Metrics): void {
  const requests = metrics.counter({
    name: 'http_requests_total',
    help: 'Requests that were answered.',
    labels: ['method', 'route', 'status'],
  })
  const durations = metrics.histogram({
    name: 'http_request_duration_seconds',
    help: 'How long it took to answer requests.',
    labels: ['method', 'route'],
  })
  app.addHook('onResponse', ({ method, routeOptions: { url: route = 'none' } }, { statusCode, elapsedTime }, done) => {
    requests.of({ method, route, status: String(statusCode) }).add(1)
    durations.of({ method, route }).observe(elapsedTime / 1000)
    done()
  })
}
