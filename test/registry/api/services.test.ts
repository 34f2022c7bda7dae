import { describe, expect, test } from 'vitest'
import { configure, register, send } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'
import { clientOf, deployed, done, FORMS, fields, OPTION, TEXT } from './own-registry.ts'

const VOTE = fields({ vote: TEXT })
const stream = (schema: unknown, more = {}) => ({ stream: 'votes', schema, ...more })

async function open() {
  const registry = await temporaryRegistry()
  return { ...registry, ...clientOf(registry), client: clientOf(registry) }
}

describe.each(FORMS)('publishing, on %s', (_form, make) => {
  test('is done once: the same again is 200, and something else is refused with what differs', async () => {
    await using registry = await make()
    const { publish, get } = clientOf(registry)
    const body = {
      branch: 'main',
      buildUrl: 'https://ci/1',
      writes: [stream(VOTE), { stream: 'b', schema: true, encoding: 'json' }],
    }
    const first = await publish('vote-api', '1', body)
    expect(first).toMatchObject({
      status: 201,
      body: {
        service: 'vote-api',
        version: '1',
        branches: ['main'],
        buildUrl: 'https://ci/1',
        environments: [],
        contracts: [
          { channel: 'stream:b', verb: 'writes', encoding: 'json', field: 'data' },
          {
            channel: 'stream:votes',
            direction: 'writes',
            encoding: 'fields',
            headers: 'off',
            guarded: true,
            external: false,
          },
        ],
      },
    })
    const otherText = {
      ...body,
      branch: 'fix',
      writes: [stream(JSON.stringify(VOTE, null, 2)), ...body.writes.slice(1)],
    }
    const again = await publish('vote-api', '1', otherText)
    expect(again).toMatchObject({ status: 200, body: { branches: ['main', 'fix'] } })
    expect((again.body as { contracts: unknown }).contracts).toEqual((first.body as { contracts: unknown }).contracts)
    const other = {
      writes: [stream(fields({ vote: OPTION }), { guarded: false })],
      reads: [{ stream: 'c', schema: VOTE }],
    }
    expect(await publish('vote-api', '1', other)).toMatchObject({
      status: 409,
      body: {
        code: 'contracts.published-otherwise',
        differences: [
          { channel: 'stream:votes', direction: 'writes', what: 'changed', members: ['schema', 'guarded'] },
          { channel: 'stream:c', direction: 'reads', what: 'added' },
          { channel: 'stream:b', direction: 'writes', what: 'removed' },
        ],
      },
    })
    expect((await get('/services/vote-api/versions/1')).body).toMatchObject({ branches: ['main', 'fix'] })
    expect((await get('/services/vote-api')).body).toMatchObject({ mainBranch: 'main' })
  })

  test('of one version by several at once happens once', async () => {
    await using registry = await make()
    const { publish, get } = clientOf(registry)
    const same = await Promise.all(Array.from({ length: 10 }, () => publish('tally', '1', { reads: [stream(VOTE)] })))
    expect(same.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      ...Array.from({ length: 9 }, () => 200),
      201,
    ])
    const rivals = await Promise.all(
      ['a', 'b', 'c'].map((name) => publish('tally', '2', { reads: [stream(fields({ [name]: TEXT }))] })),
    )
    expect(rivals.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409])
    expect((await get('/services/tally')).body).toMatchObject({ versions: [{ version: '2' }, { version: '1' }] })
  })
})

test('accepts the form that contracts have in a service', async () => {
  await using at = await open()
  const contract = { schema: VOTE, encoding: 'json', headers: 'off', guarded: true }
  const contracts = [
    { channel: 'stream:cache/votes', direction: 'reads', ...contract },
    { channel: 'http:web POST /vote/{id}#request', direction: 'reads', ...contract },
    { channel: 'http:web POST /vote/:id#201', direction: 'writes', ...contract },
    { channel: 'http:tally GET /results#request', direction: 'writes', ...contract },
  ]
  expect((await at.publish('web', '1', { service: 'web', contracts })).body).toMatchObject({
    contracts: [
      { channel: 'http:tally GET /results#request', verb: 'calls', encoding: 'http' },
      { channel: 'http:web POST /vote/{}#201', verb: 'serves', direction: 'writes' },
      { channel: 'http:web POST /vote/{}#request', verb: 'serves', direction: 'reads' },
      { channel: 'stream:cache/votes', verb: 'reads', encoding: 'json', field: 'data' },
    ],
  })
})

