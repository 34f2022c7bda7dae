import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import type { Span } from '../../telemetry/index.ts'
import { createLog, type LogOptions, RequestLog } from './log.ts'
import type { RegistryMetrics } from './metrics.ts'
import { createRouteCounts, NO_REQUEST, type RouteCounts, UNKNOWN_ROUTE } from './request-counts.ts'
import { bytesSent, createRequestLines } from './request-log.ts'
import { endRequestSpan, startRequestSpan, traceparentSent } from './request-spans.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What is counted of the route's requests. */
    counts?: RouteCounts
  }
  interface FastifyRequest {
    /** The request's place in a trace, for whoever goes on with it: its span's, or else the one that came with it. */
    traceparent: string | undefined
    span: Span | undefined
  }
}

/** Counts, logs and traces requests, from their headers until the connection has the answer or is gone. */
export type RequestObserver = {
  /** To be called before any other hook, and before any route. */
  readonly observe: (app: FastifyInstance) => void
  /** Begins with a request that Fastify refuses before it looks for its route. */
  readonly begin: (request: FastifyRequest, reply: FastifyReply) => void
  /** Counts what was answered though it was no whole request. */
  readonly countBroken: (status: number) => void
}

/** Whoever asked had gone before the answer came: this is never answered. */
const GONE = 499

export function createRequestObserver(metrics: RegistryMetrics, logging: LogOptions | undefined): RequestObserver {
  const unknown = createRouteCounts(metrics, UNKNOWN_ROUTE)
  const broken = createRouteCounts(metrics, NO_REQUEST)
  const log = logging && createLog(logging)
  const lines = logging && createRequestLines(logging)

  const begin = (request: FastifyRequest, reply: FastifyReply): void => {
    const startedAt = performance.now()
    takeUpTrace(request, reply)
    reply.header('x-request-id', request.id)
    if (log) {
      request.log = new RequestLog(log, request.id)
      reply.log = request.log
    }
    const bytesBefore = lines?.areWanted ? bytesSent(request) : 0
    // Unlike Fastify's own hook it comes as well when the connection is cut.
    reply.raw.on('close', () => {
      const seconds = (performance.now() - startedAt) / 1000
      const { writableEnded, socket, statusCode } = reply.raw
      // Node takes the connection away from an answer that has been handed over to it whole.
      const status = writableEnded && !socket?.destroyed ? statusCode : GONE
      const counts = request.routeOptions.config?.counts ?? unknown
      counts.count(request.method, status, seconds)
      lines?.write({ request, route: counts.route, status, seconds, bytesBefore })
      if (request.span) endRequestSpan(request.span, status)
    })
  }
  return {
    observe: (app) => {
      app.decorateRequest('traceparent', undefined)
      app.decorateRequest('span', undefined)
      // Were it Fastify's, every request would have a log and listeners made for it, needed or not.
      if (log) app.log = log
      app.addHook('onRoute', (route) => prepare(route, metrics))
      app.addHook('onRequest', (request, reply, done) => {
        begin(request, reply)
        goOn(request, reply, done)
      })
    },
    begin,
    countBroken: (status) => broken.count('other', status, 0),
  }
}

function prepare(route: RouteOptions, metrics: RegistryMetrics): void {
  route.config = { ...route.config, counts: createRouteCounts(metrics, route.url) }
  // A body comes out of the connection, which knows nothing of the span.
  if (route.method !== 'GET' && route.method !== 'HEAD')
    route.preValidation = [goOn, ...[route.preValidation ?? []].flat()]
}

function takeUpTrace(request: FastifyRequest, reply: FastifyReply): void {
  const sent = request.headers.traceparent === undefined ? undefined : traceparentSent(request)
  const span = startRequestSpan(request, sent)
  if (span) request.span = span
  const traceparent = span?.traceparent ?? sent
  if (traceparent === undefined) return
  request.traceparent = traceparent
  if (sent !== undefined) reply.header('traceresponse', traceparent)
}

/** Goes on with the span as the active one. */
function goOn({ span }: FastifyRequest, _reply: FastifyReply, done: () => void): void {
  if (span) span.run(done)
  else done()
}
