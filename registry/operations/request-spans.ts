import type { FastifyRequest } from 'fastify'
import { activeTraceparent, isTracing, parseTraceparent, type Span, startSpan } from '../../telemetry/index.ts'

/** The place in a trace that came with a request, if one did. */
export function traceparentSent({ headers }: FastifyRequest): string | undefined {
  const { traceparent } = headers
  return typeof traceparent === 'string' && parseTraceparent(traceparent) ? traceparent : undefined
}

/** Begins a request's span where the process traces: below the span that is active, or else below the sender's. */
export function startRequestSpan(request: FastifyRequest, sent: string | undefined): Span | undefined {
  if (!isTracing()) return undefined
  const { method, protocol, routeOptions } = request
  const route = routeOptions.url
  return startSpan({
    name: route === undefined ? method : `${method} ${route}`,
    kind: 'server',
    attributes: {
      'http.request.method': method,
      'url.scheme': protocol,
      ...(route !== undefined && { 'http.route': route }),
    },
    ...(sent !== undefined && activeTraceparent() === undefined && { parent: sent }),
  })
}

/** Ends it. Only what the server failed at is a failure of its span. */
export function endRequestSpan(span: Span, status: number): void {
  span.set({ 'http.response.status_code': status })
  if (status >= 500) span.fail({ reason: String(status) })
  else span.end()
}
