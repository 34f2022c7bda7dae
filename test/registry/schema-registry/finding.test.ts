import { expect, test } from 'vitest'
import { allowAll, register, type SendTo, send, sentSchema } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

const VOTES = '{"type":"object","properties":{"option":{"type":"string"}},"required":["option"]}'
const VENDOR = 'application/vnd.schemaregistry.v1+json'

test('finds the version that has a schema', async () => {
  await using registry = await temporaryRegistry()
  await allowAll(registry)
  await register(registry, 'votes', '{}')
  await register(registry, 'votes', VOTES)
  const found = await send(registry, 'POST /subjects/votes', sentSchema(VOTES))
  expect(found).toMatchObject({ status: 200, body: { subject: 'votes', version: 2, id: 2, schema: VOTES } })
})

test('lists subjects, versions and types', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', VOTES)
  await register(registry, 'a/b ü', VOTES)
  expect((await send(registry, 'GET /subjects')).body).toEqual(['a/b ü', 'votes'])
  expect((await send(registry, 'GET /subjects/a%2Fb%20%C3%BC/versions')).body).toEqual([1])
  expect((await send(registry, 'GET /schemas/types')).body).toEqual(['JSON'])
  expect((await send(registry, 'GET /')).body).toEqual({})
})

test('tells the subject and version of a schema by id only to those who name the subject', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', VOTES)
  expect((await send(registry, 'GET /schemas/ids/1?subject=votes')).body).toMatchObject({
    subject: 'votes',
    version: 1,
  })
  expect((await send(registry, 'GET /schemas/ids/1')).body).not.toHaveProperty('subject')
})

test('ignores a trailing slash', async () => {
  await using registry = await temporaryRegistry()
  await send(registry, 'POST /subjects/votes/versions/', sentSchema(VOTES))
  expect((await send(registry, 'GET /subjects/')).body).toEqual(['votes'])
  expect((await send(registry, 'GET /schemas/ids/1/')).status).toBe(200)
})

const notFound = { error_code: 404, message: 'HTTP 404 Not Found' }
test.each<[SendTo, number, object]>([
  ['GET /subjects/nope/versions', 404, { error_code: 40401, message: "Subject 'nope' not found." }],
  ['GET /subjects/nope/versions/1', 404, { error_code: 40401, message: "Subject 'nope' not found." }],
  ['GET /subjects/votes/versions/9', 404, { error_code: 40402, message: 'Version 9 not found.' }],
  ['GET /schemas/ids/9', 404, { error_code: 40403, message: 'Schema 9 not found' }],
  ['GET /schemas/ids/9/schema', 404, { error_code: 40403, message: 'Schema 9 not found' }],
  ['GET /schemas/ids/abc', 404, notFound],
  ['GET /associations/resources/-/votes?resourceType=topic', 404, notFound],
  ['PUT /subjects/votes/versions', 404, notFound],
  ['POST /nowhere', 404, notFound],
  ['OPTIONS /subjects', 404, notFound],
])('answers what is not there: %s', async (to, status, body) => {
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', VOTES)
  expect(await send(registry, to)).toMatchObject({ status, body, type: VENDOR })
})

test.each(['0', '-2', '2147483648', 'newest', '1.0'])('refuses the version %s', async (version) => {
  await using registry = await temporaryRegistry()
  const message = `The specified version '${version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`
  const answer = await send(registry, `GET /subjects/votes/versions/${version}`)
  expect(answer).toMatchObject({ status: 422, body: { error_code: 42202, message } })
})

test('answers 404 for a schema that the subject does not have', async () => {
  await using registry = await temporaryRegistry()
  const sent = sentSchema(VOTES)
  await register(registry, 'other', VOTES)
  const unknown = { error_code: 40401, message: "Subject 'votes' not found." }
  expect((await send(registry, 'POST /subjects/votes', sent)).body).toEqual(unknown)
  await register(registry, 'votes', '{}')
  expect((await send(registry, 'POST /subjects/votes', sent)).body).toEqual({
    error_code: 40403,
    message: 'Schema not found',
  })
})
