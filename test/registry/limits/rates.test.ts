import { expect, test } from 'vitest'
import { DEFAULT_RATES, parseRate, RATE_PATTERN, RATE_RULES } from '../../../registry/limits/rates.ts'

test.each([
  ['5/60', { most: 5, windowMs: 60_000 }],
  ['99999/9999', { most: 99_999, windowMs: 9_999_000 }],
  ['off', undefined],
])('reads the rate %s', (text, rate) => {
  expect(parseRate(text)).toEqual(rate)
})

test.each(['', '5', '5/', '/60', '0/60', '5/0', '-5/60', '5/60/1', '5 / 60', '1e3/60', '100000/1', '5/10000', 'OFF'])(
  'takes %j for no rate',
  (text) => {
    expect(() => parseRate(text)).toThrow(/is no rate: it must be a count/)
  },
)

test('each class has a rate by default', () => {
  const settings = Object.values(RATE_RULES).map(({ setting }) => setting)
  expect(Object.keys(DEFAULT_RATES)).toEqual(settings)
  for (const text of Object.values(DEFAULT_RATES)) expect(text).toMatch(RATE_PATTERN)
})
