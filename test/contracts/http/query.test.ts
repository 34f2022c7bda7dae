import { expect, test } from 'vitest'
import { parseQuery } from '../../../contracts/index.ts'
import { fc } from '../../support/property.ts'

test.each<[string, object]>([
  ['', {}],
  ['&&', {}],
  ['a', { a: '' }],
  ['a=', { a: '' }],
  ['=a', { '': 'a' }],
  ['a=b=c', { a: 'b=c' }],
  ['a=1&b&a=2&a=', { a: ['1', '2', ''], b: '' }],
  ['a%20b=c+d%2B', { 'a b': 'c d+' }],
  ['a;b=1', { 'a;b': '1' }],
])('the query %j is read', (text, query) => {
  expect(parseQuery(text).query).toEqual(query)
})

test('__proto__ is a name like any other', () => {
  const { query } = parseQuery('__proto__=a&__proto__=b&toString=c')
  expect(Object.entries(query)).toEqual([
    ['__proto__', ['a', 'b']],
    ['toString', 'c'],
  ])
})

test.each(['a=%', 'a=%zz', 'a=%ff', 'a=%C3', '%ff=a'])('%j holds an escape that stands for no text', (text) => {
  expect(parseQuery(text).findings).toEqual([
    { code: 'text.ill-formed', at: expect.stringMatching(/^\/query\/(?:a|%ff)$/) as string },
  ])
})

test('any query is read as URLSearchParams reads it, but for what is no text', () => {
  const names = fc.string({
    unit: fc.constantFrom('a', 'b', '=', '&', '+', ' ', 'é', '%20', '%26', '💡'),
    maxLength: 12,
  })
  fc.assert(
    fc.property(names, (text) => {
      const expected: Record<string, string[]> = {}
      for (const [name, value] of new URLSearchParams(text)) (expected[name] ??= []).push(value)
      const { query } = parseQuery(text)
      expect(Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value].flat()]))).toEqual(expected)
    }),
    { numRuns: 500 },
  )
})
