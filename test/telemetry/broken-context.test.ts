import { type ContextManager, context } from '@opentelemetry/api'
import { expect, onTestFinished, test } from 'vitest'
import { activeTraceparent, isTracing, startSpan } from '../../telemetry/index.ts'

function fail(): never {
  throw new Error('broken')
}

test('a context manager that throws is no failure of the work', () => {
  const manager: ContextManager = { active: fail, with: fail, bind: fail, enable: fail, disable: () => manager }
  context.setGlobalContextManager(manager)
  onTestFinished(() => context.disable())
  expect(activeTraceparent()).toBeUndefined()
  expect(isTracing()).toBe(false)
  expect(startSpan({ name: 'any', kind: 'producer', attributes: {} })).toBeUndefined()
})
