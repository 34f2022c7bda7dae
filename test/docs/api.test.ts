import { expect, test } from 'vitest'
import { OWN_API } from '../../registry/openapi/own-api.ts'
import { codesIn, read, rowsUnder } from './markdown.ts'

test('docs/api.md lists every path of that API, and no other', () => {
  const told = rowsUnder('docs/api.md', 'Paths').map(([request = '']) => codesIn(request)[0] ?? '')
  // which the tests of the document hold against the routes
  expect(told.toSorted()).toEqual(Object.keys(OWN_API.operations).toSorted())
})

test('docs/errors.md tells the status with which the own API answers', () => {
  const statuses = read('registry/api/problems.ts').matchAll(/^ {2}'([a-z.-]+)': (\d+),$/gm)
  const told = rowsUnder('docs/errors.md', 'Registry').filter(([, , answer = '']) => answer.endsWith('on `/api`'))
  const known = new Map([...statuses].map(([, code = '', status = '']) => [code, `${status} on \`/api\``]))
  expect(told.map(([code = '', , answer]) => [codesIn(code)[0], answer])).toEqual(
    told.map(([code = '']) => [codesIn(code)[0], known.get(codesIn(code)[0] ?? '')]),
  )
  expect(told.length).toBeGreaterThan(10)
})

test('docs/services.md tells every reason for which a gate stops', () => {
  const [, union = ''] = /readonly reason: ('incompatible'.*)$/m.exec(read('registry/gates/judge.ts')) ?? []
  const reasons = [...union.matchAll(/'(\w+)'/g)].map(([, reason]) => reason)
  expect(rowsUnder('docs/services.md', 'What stops').map(([reason = '']) => codesIn(reason)[0])).toEqual(reasons)
})
