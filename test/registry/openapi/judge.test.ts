import { expect, test } from 'vitest'
import { type Answer, createJudge } from './judge.ts'

const judge = createJudge()
const TYPE = 'application/vnd.schemaregistry.v1+json'

/** The answer of GET /mode, or something else in its place. */
function answer(change: Partial<Answer> & { readonly value?: unknown }): Answer {
  const { value = { mode: 'READWRITE' }, ...more } = change
  const body = Buffer.from(JSON.stringify(value))
  return { status: 200, type: TYPE, headers: { 'x-request-id': 'a' }, route: 'GET /mode', body, ...more }
}

test('has nothing against an answer that is described', () => {
  expect(judge(answer({}), '/mode')).toBeUndefined()
})

test.each([
  ['a status that is not described', answer({ status: 409 }), 'the status 409 is not described'],
  ['another media type', answer({ type: 'text/html' }), 'the media type text/html is not described'],
  ['a header too few', answer({ headers: {} }), 'has no header x-request-id'],
  ['a member too many', answer({ value: { mode: 'READWRITE', secret: 1 } }), 'must NOT have additional properties'],
  ['a value that is none', answer({ value: { mode: 'WRITEONLY' } }), 'must be equal to one of the allowed values'],
  ['a route that is not described', answer({ route: 'GET /secrets' }), 'GET /secrets is not described'],
  ['a failure where no route is', answer({ route: undefined, status: 405 }), 'no route, and the status 405'],
  ['a problem of another surface', answer({ route: undefined, status: 404 }), 'no route, and the media type', '/api/a'],
])('finds %s', (_what, given, fault, url = '/mode') => {
  expect(judge(given, url)).toContain(fault)
})
