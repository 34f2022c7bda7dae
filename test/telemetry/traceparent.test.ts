import { expect, test } from 'vitest'
import { parseTraceparent, writeTraceparent } from '../../telemetry/traceparent.ts'
import { fc } from '../support/property.ts'

const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']

test('reads a traceparent and writes it again', () => {
  const place = { traceId, spanId, traceFlags: 1 }
  expect(parseTraceparent(`00-${traceId}-${spanId}-01`)).toEqual(place)
  expect(writeTraceparent(place)).toBe(`00-${traceId}-${spanId}-01`)
})

test.each([
  '',
  'null',
  `00-${traceId}-${spanId}`,
  `00-${traceId}-${spanId}-1`,
  `00-${traceId}-${spanId}-01-`,
  `00-${traceId}-${spanId}-01\n`,
  ` 00-${traceId}-${spanId}-01`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  `00-${'0'.repeat(32)}-${spanId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `01-${traceId}-${spanId}-01`,
  `ff-${traceId}-${spanId}-01`,
  `00-${traceId}${'0'.repeat(1_000_000)}-${spanId}-01`,
])('%j is no traceparent', (text) => {
  expect(parseTraceparent(text.slice(0, 2_000_000))).toBeUndefined()
})

test('whatever is read is written as it stood', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/), (text) => {
      const place = parseTraceparent(text)
      expect(place && writeTraceparent(place)).toBe(/-0+-/.test(text) ? undefined : text)
    }),
  )
})
