import { expect, test } from 'vitest'
import { temporaryRegistry } from '../temporary.ts'
import { clientOf, deployed, done, FORMS, fields, OPTION, TEXT } from './own-registry.ts'

const VOTE = fields({ vote: TEXT })
const OTHER = fields({ option: OPTION })
const writes = (schema: object, more = {}) => ({ writes: [{ stream: 'votes', schema, ...more }] })
const reads = (schema: object, more = {}) => ({ reads: [{ stream: 'votes', schema, ...more }] })

const both = (written: object, read: object) => ({ ...writes(written), ...reads(read) })
const inBody = (schema: object) => fields({ body: schema })

async function open() {
  const registry = await temporaryRegistry()
  return { ...registry, ...clientOf(registry), client: clientOf(registry) }
}

test('a reader of what nobody writes is missing somebody, unless the channel is external', async () => {
  await using at = await open()
  done(await at.publish('tally', '1', reads(VOTE)))
  done(await at.publish('tally', '2', reads(VOTE, { external: true })))
  const refused = await at.ask('tally', '1')
  expect(refused.body).toMatchObject({ answer: 'no', stops: [{ reason: 'missing', channel: 'stream:votes' }] })
  expect(refused.text).toContain('No service has ever said that it writes it.')
  expect((await at.ask('tally', '2')).body).toMatchObject({ answer: 'yes', compared: { pairs: 0 } })
  done(await at.publish('vote-api', '1', writes(VOTE)))
  expect((await at.ask('tally', '1')).text).toContain('First deploy vote-api to production')
})

test('a writer whom nobody reads may go', async () => {
  await using at = await open()
  done(await at.publish('vote-api', '1', { ...writes(VOTE), serves: [{ method: 'POST', path: '/api/vote' }] }))
  expect((await at.ask('vote-api', '1')).body).toMatchObject({ answer: 'yes', back: { answer: 'nothing' } })
})

test('a version that has published nothing may not go, and one that has published that it has no contracts may', async () => {
  await using at = await open()
  done(await at.put('/services/tally/versions/1', { branch: 'main' }))
  expect((await at.ask('tally', '1')).body).toMatchObject({ answer: 'no', stops: [{ reason: 'unpublished' }] })
  done(await at.publish('tally', '1', { contracts: [] }))
  expect((await at.ask('tally', '1')).body).toMatchObject({ answer: 'yes' })
})

test('what nobody can prove stops as unknown, and a person may let it through by name', async () => {
  await using at = await open()
  const hard = { type: 'object', properties: { vote: { type: 'string', pattern: '^(a)\\1$' } }, required: ['vote'] }
  const narrow = { type: 'object', properties: { vote: { type: 'string', pattern: '^a+$' } }, required: ['vote'] }
  await deployed(at.client, 'tally', '1', reads(narrow))
  done(await at.publish('vote-api', '1', writes(hard)))
  const before = await at.ask('vote-api', '1')
  expect(before.body).toMatchObject({ answer: 'no', stops: [{ reason: 'unknown', unknownReason: expect.any(String) }] })
  const override = { service: 'vote-api', version: '1', environment: 'production', reason: 'looked at it', by: 'kim' }
  const given = await at.post('/overrides', { ...override, expiresInSeconds: 60 })
  expect(given).toMatchObject({ status: 201, body: { ...override, isExpired: false } })
  expect((await at.ask('vote-api', '1')).body).toMatchObject({
    answer: 'yes',
    stops: [],
    overridden: [{ reason: 'unknown', override: { by: 'kim', reason: 'looked at it' } }],
    warnings: [{ reason: 'overridden' }],
  })
  const { id } = given.body as { id: number }
  expect(await at.remove(`/overrides/${id}`)).toMatchObject({ status: 200, body: { endedAt: expect.any(String) } })
  expect((await at.ask('vote-api', '1')).body).toMatchObject({ answer: 'no', overridden: [] })
  expect(await at.remove(`/overrides/${id}`)).toMatchObject({ status: 404, body: { code: 'override.unknown' } })
  expect((await at.get('/overrides')).body).toEqual({ overrides: [] })
  expect((await at.get('/overrides?all=true&service=vote-api')).body).toMatchObject({ overrides: [{ id }] })
})