test('gives a schema an id, which the Schema Registry API knows, and makes it a version of a subject where one is named', async () => {
  await using at = await open()
  done(await register(at, 'votes-value', fields({ vote: OPTION })))
  const body = { writes: [stream(VOTE, { subject: 'votes-value' }), { stream: 'other', schema: fields({ a: TEXT }) }] }
  const published = await at.publish('vote-api', '1', body)
  expect(published.body).toMatchObject({
    contracts: [{ schemaId: 2 }, { schemaId: 3, subject: 'votes-value', subjectVersion: 2 }],
  })
  const byId = await at.app.inject('/schemas/ids/2')
  expect(JSON.parse(byId.json<{ schema: string }>().schema)).toEqual(fields({ a: TEXT }))
  expect((await at.app.inject('/schemas/ids/2/versions')).json()).toEqual([])
  expect((await at.app.inject('/subjects')).json()).toEqual(['votes-value'])
  const narrower = { writes: [stream(fields({ vote: OPTION, more: TEXT }), { subject: 'votes-value' })] }
  expect(await at.publish('vote-api', '2', narrower)).toMatchObject({
    status: 409,
    body: {
      code: 'schema.incompatible',
      at: '/writes/0/subject',
      detail: expect.stringContaining('(version 2): /more is required by the reader and never written'),
    },
  })
  expect((await at.get('/services/vote-api')).body).toMatchObject({ versions: [{ version: '1' }] })
})

test('a subject that many publish to at once gets each schema once', async () => {
  await using at = await open()
  done(await configure(at, { compatibility: 'NONE' }))
  const schemas = Array.from({ length: 8 }, (_, i) => fields({ [`f${i}`]: TEXT }))
  const sent = await Promise.all(
    schemas.map((schema, i) => at.publish('vote-api', `${i}`, { writes: [stream(schema, { subject: 'votes' })] })),
  )
  const versions = sent.map(
    ({ body }) => (body as { contracts: { subjectVersion: number }[] }).contracts[0]?.subjectVersion,
  )
  expect(new Set(versions)).toEqual(new Set([1, 2, 3, 4, 5, 6, 7, 8]))
})

const many = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ stream: `s${i}`, schema: true, encoding: 'json' }))

test.each([
  [
    'two contracts of one channel that disagree',
    { writes: [stream(VOTE), stream(true)] },
    400,
    'contract.disagrees',
    '/writes/1',
  ],
  ['a schema that is none', { reads: [stream({ type: 'strange' })] }, 422, 'schema.refused', '/reads/0/schema'],
  ['a schema that is no JSON', { reads: [stream('{')] }, 422, 'schema.refused', '/reads/0/schema'],
  [
    'a key that stands twice in a schema',
    { reads: [stream('{"type":"object","type":"object"}')] },
    400,
    'schema.ambiguous',
    '/reads/0/schema',
  ],
  [
    'a field of two kinds',
    { writes: [stream(fields({ a: { type: ['string', 'integer'] } }))] },
    422,
    'contract.refused',
    '/writes/0/schema',
  ],
  [
    'a channel that cannot be',
    { contracts: [{ channel: 'votes', direction: 'reads', schema: true }] },
    400,
    'name.invalid',
    '/contracts/0/channel',
  ],
  ['a stream that cannot be', { reads: [{ stream: 'a b', schema: true }] }, 400, 'name.invalid', '/reads/0/stream'],
  [
    'a status that cannot be',
    { serves: [{ method: 'GET', path: '/', responses: { '20': true } }] },
    400,
    'name.invalid',
    '/serves/0/responses/20',
  ],
  ['a member that nobody knows', { reads: [stream(VOTE, { gaurded: false })] }, 400, 'request.malformed', '/reads/0'],
  [
    'a direction that is none',
    { contracts: [{ channel: 'stream:a', direction: 'both', schema: true }] },
    400,
    'request.malformed',
    '/contracts/0/direction',
  ],
  ['another service', { service: 'tally', reads: [] }, 400, 'request.malformed', undefined],
  ['a branch with a line break', { branch: 'a\nb' }, 400, 'name.invalid', undefined],
  ['a build URL that is a script', { buildUrl: 'javascript:alert(1)' }, 400, 'request.malformed', undefined],
  ['more than 1,000 contracts', { writes: many(1001) }, 400, 'contracts.too-many', undefined],
])('refuses %s, keeps nothing, and says where', async (_what, body, status, code, place) => {
  await using at = await open()
  const refused = await at.publish('vote-api', '1', body)
  expect(refused).toMatchObject({ status, type: 'application/problem+json', body: { code } })
  expect((refused.body as { at?: string }).at).toBe(place)
  expect((await at.get('/services')).body).toEqual({ services: [] })
})

