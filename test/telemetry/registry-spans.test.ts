import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { afterEach, expect, test } from 'vitest'
import { register, send } from '../registry/send.ts'
import { temporaryRegistry } from '../registry/temporary.ts'
import { recordSpans } from './recorded-spans.ts'

const exporter = recordSpans()
afterEach(() => exporter.reset())

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'
const TRACEPARENT = `00-${TRACE}-${PARENT}-01`

test('a request is a span below its sender, and its answer says where', async () => {
  await using registry = await temporaryRegistry()
  const { headers } = await send(registry, 'GET /subjects/votes/versions', undefined, { traceparent: TRACEPARENT })
  const [span] = exporter.getFinishedSpans()
  expect(span).toMatchObject({
    name: 'GET /subjects/:subject/versions',
    kind: SpanKind.SERVER,
    attributes: {
      'http.request.method': 'GET',
      'http.route': '/subjects/:subject/versions',
      'http.response.status_code': 404,
      'url.scheme': 'http',
    },
    parentSpanContext: { traceId: TRACE, spanId: PARENT, isRemote: true },
    status: { code: SpanStatusCode.UNSET },
  })
  expect(headers.traceresponse).toBe(`00-${TRACE}-${span?.spanContext().spanId}-01`)
})

test('a request without a sender begins a trace, and one without a route is named by its method', async () => {
  await using registry = await temporaryRegistry()
  const { headers } = await send(registry, 'GET /nowhere')
  expect(headers).not.toHaveProperty('traceresponse')
  expect(exporter.getFinishedSpans()).toMatchObject([{ name: 'GET', parentSpanContext: undefined }])
})

test('a failure of the server is one of its span', async () => {
  await using registry = await temporaryRegistry()
  await registry.store.close()
  await send(registry, 'GET /subjects')
  expect(exporter.getFinishedSpans()).toMatchObject([
    { attributes: { 'http.response.status_code': 503, 'error.type': '503' }, status: { code: SpanStatusCode.ERROR } },
  ])
})

test('the span is active while the request is worked on, with a body and without', async () => {
  await using registry = await temporaryRegistry()
  const seen: unknown[] = []
  registry.app.addHook('preHandler', (_request, _reply, done) => {
    seen.push(trace.getActiveSpan()?.spanContext().spanId)
    done()
  })
  await register(registry, 'votes', { type: 'string' })
  await send(registry, 'GET /schemas/ids/1')
  const spans = exporter.getFinishedSpans().map((span) => span.spanContext().spanId)
  expect(spans).toHaveLength(2)
  expect(seen).toEqual(spans)
})

test('the line in the log has the trace of its span', async () => {
  const lines: string[] = []
  const logger = { level: 'info', stream: { write: (line: string) => void lines.push(line) } }
  await using registry = await temporaryRegistry({ logger })
  await send(registry, 'GET /subjects')
  const [span] = exporter.getFinishedSpans()
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ traceId: span?.spanContext().traceId }])
})
