import { describe, expect, test } from 'vitest'
import { register, type SendTo, send } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

const VOTES = '{"type":"object","properties":{"option":{"type":"string"}},"required":["option"]}'
const VENDOR = 'application/vnd.schemaregistry.v1+json'

describe('registering', () => {
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
    const first = await register(registry, 'votes', VOTES)
    await register(registry, 'votes', '{}')
    expect((await register(registry, 'votes', VOTES)).text).toBe(first.text)
    expect((await send(registry, 'GET /subjects/votes/versions')).body).toEqual([1, 2])
  })

  test('gives the same content the same id in another subject, as its version 1', async () => {
    await using registry = await temporaryRegistry()
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
      ids.push((await send(registry, `POST /subjects/votes/versions${query}`, { schema, schemaType: 'JSON' })).body)
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
      { references: [], metadata: null, ruleSet: {} },
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
})

describe('looking up and listing', () => {
  test('finds the version that has a schema', async () => {
    await using registry = await temporaryRegistry()
    await register(registry, 'votes', '{}')
    await register(registry, 'votes', VOTES)
    const found = await send(registry, 'POST /subjects/votes', { schema: VOTES, schemaType: 'JSON' })
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
    await send(registry, 'POST /subjects/votes/versions/', { schema: VOTES, schemaType: 'JSON' })
    expect((await send(registry, 'GET /subjects/')).body).toEqual(['votes'])
    expect((await send(registry, 'GET /schemas/ids/1/')).status).toBe(200)
  })
})

describe('content types', () => {
  test.each([
    'application/vnd.schemaregistry.v1+json',
    'application/vnd.schemaregistry+json',
    'application/json',
    'application/json; charset=utf-8',
    'application/octet-stream',
  ])('reads %s', async (type) => {
    await using registry = await temporaryRegistry()
    const headers = { 'content-type': type }
    const sent = await send(registry, 'POST /subjects/votes/versions', { schema: VOTES, schemaType: 'JSON' }, headers)
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
})

describe('what is not there', () => {
  const notFound = { error_code: 404, message: 'HTTP 404 Not Found' }
  test.each<[SendTo, number, object]>([
    ['GET /subjects/nope/versions', 404, { error_code: 40401, message: "Subject 'nope' not found." }],
    ['GET /subjects/nope/versions/1', 404, { error_code: 40401, message: "Subject 'nope' not found." }],
    ['GET /subjects/votes/versions/9', 404, { error_code: 40402, message: 'Version 9 not found.' }],
    ['GET /schemas/ids/9', 404, { error_code: 40403, message: 'Schema 9 not found' }],
    ['GET /schemas/ids/9/schema', 404, { error_code: 40403, message: 'Schema 9 not found' }],
    ['GET /schemas/ids/abc', 404, notFound],
    ['GET /associations/resources/-/votes?resourceType=topic', 404, notFound],
    ['DELETE /subjects/votes', 404, notFound],
    ['PUT /subjects/votes/versions', 404, notFound],
    ['POST /nowhere', 404, notFound],
    ['OPTIONS /subjects', 404, notFound],
  ])('%s', async (to, status, body) => {
    await using registry = await temporaryRegistry()
    await register(registry, 'votes', VOTES)
    expect(await send(registry, to)).toMatchObject({ status, body, type: VENDOR })
  })

  test.each(['0', '-2', '2147483648', 'newest', '1.0'])('version %s is no version', async (version) => {
    await using registry = await temporaryRegistry()
    const message = `The specified version '${version}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`
    const answer = await send(registry, `GET /subjects/votes/versions/${version}`)
    expect(answer).toMatchObject({ status: 422, body: { error_code: 42202, message } })
  })

  test('a schema that the subject does not have', async () => {
    await using registry = await temporaryRegistry()
    const sent = { schema: VOTES, schemaType: 'JSON' }
    await register(registry, 'other', VOTES)
    const unknown = { error_code: 40401, message: "Subject 'votes' not found." }
    expect((await send(registry, 'POST /subjects/votes', sent)).body).toEqual(unknown)
    await register(registry, 'votes', '{}')
    expect((await send(registry, 'POST /subjects/votes', sent)).body).toEqual({
      error_code: 40403,
      message: 'Schema not found',
    })
  })
})