test('tells the findings of a contract that its encoding cannot carry', async () => {
  await using at = await open()
  const body = { writes: [stream(fields({ a: { type: ['string', 'integer'] } }))] }
  expect((await at.publish('vote-api', '1', body)).body).toMatchObject({
    findings: [{ code: 'contract.mixed-kinds', at: '/a' }],
    detail: expect.stringContaining('a field has one kind on the wire'),
  })
})

test('takes 1,000 contracts', async () => {
  await using at = await open()
  const { status, body } = await at.publish('vote-api', '1', { writes: many(1000) })
  expect(status).toBe(201)
  expect((body as { contracts: unknown[] }).contracts).toHaveLength(1000)
})

test.each([
  ['an integer that floating point would change', '{"writes":[{"stream":"a","schema":{"maximum":9007199254740993}}]}'],
  ['a key that stands twice', '{"writes":[],"writes":[]}'],
  ['U+0000', '{"branch":"a\\u0000"}'],
  ['a prototype', '{"__proto__":{}}'],
  ['no JSON', '{"writes":'],
  ['ill-formed Unicode', '{"writes":[{"stream":"a","schema":true,"origin":"\\ud800"}]}'],
])('refuses a body with %s', async (_what, body) => {
  await using at = await open()
  expect(await at.post('/services/a/versions/1/contracts', body)).toMatchObject({
    status: 400,
    body: { code: 'request.malformed' },
  })
})

test('keeps such an integer where the schema comes as text', async () => {
  await using at = await open()
  const schema = '{"type":"object","properties":{"n":{"maximum":9007199254740993}}}'
  done(await at.publish('tally', '1', { reads: [{ stream: 'a', encoding: 'json', schema }] }))
  expect((await at.app.inject('/schemas/ids/1')).json()).toMatchObject({ schema })
  for (const path of ['/services/tally/versions/1/contracts', '/channels/stream:a/schemas?verb=reads'])
    expect((await at.get(path)).text).toContain(`"schema":${schema}`)
})

test.each(['', ' a', 'a\u0000', 'a\u200b', 'x'.repeat(201), 'latest', 'branch:main'])(
  'no version is named %j',
  async (version) => {
    await using at = await open()
    const { status } = await at.publish('tally', version, { reads: [] })
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
  },
)

test('a version may be named in any script, and with slashes', async () => {
  await using at = await open()
  for (const version of ['release/1.2', 'ü 🎉', '日本']) done(await at.publish('tally', version, { reads: [] }))
  expect((await at.get(`/services/tally/versions/${encodeURIComponent('release/1.2')}`)).body).toMatchObject({
    version: 'release/1.2',
  })
  expect((await at.get('/services/tally/versions/latest')).body).toMatchObject({ version: '日本' })
})

test('services and versions are told in pages', async () => {
  await using at = await open()
  for (const service of ['c', 'a', 'b']) done(await at.publish(service, '1', { reads: [] }))
  const first = await at.get('/services?limit=2')
  expect(first.body).toMatchObject({ services: [{ name: 'a', latest: '1' }, { name: 'b' }] })
  const { next } = first.body as { next: string }
  expect((await at.get(`/services?limit=2&after=${next}`)).body).toEqual({
    services: [{ name: 'c', position: 1, latest: '1' }],
  })
  for (const version of ['2', '3']) done(await at.publish('a', version, { branch: 'master', reads: [] }))
  const versions = await at.get('/services/a?limit=2')
  expect(versions.body).toMatchObject({ mainBranch: 'master', versions: [{ version: '3' }, { version: '2' }] })
  const after = (versions.body as { next: string }).next
  expect((await at.get(`/services/a?limit=2&after=${after}`)).body).toMatchObject({ versions: [{ version: '1' }] })
  for (const wrong of ['nonsense', 'e30', '%00']) expect((await at.get(`/services/a?after=${wrong}`)).status).toBe(400)
  expect((await at.get('/services?limit=0')).status).toBe(400)
})