test('an override is for its version, its channel and its environment only', async () => {
  await using at = await open()
  await deployed(at.client, 'tally', '1', reads(VOTE))
  done(await at.record('tally', '1', 'test'))
  for (const version of ['2', '3']) done(await at.publish('vote-api', version, writes(OTHER)))
  done(await at.publish('other', '1', { writes: [{ stream: 'other', schema: VOTE }] }))
  const scope = { service: 'vote-api', environment: 'production', reason: 'agreed', by: 'kim', expiresInSeconds: 60 }
  const scopes = [{ channel: 'stream:other' }, { version: '2' }]
  for (const one of scopes) done(await at.post('/overrides', { ...scope, ...one }))
  expect((await at.ask('vote-api', '2')).body).toMatchObject({ answer: 'yes' })
  expect((await at.ask('vote-api', '2', 'test')).body).toMatchObject({ answer: 'no' })
  expect((await at.ask('vote-api', '3')).body).toMatchObject({ answer: 'no' })
  done(await at.post('/overrides', { ...scope, channel: 'stream:votes' }))
  expect((await at.ask('vote-api', '3')).body).toMatchObject({ answer: 'yes' })
})

test.each([
  ['no scope', {}, 'neither a version nor a channel'],
  ['no end', { version: '1', expiresInSeconds: undefined }, 'an override ends'],
  [
    'an end that has been',
    { version: '1', expiresInSeconds: undefined, expiresAt: '2020-01-01T00:00:00Z' },
    'expiresAt',
  ],
  ['an end that is no time', { version: '1', expiresInSeconds: undefined, expiresAt: 'soon' }, 'expiresAt'],
  ['nobody who gives it', { version: '1', by: ' ' }, 'cannot name a person'],
])('an override with %s is refused', async (_what, change, reason) => {
  await using at = await open()
  done(await at.publish('vote-api', '1', writes(VOTE)))
  const override = {
    service: 'vote-api',
    environment: 'test',
    reason: 'agreed',
    by: 'kim',
    expiresInSeconds: 60,
    ...change,
  }
  expect(await at.post('/overrides', override)).toMatchObject({
    status: 400,
    body: { detail: expect.stringContaining(reason) },
  })
})

test('a writer without guards is told where only they would see to it, and stopped where the environment is strict', async () => {
  await using at = await open()
  const careful = { type: 'object', properties: { vote: TEXT, note: TEXT }, required: ['vote'] }
  await deployed(at.client, 'tally', '1', reads(careful))
  done(await at.record('tally', '1', 'test'))
  done(await at.publish('vote-api', 'guarded', writes(VOTE)))
  done(await at.publish('vote-api', 'bare', writes(VOTE, { guarded: false })))
  expect((await at.ask('vote-api', 'guarded')).body).toMatchObject({ answer: 'yes', warnings: [] })
  expect((await at.ask('vote-api', 'bare')).body).toMatchObject({
    answer: 'yes',
    warnings: [{ reason: 'unguarded', channel: 'stream:votes' }],
    pairs: [{ onlyAsDeclared: true, writer: { guarded: false } }],
  })
  done(await at.put('/environments/test', { policy: 'strict' }))
  expect((await at.ask('vote-api', 'guarded', 'test')).body).toMatchObject({ answer: 'no', policy: 'strict' })
  expect((await at.ask('vote-api', 'guarded', 'test', '&policy=as-declared')).body).toMatchObject({ policy: 'strict' })
  expect((await at.ask('vote-api', 'guarded', 'production', '&policy=strict')).body).toMatchObject({ answer: 'no' })
})

test('the older version of the candidate itself still runs while it is rolled out', async () => {
  await using at = await open()
  await deployed(at.client, 'echo', '1', both(VOTE, VOTE))
  done(await at.publish('echo', '2', both(OTHER, { anyOf: [VOTE, OTHER], type: 'object' })))
  expect((await at.ask('echo', '2')).body).toMatchObject({
    answer: 'no',
    stops: [{ writer: { version: '2' }, reader: { version: '1', is: 'deployed' } }],
    back: { answer: 'unsafe', to: [{ version: '1' }] },
  })
})

test('going back is unsafe when what runs now would not fit any more, though going is fine', async () => {
  await using at = await open()
  const wide = { type: 'object', properties: { vote: TEXT, option: OPTION } }
  await deployed(at.client, 'tally', '1', reads(VOTE))
  await deployed(at.client, 'vote-api', '1', writes(OTHER))
  done(await at.publish('tally', '2', reads(wide)))
  const answer = await at.ask('tally', '2')
  expect(answer.body).toMatchObject({
    answer: 'yes',
    back: { answer: 'unsafe', to: [{ service: 'tally', version: '1' }], stops: [{ reason: 'incompatible' }] },
  })
})

