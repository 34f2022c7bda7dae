import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { Type } from '@sinclair/typebox'
import { beforeEach, expect, test } from 'vitest'
import { type ConsumerOptions, consumer } from '../../consumers/index.ts'
import { type Message, stream } from '../../contracts/index.ts'
import { producer } from '../../producers/index.ts'
import { sharedRedis, uniqueName } from '../support/stream.ts'
import { waitFor } from '../support/wait-for.ts'
import { recordSpans } from '../telemetry/recorded-spans.ts'
import { QUICK } from './tally.ts'

const exporter = recordSpans()
beforeEach(() => exporter.reset())

const votes = (headers: 'off' | 'full' = 'full') =>
  stream(uniqueName('votes'), { option: Type.String({ maxLength: 20 }) }, { headers })
type Votes = ReturnType<typeof votes>
type Options = Partial<Extract<ConsumerOptions<Message<Votes>>, { readonly handleBatch?: never }>>

function tally(Votes: Votes, options: Options = {}) {
  return consumer(sharedRedis(), Votes, { group: 'tally', ...QUICK, handle: () => undefined, ...options })
}

function tallyBatches(Votes: Votes, handleBatch: (batch: readonly unknown[]) => void) {
  return consumer(sharedRedis(), Votes, { group: 'tally', ...QUICK, handleBatch })
}

async function handleInside(): Promise<void> {
  await new Promise(setImmediate)
  trace.getTracer('test').startSpan('inside').end()
}

function failing(): never {
  throw new TypeError('no')
}

function failingTogether({ length }: readonly unknown[]): void {
  if (length > 1) throw new Error('not together')
}

/** So many spans, once they are there, in the order in which they ended. */
function spans(name: string, count: number) {
  return waitFor(`${count} spans`, () => {
    const found = exporter.getFinishedSpans().filter((span) => span.name.startsWith(name))
    return found.length >= count && found
  })
}

test('the trace of the sender goes on in the handler, and in what the handler does', async () => {
  const Votes = votes()
  await using producing = producer(sharedRedis(), Votes)
  await using _ = tally(Votes, { handle: handleInside })
  const id = await producing.send({ option: 'dogs' })
  const [process] = await spans('process', 1)
  const [[send], [inside]] = await Promise.all([spans('send', 1), spans('inside', 1)])
  expect(process).toMatchObject({
    name: `process ${Votes.stream}`,
    kind: SpanKind.CONSUMER,
    status: { code: SpanStatusCode.UNSET },
    attributes: {
      'messaging.system': 'redis',
      'messaging.destination.name': Votes.stream,
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.consumer.group.name': 'tally',
      'messaging.message.id': id,
      'concordat.attempt': 1,
    },
  })
  expect(process?.parentSpanContext).toMatchObject({ spanId: send?.spanContext().spanId, isRemote: true })
  expect(inside?.parentSpanContext?.spanId).toBe(process?.spanContext().spanId)
  const traces = [send, process, inside].map((span) => span?.spanContext().traceId)
  expect(new Set(traces).size).toBe(1)
})

test('a message that its sender did not want to be recorded is not recorded', async () => {
  const Votes = votes()
  const handled: string[] = []
  await sharedRedis().xadd(Votes.stream, '*', 'option', 'dogs', '_tp', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`)
  await using _ = tally(Votes, { handle: ({ option }) => void handled.push(option) })
  await waitFor('the message', () => handled.length === 1)
  expect(exporter.getFinishedSpans()).toEqual([])
})

test.each([
  'no traceparent',
  '',
  `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`,
  `ff-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
  `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01; drop table`,
  'x'.repeat(100_000),
])('a hostile traceparent is left out of the trace: %.40j', async (traceparent) => {
  const Votes = votes()
  await sharedRedis().xadd(Votes.stream, '*', 'option', 'dogs', '_tp', traceparent)
  await using _ = tally(Votes)
  const [process] = await spans('process', 1)
  expect(process?.parentSpanContext).toBeUndefined()
  expect(process?.status.code).toBe(SpanStatusCode.UNSET)
})

test('without headers the field is data, and no trace', async () => {
  const Votes = stream(uniqueName('votes'), { option: Type.String(), _tp: Type.String() })
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
  await sharedRedis().xadd(Votes.stream, '*', 'option', 'dogs', '_tp', traceparent)
  await using _ = consumer(sharedRedis(), Votes, { group: 'tally', ...QUICK, handle: () => undefined })
  const [process] = await spans('process', 1)
  expect(process?.parentSpanContext).toBeUndefined()
})

test('each try is a span, and the one after which the message is parked says so', async () => {
  const Votes = votes()
  await using producing = producer(sharedRedis(), Votes)
  await using _ = tally(Votes, { handle: failing, retry: { maxAttempts: 2, minMs: 1 } })
  await producing.send({ option: 'dogs' })
  const [first, last] = await spans('process', 2)
  expect(first).toMatchObject({
    status: { code: SpanStatusCode.ERROR, message: 'TypeError' },
    attributes: { 'concordat.attempt': 1, 'error.type': 'TypeError' },
    events: [{ name: 'exception', attributes: { 'exception.message': 'no' } }],
  })
  expect(last).toMatchObject({
    status: { code: SpanStatusCode.ERROR, message: 'handler_error' },
    attributes: { 'concordat.attempt': 2, 'concordat.dead_letter.reason': 'handler_error' },
    events: [{ name: 'exception' }],
  })
  expect(first?.attributes).not.toHaveProperty('concordat.dead_letter.reason')
  expect(exporter.getFinishedSpans()).toHaveLength(3)
})

test('a message that breaks the contract is a span that says so, in the trace of its sender, without the payload', async () => {
  const Votes = votes()
  const secret = 'nobody may read this, it is too long'
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
  await sharedRedis().xadd(Votes.stream, '*', 'option', secret, '_tp', traceparent)
  await using _ = tally(Votes)
  const [process] = await spans('process', 1)
  expect(process).toMatchObject({
    status: { code: SpanStatusCode.ERROR, message: 'contract_broken' },
    attributes: { 'concordat.dead_letter.reason': 'contract_broken', 'error.type': 'contract_broken' },
    parentSpanContext: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) },
  })
  const { attributes, events, status } = process ?? {}
  expect(JSON.stringify([attributes, events, status])).not.toContain(secret)
})

test('a batch is one span that points to where its messages come from', async () => {
  const Votes = votes()
  await using producing = producer(sharedRedis(), Votes)
  for (const option of ['a', 'b']) await producing.send({ option })
  await sharedRedis().xadd(Votes.stream, '*', 'option', 'c', '_tp', 'none')
  await using _ = tallyBatches(Votes, () => undefined)
  const [process] = await spans('process', 1)
  const sends = await spans('send', 2)
  expect(process?.attributes['messaging.batch.message_count']).toBe(3)
  expect(process?.parentSpanContext).toBeUndefined()
  expect(process?.links.map((link) => link.context.spanId)).toEqual(sends.map((span) => span.spanContext().spanId))
})

test('a batch that fails ends its span as a failure, and each message has one of its own after that', async () => {
  const Votes = votes()
  const redis = sharedRedis()
  for (const option of ['a', 'b']) await redis.xadd(Votes.stream, '*', 'option', option)
  await using _ = tallyBatches(Votes, failingTogether)
  const [together, ...alone] = await spans('process', 3)
  expect(together?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'Error' })
  expect(alone.map(({ status }) => status.code)).toEqual([SpanStatusCode.UNSET, SpanStatusCode.UNSET])
})
