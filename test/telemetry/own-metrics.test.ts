import { expect, test } from 'vitest'
import { createMetrics } from '../../telemetry/index.ts'
import { valueIn } from './prometheus-text.ts'

test('a metric of your own stands in the same text', async () => {
  const metrics = createMetrics()

  const asked = metrics.counter({ name: 'questions_total', help: 'Questions.', labels: ['topic'] })
  const ofCats = asked.of({ topic: 'cats' })
  ofCats.add(1)

  expect(valueIn(await metrics.text(), 'questions_total', { topic: 'cats' })).toBe(1)
})