test('takes OpenAPI documents, of what is served and of what is called', async () => {
  await using at = await open()
  const operation = { responses: { '200': { content: { 'application/json': { schema: VOTE } } } } }
  const openapi = { openapi: '3.1.0', paths: { '/votes': { get: operation }, '/all': { get: operation } } }
  await deployed(at.client, 'vote-api', '1', { openapi: JSON.stringify(openapi) })
  const called = { ...openapi, paths: { '/votes': { get: { responses: { '200': {} } } } } }
  const body = { callsOf: [{ provider: 'vote-api', openapi: called, only: ['GET /votes'], origin: 'client.json' }] }
  expect((await at.publish('web', '1', body)).body).toMatchObject({
    contracts: [
      { channel: 'http:vote-api GET /votes#200', verb: 'calls', origin: 'client.json' },
      { channel: 'http:vote-api GET /votes#request' },
    ],
  })
  expect((await at.ask('web', '1')).body).toMatchObject({ answer: 'yes', compared: { pairs: 2 } })
  const wrong = { callsOf: [{ ...body.callsOf[0], only: ['GET /vote'] }] }
  expect(await at.publish('web', '2', wrong)).toMatchObject({
    status: 400,
    body: { code: 'openapi.refused', at: '/callsOf/0/openapi' },
  })
  const bad = {
    openapi: {
      openapi: '3.1.0',
      paths: {
        '/a': { get: { responses: { '200': { content: { 'application/json': { schema: { type: 'x' } } } } } } },
      },
    },
  }
  expect(await at.publish('api', '1', bad)).toMatchObject({
    status: 422,
    body: { code: 'schema.refused', at: '/openapi/paths/~1a/get/responses/200' },
  })
})

test('a main branch can be set and taken away', async () => {
  await using at = await open()
  expect(await at.put('/services/tally', { mainBranch: 'trunk' })).toMatchObject({
    status: 201,
    body: { mainBranch: 'trunk' },
  })
  done(await at.publish('tally', '1', { branch: 'main', reads: [] }))
  expect((await at.get('/services/tally')).body).toMatchObject({ mainBranch: 'trunk' })
  const gone = await at.put('/services/tally', { mainBranch: null })
  expect(gone).toMatchObject({ status: 200 })
  expect(gone.body).not.toHaveProperty('mainBranch')
})

test('a version is told with its contracts, their schemas, and where it runs', async () => {
  await using at = await open()
  await deployed(at.client, 'tally', '1', { reads: [stream(VOTE)] }, 'test')
  expect((await at.get('/services/tally/versions/1')).body).toMatchObject({
    environments: ['test'],
    contracts: [{ schemaId: 1 }],
  })
  expect((await at.get('/services/tally/versions/1/contracts')).body).toMatchObject({ contracts: [{ schema: VOTE }] })
})

test('what is not there is a problem, whatever the method', async () => {
  await using at = await open()
  expect(await at.get('/nothing')).toMatchObject({
    status: 404,
    type: 'application/problem+json',
    body: { code: 'route.unknown' },
  })
  expect((await at.remove('/services')).body).toMatchObject({ code: 'route.unknown' })
  expect((await at.get(`/services/${'x'.repeat(3000)}`)).body).toMatchObject({ code: 'name.too-long' })
  const text = await at.app.inject({
    method: 'POST',
    url: '/api/overrides',
    headers: { 'content-type': 'text/xml' },
    payload: '<a/>',
  })
  expect(text.json()).toMatchObject({ status: 415, code: 'request.unsupported-type' })
})

test('the same again changes nothing, whatever has become of its subject', async () => {
  await using at = await open()
  const first = { writes: [stream(VOTE, { subject: 'votes' })] }
  done(await at.publish('vote-api', '1', first))
  done(await send(at, 'DELETE /subjects/votes/versions/1'))
  done(await at.publish('vote-api', '2', { writes: [stream(fields({ option: TEXT }), { subject: 'votes' })] }))
  expect(await at.publish('vote-api', '1', first)).toMatchObject({ status: 200 })
})