test('what several instances run is compared once, and named once', async () => {
  await using at = await open()
  done(await at.publish('tally', '1', reads(VOTE)))
  for (const instance of ['eu', 'us']) done(await at.record('tally', '1', 'production', { instance }))
  done(await at.publish('vote-api', '1', writes(VOTE)))
  expect((await at.ask('vote-api', '1')).body).toMatchObject({
    compared: { pairs: 1 },
    pairs: [{ reader: { version: '1', instances: ['eu', 'us'] } }],
  })
})

test('writers that have ended count for as long as the stream keeps what they wrote', async () => {
  await using at = await open()
  await deployed(at.client, 'vote-api', '1', writes(VOTE, { keepsMs: 3_600_000 }))
  const careful = { type: 'object', properties: { vote: TEXT, option: TEXT } }
  await deployed(at.client, 'vote-api', '2', writes(OTHER))
  done(await at.publish('tally', 'old', reads(careful)))
  done(await at.publish('tally', 'new', reads(OTHER)))
  expect((await at.ask('tally', 'old')).body).toMatchObject({ answer: 'yes', compared: { pairs: 2 } })
  expect((await at.ask('tally', 'new')).body).toMatchObject({
    answer: 'no',
    stops: [
      {
        writer: { version: '1', is: 'retired', endedAt: expect.any(String) },
        next: expect.stringContaining('both shapes'),
      },
    ],
  })
})

test('versions that go together meet each other, and what runs of them unless all of it stops first', async () => {
  await using at = await open()
  await deployed(at.client, 'vote-api', '1', writes(VOTE))
  await deployed(at.client, 'tally', '1', reads(VOTE))
  done(await at.publish('vote-api', '2', writes(OTHER)))
  done(await at.publish('tally', '2', reads(OTHER)))
  const versions = [
    { service: 'vote-api', version: '2' },
    { service: 'tally', version: '2' },
  ]
  const rolling = await at.post('/can-i-deploy', { versions, to: 'production' })
  expect(rolling.body).toMatchObject({ answer: 'no', compared: { pairs: 3, incompatible: 2, compatible: 1 } })
  const atOnce = await at.post('/can-i-deploy', { versions, to: 'production', atOnce: true })
  expect(atOnce.body).toMatchObject({ answer: 'yes', compared: { pairs: 1 } })
  const alone = await at.post('/can-i-deploy', { versions: versions.slice(1), to: 'production', atOnce: true })
  expect(alone.body).toMatchObject({ answer: 'no' })
})

test('a new pair may go together where neither may alone', async () => {
  await using at = await open()
  done(await at.publish('tally', '1', reads(VOTE)))
  done(await at.publish('vote-api', '1', writes(VOTE)))
  const versions = [
    { service: 'tally', version: '1' },
    { service: 'vote-api', version: 'latest' },
  ]
  expect((await at.ask('tally', '1')).body).toMatchObject({ answer: 'no' })
  expect((await at.post('/can-i-deploy', { versions, to: 'production' })).body).toMatchObject({ answer: 'yes' })
})

test('beside the main branches, their heads are compared and their own older ones are not', async () => {
  await using at = await open()
  done(await at.publish('tally', '1', { ...reads(VOTE), branch: 'main' }))
  done(await at.publish('tally', '2', { ...reads(OTHER), branch: 'main' }))
  done(await at.publish('vote-api', 'a', { ...writes(VOTE), branch: 'fix' }))
  done(await at.publish('vote-api', 'b', { ...writes(OTHER), branch: 'fix' }))
  const ask = (version: string) => at.get(`/can-i-deploy?service=vote-api&version=${version}&against=main`)
  expect((await ask('a')).body).toMatchObject({
    answer: 'no',
    against: 'main',
    stops: [{ reader: { version: '2', is: 'head' } }],
  })
  expect((await ask('b')).body).toMatchObject({ answer: 'yes', next: 'Merge.' })
  expect((await ask('branch:fix')).body).toMatchObject({ candidates: [{ version: 'b' }] })
})

test('a working copy is asked about without being kept', async () => {
  await using at = await open()
  await deployed(at.client, 'tally', '1', reads(VOTE))
  const check = (schema: object) =>
    at.post('/check', { service: 'vote-api', to: 'production', ...writes(schema, { origin: 'votes.ts' }) })
  expect((await check(OTHER)).body).toMatchObject({
    answer: 'no',
    candidates: [{ service: 'vote-api', version: 'working copy' }],
    stops: [{ writer: { origin: 'votes.ts' }, reader: { service: 'tally' } }],
  })
  expect((await check(VOTE)).body).toMatchObject({ answer: 'yes' })
  expect((await at.get('/services/vote-api')).status).toBe(404)
})

