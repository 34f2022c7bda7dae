import { expect, test } from 'vitest'
import { createMetrics } from '../../telemetry/index.ts'
import { fc } from '../support/property.ts'
import { parseMetrics, valueIn } from './prometheus-text.ts'

const votes = { name: 'votes_total', help: 'Votes.', labels: ['option'] } as const
const REFUSED = 'concordat_metrics_series_refused_total'
const FAILED = 'concordat_metrics_collections_failed_total'

test('writes counters, gauges and histograms as Prometheus reads them, in one order', async () => {
  const metrics = createMetrics()
  const buckets = [0.1, 1]
  const durations = metrics.histogram({ name: 'duration_seconds', help: 'Time.', labels: ['route'], buckets })
  for (const value of [0.05, 0.1, 0.5, 7]) durations.of({ route: '/' }).observe(value)
  metrics.gauge({ name: 'depth', help: 'Back\\slash\nand line.' }).of({}).set(-2.5)
  const counter = metrics.counter(votes)
  counter.of({ option: 'dogs' }).add(2)
  counter.of({ option: 'cats' }).add(1)
  counter.of({ option: 'dogs' }).add(3)
  expect((await metrics.text()).split('\n').filter((line) => !line.includes('concordat_metrics'))).toEqual([
    '# HELP depth Back\\\\slash\\nand line.',
    '# TYPE depth gauge',
    'depth -2.5',
    '# HELP duration_seconds Time.',
    '# TYPE duration_seconds histogram',
    'duration_seconds_bucket{route="/",le="0.1"} 2',
    'duration_seconds_bucket{route="/",le="1"} 3',
    'duration_seconds_bucket{route="/",le="+Inf"} 4',
    'duration_seconds_sum{route="/"} 7.65',
    'duration_seconds_count{route="/"} 4',
    '# HELP votes_total Votes.',
    '# TYPE votes_total counter',
    'votes_total{option="cats"} 1',
    'votes_total{option="dogs"} 5',
    '',
  ])
  expect(metrics.contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
})

test.each(['"', '\\', '\n', '\\n', '\\"', 'a"b\\c\nd', '{}, =', '', 'größe 🔔', '\r\t\u2028'])(
  'a strict parser reads the label value %j back',
  async (option) => {
    const metrics = createMetrics()
    metrics.counter(votes).of({ option }).add(1)
    expect(valueIn(await metrics.text(), 'votes_total', { option })).toBe(1)
  },
)

test('a strict parser reads any label values and any numbers back', async () => {
  const labels = fc.array(fc.record({ a: fc.string({ unit: 'binary' }), b: fc.string() }), { maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(labels, fc.double(), async (sets, value) => {
      const metrics = createMetrics()
      const gauge = metrics.gauge({ name: 'any', help: 'Any.', labels: ['a', 'b'] })
      for (const set of sets) gauge.of(set).set(value)
      const text = await metrics.text()
      for (const { a, b } of sets)
        expect(valueIn(text, 'any', { a: a.replaceAll('\0', '\ufffd'), b })).toBe(value === 0 ? 0 : value)
    }),
  )
})

test.each(['\ud800', '\0'])('the label value %j, which no text may have, is replaced', async (option) => {
  const metrics = createMetrics()
  metrics.counter(votes).of({ option }).add(1)
  expect(valueIn(await metrics.text(), 'votes_total', { option: '\ufffd' })).toBe(1)
})

test('a metric has so many series and one more, which takes in the others; how often is counted', async () => {
  const metrics = createMetrics({ mostSeries: 10 })
  const counter = metrics.counter(votes)
  for (let i = 0; i < 100_000; i++) counter.of({ option: `option ${i}` }).add(1)
  counter.of({ option: 'option 3' }).add(1)
  const text = await metrics.text()
  expect(parseMetrics(text).get('votes_total')?.samples).toHaveLength(11)
  expect(valueIn(text, 'votes_total', { option: 'option 3' })).toBe(2)
  expect(valueIn(text, 'votes_total', { option: 'other' })).toBe(99_990)
  expect(valueIn(text, REFUSED, { metric: 'votes_total' })).toBe(99_990)
})

test('of gauges, what has no room is left out', async () => {
  const metrics = createMetrics({ mostSeries: 2 })
  const depth = metrics.gauge({ name: 'depth', help: 'Depth.', labels: ['queue'] })
  depth.of({ queue: 'a' }).set(1)
  metrics.collect('queues', () => ['b', 'c', 'd'].map((queue) => depth.at({ queue }, 7)))
  const text = await metrics.text()
  expect(
    parseMetrics(text)
      .get('depth')
      ?.samples.map(({ labels }) => labels.queue),
  ).toEqual(['a', 'b'])
  expect(valueIn(text, REFUSED, { metric: 'depth' })).toBe(2)
})

test('defining a metric twice gives the same one, and refuses another of that name', async () => {
  const metrics = createMetrics()
  metrics.counter(votes).of({ option: 'dogs' }).add(1)
  metrics.counter(votes).of({ option: 'dogs' }).add(1)
  expect(valueIn(await metrics.text(), 'votes_total', { option: 'dogs' })).toBe(2)
  expect(() => metrics.gauge(votes)).toThrow('There is a metric votes_total already')
  expect(() => metrics.counter({ ...votes, labels: ['option', 'region'] })).toThrow('already')
  metrics.histogram({ name: 'size', help: 'Size.', buckets: [1] })
  expect(() => metrics.histogram({ name: 'size', help: 'Size.', buckets: [2] })).toThrow('already')
})

test.each([
  ['a name', { name: '1st', help: '' }],
  ['a name', { name: 'a-b', help: '' }],
  ['a label', { name: 'a', help: '', labels: ['__name__'] }],
  ['a label', { name: 'a', help: '', labels: ['a-b'] }],
])('refuses %s that Prometheus does not take: %j', (_, definition) => {
  expect(() => createMetrics().counter(definition)).toThrow(TypeError)
})

test('refuses the label le and buckets that do not grow for a histogram, and a counter that shrinks', () => {
  const metrics = createMetrics()
  expect(() => metrics.histogram({ name: 'a', help: '', labels: ['le'] })).toThrow(TypeError)
  for (const buckets of [[], [1, 1], [2, 1], [Number.NaN], [1, Number.POSITIVE_INFINITY]])
    expect(() => metrics.histogram({ name: 'a', help: '', buckets })).toThrow(TypeError)
  const counter = metrics.counter({ name: 'b', help: '' }).of({})
  for (const n of [-1, Number.NaN]) expect(() => counter.add(n)).toThrow(TypeError)
})

test('what is collected is asked at each time, shown once, and gone when it is taken away', async () => {
  const metrics = createMetrics()
  const depth = metrics.gauge({ name: 'depth', help: 'Depth.', labels: ['queue'] })
  let queue = 'a'
  const stop = metrics.collect('queues', () => [depth.at({ queue }, 1)])
  const shown = async () =>
    parseMetrics(await metrics.text())
      .get('depth')
      ?.samples.map(({ labels }) => labels.queue)
  expect(await shown()).toEqual(['a'])
  queue = 'b'
  expect(await shown()).toEqual(['b'])
  stop()
  stop()
  expect(await shown()).toEqual([])
})

test('of several with one key the latest is asked, and without it the one before', async () => {
  const metrics = createMetrics()
  const depth = metrics.gauge({ name: 'depth', help: 'Depth.' })
  const stopFirst = metrics.collect('queue', () => [depth.at({}, 1)])
  const stopSecond = metrics.collect('queue', () => [depth.at({}, 2)])
  expect(valueIn(await metrics.text(), 'depth')).toBe(2)
  stopSecond()
  expect(valueIn(await metrics.text(), 'depth')).toBe(1)
  stopFirst()
  expect(valueIn(await metrics.text(), 'depth')).toBeUndefined()
})

test('one that fails, throws or never answers is counted, and holds nobody up', async () => {
  const metrics = createMetrics({ collectWithinMs: 50 })
  const depth = metrics.gauge({ name: 'depth', help: 'Depth.' })
  metrics.collect('good', () => [depth.at({}, 1)])
  metrics.collect('failing', async () => Promise.reject(new Error('no answer')))
  metrics.collect('throwing', () => {
    throw new Error('at once')
  })
  metrics.collect('silent', () => new Promise(() => undefined))
  const started = performance.now()
  expect(valueIn(await metrics.text(), 'depth')).toBe(1)
  expect(performance.now() - started).toBeLessThan(1_000)
  expect(valueIn(await metrics.text(), FAILED)).toBe(6)
})

test('an answer is good for a while, and nobody is asked twice at a time', async () => {
  const metrics = createMetrics()
  const depth = metrics.gauge({ name: 'depth', help: 'Depth.', labels: ['queue'] })
  const asked = { kept: 0, slow: 0 }
  const answer = Promise.withResolvers<void>()
  metrics.collect('kept', () => [depth.at({ queue: 'kept' }, ++asked.kept)], { freshMs: 60_000 })
  metrics.collect('slow', async () => {
    asked.slow++
    await answer.promise
    return [depth.at({ queue: 'slow' }, 1)]
  })
  const texts = [metrics.text(), metrics.text(), metrics.text()]
  answer.resolve()
  for (const text of await Promise.all(texts)) {
    expect(valueIn(text, 'depth', { queue: 'kept' })).toBe(1)
    expect(valueIn(text, 'depth', { queue: 'slow' })).toBe(1)
  }
  await metrics.text()
  expect(asked).toEqual({ kept: 1, slow: 2 })
})

test('any number of metrics may have no room', async () => {
  const metrics = createMetrics({ mostSeries: 1 })
  for (const name of ['a', 'b', 'c']) {
    const counter = metrics.counter({ name, help: '', labels: ['option'] })
    for (const option of ['cats', 'dogs', 'birds']) counter.of({ option }).add(1)
  }
  const text = await metrics.text()
  for (const metric of ['a', 'b', 'c']) expect(valueIn(text, REFUSED, { metric })).toBe(2)
})

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d series and milliseconds', (n) => {
  expect(() => createMetrics({ mostSeries: n })).toThrow(`mostSeries is ${n}`)
  expect(() => createMetrics({ collectWithinMs: n })).toThrow(`collectWithinMs is ${n}`)
})

test('readings that cannot be written are counted, and the others are shown', async () => {
  const metrics = createMetrics()
  const depth = metrics.gauge({ name: 'depth', help: 'Depth.', labels: ['queue'] })
  const none: { readonly queue?: string } = {}
  metrics.collect('wrong', () => [depth.at(none as { readonly queue: string }, 1)])
  metrics.collect('good', () => [depth.at({ queue: 'a' }, 1)])
  expect(valueIn(await metrics.text(), 'depth', { queue: 'a' })).toBe(1)
  expect(valueIn(await metrics.text(), FAILED)).toBe(2)
})
