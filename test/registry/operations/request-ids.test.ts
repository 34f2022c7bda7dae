import { expect, test } from 'vitest'
import { createRequestIds } from '../../../registry/operations/request-ids.ts'
import { send } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

const MADE = /^[\da-f]{16}-\d+$/
const requestIdOf = createRequestIds()

test.each(['a', 'build_7.retry-2', 'x'.repeat(128)])('takes the id %j', (id) => {
  expect(requestIdOf({ headers: { 'x-request-id': id } })).toBe(id)
})

test.each([undefined, '', 'x'.repeat(129), 'a b', 'a\nb', 'a, b', 'größe', '{"a":1}'])(
  'makes a new id in place of %j',
  (id) => {
    expect(requestIdOf({ headers: { 'x-request-id': id } })).toMatch(MADE)
  },
)

test.each([
  ['a route', 'GET /subjects'],
  ['no route', 'GET /nowhere'],
  ['no route below /api', 'GET /api/nowhere'],
  ['a path that cannot be decoded', 'GET /schemas/ids/%zz'],
  ['a name that is too long', `GET /config/${'x'.repeat(3000)}`],
  ['something that is not there', 'GET /subjects/nothing/versions'],
] as const)('answers the id for %s', async (_what, to) => {
  await using registry = await temporaryRegistry()
  const given = await send(registry, to, undefined, { 'x-request-id': 'mine' })
  expect(given.headers['x-request-id']).toBe('mine')
  const made = await send(registry, to)
  expect(made.headers['x-request-id']).toMatch(MADE)
})