test('a stream that is written in one form and looked for in another is broken, with the entry that shows it', async () => {
  await using at = await open()
  await deployed(at.client, 'tally', '1', reads(VOTE, { encoding: 'json' }))
  done(await at.publish('vote-api', '1', writes(VOTE)))
  done(await at.publish('vote-api', '2', writes(VOTE, { encoding: 'json', field: 'payload' })))
  done(await at.publish('vote-api', '3', writes(VOTE, { encoding: 'json' })))
  expect((await at.ask('vote-api', '1')).body).toMatchObject({
    stops: [
      {
        reason: 'incompatible',
        findings: [{ code: 'encoding.differs' }, { code: 'field.missing', at: '/data' }],
        wire: [['vote', '']],
      },
    ],
  })
  expect((await at.ask('vote-api', '2')).body).toMatchObject({ stops: [{ wire: [['payload', '{"vote":""}']] }] })
  expect((await at.ask('vote-api', '3')).body).toMatchObject({ answer: 'yes' })
})

test('headers that a reader does not take off break one that allows no other fields', async () => {
  await using at = await open()
  await deployed(at.client, 'strict', '1', reads({ ...VOTE, additionalProperties: false }))
  done(await at.publish('vote-api', '1', writes(VOTE, { headers: 'id' })))
  done(await at.publish('vote-api', '2', writes(VOTE)))
  expect((await at.ask('vote-api', '1')).body).toMatchObject({
    stops: [{ findings: [{ code: 'field.not-read', at: '/_sid' }] }],
  })
  expect((await at.ask('vote-api', '2')).body).toMatchObject({ answer: 'yes' })
  await deployed(at.client, 'strict', '2', reads(VOTE))
  expect((await at.ask('vote-api', '1')).body).toMatchObject({ answer: 'yes' })
})

test('an operation is compared by request and by each response, and a status that is not read breaks', async () => {
  await using at = await open()
  const operation = (path: string, responses: object) => ({ method: 'POST', path, request: inBody(VOTE), responses })
  const served = { '201': inBody(fields({ id: TEXT })), '409': {} }
  await deployed(at.client, 'vote-api', '1', { serves: [operation('/polls/:poll/votes', served)] })
  const call = (responses: object) => ({
    calls: [{ provider: 'vote-api', ...operation('/polls/{id}/votes', responses) }],
  })
  done(await at.publish('web', 'less', call({ '201': inBody(fields({ id: TEXT })) })))
  done(await at.publish('web', 'more', call({ '201': inBody(fields({ id: TEXT })), '4XX': {}, '500': {} })))
  done(await at.publish('web', 'wrong', call({ '201': inBody(fields({ id: { type: 'integer' } })), default: true })))
  const channel = 'http:vote-api POST /polls/{}/votes'
  expect((await at.ask('web', 'less')).body).toMatchObject({
    answer: 'no',
    compared: { pairs: 3 },
    stops: [
      {
        channel: `${channel}#409`,
        writer: { service: 'vote-api' },
        findings: [{ code: 'status.not-read' }],
        words: [expect.stringContaining('may be answered with "409", and the client reads only 201')],
      },
    ],
  })
  expect((await at.ask('web', 'more')).body).toMatchObject({ answer: 'yes', compared: { pairs: 3 } })
  expect((await at.ask('web', 'wrong')).body).toMatchObject({
    stops: [{ channel: `${channel}#201`, witness: { body: { id: '' } } }],
  })
  done(await at.record('web', 'more'))
  const narrower = { ...served, '503': {} }
  done(await at.publish('vote-api', '2', { serves: [operation('/polls/{poll}/votes', narrower)] }))
  expect((await at.ask('vote-api', '2')).body).toMatchObject({
    stops: [{ channel: `${channel}#503`, reader: { service: 'web' } }],
  })
})

test('a call of what nobody serves is missing somebody, once for the whole operation', async () => {
  await using at = await open()
  const calls = [{ provider: 'vote-api', method: 'GET', path: '/results', responses: { '200': true, '404': true } }]
  done(await at.publish('web', '1', { calls }))
  expect((await at.ask('web', '1')).body).toMatchObject({
    stops: [{ reason: 'missing', channel: 'http:vote-api GET /results' }],
  })
})

