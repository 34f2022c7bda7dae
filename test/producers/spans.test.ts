import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { Type } from '@sinclair/typebox'
import { beforeEach, expect, test } from 'vitest'
import { stream } from '../../contracts/index.ts'
import { producer } from '../../producers/index.ts'
import { entriesOf, sharedRedis, uniqueName } from '../support/stream.ts'
import { recordSpans } from '../telemetry/recorded-spans.ts'

const exporter = recordSpans()
beforeEach(() => exporter.reset())

const SECRET = 'nobody-may-read-this'
const votes = (headers: 'off' | 'id' | 'full' = 'full') =>
  stream(uniqueName('votes'), { option: Type.String({ maxLength: 20 }) }, { headers })

/** The traceparents that the entries of a stream carry. */
async function carried(name: string) {
  const entries = await entriesOf(sharedRedis(), name)
  return entries.map(([, fields]) => fields[fields.indexOf('_tp') + 1])
}

test('a send is a span, and the message carries its place on', async () => {
  const Votes = votes()
  await using producing = producer(sharedRedis(), Votes)
  const id = await producing.send({ option: 'dogs' })
  const [span] = exporter.getFinishedSpans()
  expect(span).toMatchObject({
    name: `send ${Votes.stream}`,
    kind: SpanKind.PRODUCER,
    status: { code: SpanStatusCode.UNSET },
    attributes: {
      'messaging.system': 'redis',
      'messaging.destination.name': Votes.stream,
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.message.id': id,
    },
  })
  const { traceId = '', spanId = '' } = span?.spanContext() ?? {}
  expect(await carried(Votes.stream)).toEqual([`00-${traceId}-${spanId}-01`])
})

test('a batch is one span, below the active one, and all its messages carry it', async () => {
  const Votes = votes()
  await using producing = producer(sharedRedis(), Votes, { maxBatch: 2 })
  await trace.getTracer('test').startActiveSpan('request', async (request) => {
    await producing.sendBatch([{ option: 'a' }, { option: 'b' }, { option: 'c' }])
    request.end()
  })
  const [batch, request] = exporter.getFinishedSpans()
  expect(exporter.getFinishedSpans()).toHaveLength(2)
  expect(batch?.attributes['messaging.batch.message_count']).toBe(3)
  expect(batch?.parentSpanContext?.spanId).toBe(request?.spanContext().spanId)
  const { traceId = '', spanId = '' } = batch?.spanContext() ?? {}
  expect(await carried(Votes.stream)).toEqual(Array.from({ length: 3 }, () => `00-${traceId}-${spanId}-01`))
})

test('sends that share a batch carry each its own span', async () => {
  const Votes = votes()
  await using producing = producer(sharedRedis(), Votes)
  await Promise.all(['a', 'b', 'c'].map((option) => producing.send({ option })))
  const places = exporter.getFinishedSpans().map((span) => span.spanContext().spanId)
  const written = (await carried(Votes.stream)).map((traceparent) => traceparent?.split('-')[2])
  expect(new Set(written)).toEqual(new Set(places))
  expect(new Set(written).size).toBe(3)
})

test("the caller's traceparent stands before the span's", async () => {
  const Votes = votes()
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  await using producing = producer(sharedRedis(), Votes)
  await producing.send({ option: 'dogs' }, { traceparent })
  await producing.sendBatch([{ option: 'dogs' }], { traceparent })
  expect(await carried(Votes.stream)).toEqual([traceparent, traceparent])
})

test.each(['off', 'id'] as const)("with headers '%s' nothing is carried, and there is a span", async (headers) => {
  const Votes = votes(headers)
  await using producing = producer(sharedRedis(), Votes)
  await producing.send({ option: 'dogs' })
  const [[, fields] = ['', []]] = await entriesOf(sharedRedis(), Votes.stream)
  expect(fields).not.toContain('_tp')
  expect(exporter.getFinishedSpans()).toHaveLength(1)
})

test('what is refused ends its span as a failure with the finding, and without the payload', async () => {
  const Votes = votes()
  await using producing = producer(sharedRedis(), Votes)
  const message = { option: `${SECRET} and more of it` }
  await expect(producing.send(message)).rejects.toThrow('breaks its contract')
  await expect(producing.sendBatch([message])).rejects.toThrow('breaks its contract')
  for (const span of exporter.getFinishedSpans())
    expect(span).toMatchObject({
      status: { code: SpanStatusCode.ERROR, message: 'message.refused' },
      attributes: { 'error.type': 'message.refused' },
      events: [{ name: 'exception' }],
    })
  const told = exporter.getFinishedSpans().map(({ attributes, events, status }) => ({ attributes, events, status }))
  expect(told).toHaveLength(2)
  expect(JSON.stringify(told)).not.toContain(SECRET)
})

test('where nobody records, the active place is carried', async () => {
  const Votes = votes()
  await using producing = producer(sharedRedis(), Votes)
  const place = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: 0,
    isRemote: true,
  }
  await context.with(trace.setSpanContext(context.active(), place), () => producing.send({ option: 'dogs' }))
  const [traceparent = ''] = await carried(Votes.stream)
  expect(traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-00$/)
  expect(exporter.getFinishedSpans()).toEqual([])
})
