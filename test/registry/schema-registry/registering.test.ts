import { expect, test } from 'vitest'
import { allowAll, register, send, sentSchema } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

const VOTES = '{"type":"object","properties":{"option":{"type":"string"}},"required":["option"]}'

test('gives a schema an id and a version, by which it is read back as it was sent', async () => {
  await using registry = await temporaryRegistry()
  const { body } = await register(registry, 'votes', VOTES)
  expect(body).toMatchObject({ id: 1, version: 1, schemaType: 'JSON', schema: VOTES })
  expect(await send(registry, 'GET /schemas/ids/1')).toMatchObject({
    status: 200,
    body: { schema: VOTES, schemaType: 'JSON' },
  })
  const version = { subject: 'votes', version: 1, id: 1, schemaType: 'JSON', schema: VOTES }
  expect(await send(registry, 'GET /subjects/votes/versions/1')).toMatchObject({ status: 200, body: version })
  expect(await send(registry, 'GET /subjects/votes/versions/latest')).toMatchObject({ status: 200, body: version })
  expect(await send(registry, 'GET /subjects/votes/versions/LATEST')).toMatchObject({ status: 200, body: version })
  expect(await send(registry, 'GET /subjects/votes/versions/-1')).toMatchObject({ status: 200, body: version })
  expect(await send(registry, 'GET /schemas/ids/1/schema')).toMatchObject({ status: 200, text: VOTES })
})

test('answers the same when it is done again', async () => {
  await using registry = await temporaryRegistry()
  await allowAll(registry)
  const first = await register(registry, 'votes', VOTES)
  await register(registry, 'votes', '{}')
  expect((await register(registry, 'votes', VOTES)).text).toBe(first.text)
  expect((await send(registry, 'GET /subjects/votes/versions')).body).toEqual([1, 2])
})

test('gives the same content the same id in another subject, as its version 1', async () => {
  await using registry = await temporaryRegistry()
  await allowAll(registry)
  await register(registry, 'other', '{}')
  const first = await register(registry, 'votes', VOTES)
  const second = await register(registry, 'other', VOTES)
  expect(first.body).toMatchObject({ id: 2, version: 1 })
  expect(second.body).toMatchObject({ id: 2, version: 2 })
  expect((await register(registry, 'third', VOTES)).body).toMatchObject({ id: 2, version: 1 })
})

test('makes one id and one version of fifty registrations at once', async () => {
  await using registry = await temporaryRegistry()
  const answers = await Promise.all(Array.from({ length: 50 }, () => register(registry, 'votes', VOTES)))
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
  expect((await send(registry, 'GET /subjects/votes/versions')).body).toEqual([1])
})

test('tells texts apart that differ in white space, unless they are to be normalised', async () => {
  await using registry = await temporaryRegistry()
  const ids: unknown[] = []
  for (const query of ['', '', '?normalize=true', '?normalize=true']) {
    const schema = ids.length % 2 === 0 ? '{"type":"object","title":"a"}' : '{ "title":"a","type":"object" }'
    ids.push((await send(registry, `POST /subjects/votes/versions${query}`, sentSchema(schema))).body)
  }
  expect(ids).toMatchObject([{ id: 1 }, { id: 2 }, { id: 3 }, { id: 3 }])
})

test('takes references, metadata and rule sets for a part of what a schema is', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'base', '{}')
  const parts = [
    { references: [{ name: 'base.json', subject: 'base', version: 1 }] },
    { metadata: { properties: { owner: 'tally' } } },
    { ruleSet: { domainRules: [{ name: 'a' }] } },
    { references: [], metadata: {}, ruleSet: {} },
  ]
  const ids: unknown[] = []
  for (const part of parts) ids.push((await register(registry, 'votes', VOTES, part)).body)
  expect(ids).toMatchObject([{ id: 2, ...parts[0] }, { id: 3, ...parts[1] }, { id: 4, ...parts[2] }, { id: 5 }])
  expect((await send(registry, 'GET /schemas/ids/2')).body).toMatchObject({ ...parts[0] })
})

test('makes the version that the client expects, or none', async () => {
  await using registry = await temporaryRegistry()
  expect((await register(registry, 'votes', VOTES, { version: 1, id: -1 })).status).toBe(200)
  const refused = await register(registry, 'votes', '{}', { version: 1 })
  expect(refused).toMatchObject({
    status: 422,
    body: { error_code: 42201, message: 'Version is not one more than previous version' },
  })
})

test('prints the MD5 of the text as the guid', async () => {
  await using registry = await temporaryRegistry()
  expect((await register(registry, 'votes', '{}')).body).toMatchObject({
    guid: '99914b93-2bd3-7a50-b983-c5e7c90ae93b',
  })
})