test.each(FORMS)('of two that start at once and would not get on, one starts, on %s', async (_form, make) => {
  await using registry = await make()
  const { publish, post, get, record, remove } = clientOf(registry)
  done(await publish('tally', '1', reads(VOTE, { external: true })))
  done(await publish('vote-api', '1', writes(OTHER)))
  const begin = (service: string) =>
    post('/can-i-deploy', { versions: [{ service, version: '1' }], to: 'production', start: true, by: 'ci' })
  const answers = await Promise.all([begin('tally'), begin('vote-api')])
  expect(answers.map(({ body }) => (body as { answer: string }).answer).toSorted()).toEqual(['no', 'yes'])
  const [reservation] = (
    (await get('/environments/production')).body as { reservations: { id: number; service: string }[] }
  ).reservations
  expect(reservation).toMatchObject({ by: 'ci', isExpired: false })
  const started = reservation?.service ?? ''
  const other = started === 'tally' ? 'vote-api' : 'tally'
  expect((await begin(other)).body).toMatchObject({ answer: 'no', stops: [{ reason: 'incompatible' }] })
  expect((await begin(started)).body).toMatchObject({ answer: 'yes', reservation: [{ id: reservation?.id }] })
  expect((await record(started, '1')).body).toMatchObject({ closed: [{ outcome: 'recorded' }] })
  expect((await get('/environments/production')).body).toMatchObject({
    reservations: [],
    deployments: [{ service: started }],
  })
  expect(await remove(`/reservations/${reservation?.id}`)).toMatchObject({
    status: 404,
    body: { code: 'reservation.unknown' },
  })
})

test('a reservation that has expired is told by every gate until somebody closes it', async () => {
  await using at = await open()
  done(await at.publish('tally', '1', reads(VOTE, { external: true })))
  const expired = await at.store.write(({ environments }) =>
    environments.reserve({ service: 'tally', version: '1', environment: 'production', expiresInMs: -1 }),
  )
  done(await at.publish('vote-api', '1', writes(OTHER)))
  const told = {
    reason: 'reservation-expired',
    text: expect.stringContaining(`Reservation ${expired.id}, for tally 1`),
  }
  expect((await at.ask('vote-api', '1')).body).toMatchObject({
    answer: 'no',
    warnings: [told],
    stops: [{ reader: { is: 'starting' } }],
  })
  expect(await at.remove(`/reservations/${expired.id}`)).toMatchObject({ status: 200 })
  expect((await at.ask('vote-api', '1')).body).toMatchObject({ answer: 'yes', warnings: [] })
})

test('verdicts are kept: a registry that has just started knows them', async () => {
  await using at = await open()
  await deployed(at.client, 'tally', '1', reads(VOTE))
  done(await at.publish('vote-api', '1', writes(OTHER)))
  done(await at.ask('vote-api', '1'))
  const before = await at.store.write(async ({ verdicts }) => verdicts.find([]))
  expect(before).toEqual([])
  const contracts = await Promise.all(
    ['vote-api', 'tally'].map((service) => at.store.services.contracts({ service, version: '1' })),
  )
  const [writer, reader] = contracts.map(([contract]) => contract?.fingerprint)
  const [kept] = await at.store.verdicts.find([`1 as-declared fields ${writer} ${reader}`])
  expect(JSON.parse(kept?.verdict ?? '')).toMatchObject({ answer: 'incompatible', witness: { option: 'cats' } })
})

test.each([
  ['an unknown service', '?service=nobody&version=1&to=test', 404, 'service.unknown'],
  ['an unknown version', '?service=vote-api&version=9&to=test', 404, 'service-version.unknown'],
  ['an unknown environment', '?service=vote-api&version=1&to=tset', 404, 'environment.unknown'],
  ['no service', '?version=1&to=test', 400, 'request.malformed'],
  ['no destination', '?service=vote-api&version=1', 400, 'request.malformed'],
  ['two destinations', '?service=vote-api&version=1&to=test&against=main', 400, 'request.malformed'],
  ['an unknown policy', '?service=vote-api&version=1&to=test&policy=lenient', 400, 'request.malformed'],
  ['a parameter twice', '?service=vote-api&service=a&version=1&to=test', 400, 'request.malformed'],
])('%s is a problem of its own', async (_what, query, status, code) => {
  await using at = await open()
  done(await at.publish('vote-api', '1', writes(VOTE)))
  const refused = await at.get(`/can-i-deploy${query}`)
  expect(refused).toMatchObject({
    status,
    type: 'application/problem+json',
    body: { status, code, type: `urn:concordat:${code}` },
  })
})

test('names that were nearly right are told', async () => {
  await using at = await open()
  done(await at.publish('vote-api', '1.0.0', writes(VOTE)))
  expect((await at.ask('vote-ap', '1')).body).toMatchObject({ near: ['vote-api'] })
  expect((await at.ask('vote-api', '1.0.1')).body).toMatchObject({ near: ['1.0.0'] })
  expect((await at.ask('vote-api', '1.0.0', 'prodution')).body).toMatchObject({ near: ['production'] })
})
