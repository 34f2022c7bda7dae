import { expect, test } from 'vitest'
import { send, sentSchema } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

const VOTES = '{"type":"object","properties":{"option":{"type":"string"}},"required":["option"]}'
const VENDOR = 'application/vnd.schemaregistry.v1+json'

test.each([
  'application/vnd.schemaregistry.v1+json',
  'application/vnd.schemaregistry+json',
  'application/json',
  'application/json; charset=utf-8',
  'application/octet-stream',
])('reads %s', async (type) => {
  await using registry = await temporaryRegistry()
  const headers = { 'content-type': type }
  const sent = await send(registry, 'POST /subjects/votes/versions', sentSchema(VOTES), headers)
  expect(sent).toMatchObject({ status: 200, type: VENDOR })
})

test.each([
  ['*/*', VENDOR],
  ['application/json', 'application/json'],
  ['application/vnd.schemaregistry+json, application/json;q=0.5', 'application/vnd.schemaregistry+json'],
  ['application/json, application/vnd.schemaregistry.v1+json', VENDOR],
])('answers one who accepts %s with %s', async (accept, type) => {
  await using registry = await temporaryRegistry()
  expect(await send(registry, 'GET /subjects', undefined, { accept })).toMatchObject({ status: 200, type })
  expect(await send(registry, 'GET /subjects/nope/versions', undefined, { accept })).toMatchObject({
    status: 404,
    type,
  })
})
