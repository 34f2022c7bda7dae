import { type Context, type ContextManager, context, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { Type } from '@sinclair/typebox'
import { expect, onTestFinished, test } from 'vitest'
import { stream } from '../../contracts/index.ts'
import { producer } from '../../producers/index.ts'
import { activeTraceparent, isTracing, startSpan } from '../../telemetry/index.ts'
import { entriesOf, sharedRedis, uniqueName } from '../support/stream.ts'

const votes = () => stream(uniqueName('votes'), { option: Type.String() }, { headers: 'full' })

/** The active context of a program that has no tracer: always the same. */
function contextsOf(active: Context): ContextManager {
  const contexts: ContextManager = {
    active: () => active,
    with: (_, work, self, ...given) => work.apply(self, given),
    bind: (_, work) => work,
    enable: () => contexts,
    disable: () => contexts,
  }
  return contexts
}

test('without a registered tracer there is no span, and messages are what they were', async () => {
  const [redis, Votes] = [sharedRedis(), votes()]
  await using producing = producer(redis, Votes)
  await producing.send({ option: 'dogs' }, { token: 'one' })
  await producing.sendBatch([{ option: 'cats' }], { token: 'two' })
  expect([isTracing(), activeTraceparent()]).toEqual([false, undefined])
  expect(startSpan({ name: 'any', kind: 'producer', attributes: {} })).toBeUndefined()
  const entries = await entriesOf(redis, Votes.stream)
  expect(entries.map(([, fields]) => fields)).toEqual([
    ['option', 'dogs', '_id', 'one'],
    ['option', 'cats', '_id', 'two~0'],
  ])
})

test('a place that is active without a tracer is carried on', async () => {
  const [redis, Votes] = [sharedRedis(), votes()]
  const place = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 }
  context.setGlobalContextManager(contextsOf(trace.setSpanContext(ROOT_CONTEXT, place)))
  onTestFinished(() => context.disable())
  await using producing = producer(redis, Votes)
  await producing.send({ option: 'dogs' }, { token: 'one' })
  const [[, fields] = ['', []]] = await entriesOf(redis, Votes.stream)
  expect(fields.slice(-2)).toEqual(['_tp', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'])
})
