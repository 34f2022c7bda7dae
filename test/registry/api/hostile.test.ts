import { monitorEventLoopDelay } from 'node:perf_hooks'
import { expect, test } from 'vitest'
import { fc } from '../../support/property.ts'
import { send } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'
import { type Client, clientOf, deployed, done, fields, OPTION, TEXT } from './own-registry.ts'

const VOTE = fields({ vote: TEXT })

const BODIES: Readonly<Record<string, object>> = {
  '/services/tally/versions/9/contracts': {
    branch: 'main',
    buildUrl: 'https://ci/1',
    contracts: [{ channel: 'stream:votes', direction: 'reads', schema: VOTE, keepsMs: 5, subject: 's', origin: 'a' }],
    writes: [{ stream: 'b', bus: 'c', schema: VOTE, encoding: 'json', field: 'data', headers: 'id' }],
    serves: [{ method: 'GET', path: '/a/{b}', request: true, responses: { '200': true } }],
    callsOf: [
      { provider: 'web', openapi: { openapi: '3.0.0', paths: { '/a': { get: { parameters: [], responses: {} } } } } },
    ],
  },
  '/environments/test/deployments': { service: 'tally', version: '1', instance: 'eu' },
  '/environments/test/releases': { service: 'tally', version: '1' },
  '/can-i-deploy': {
    versions: [{ service: 'tally', version: '1' }],
    to: 'test',
    start: true,
    expiresInSeconds: 5,
    by: 'ci',
  },
  '/check': { service: 'tally', to: 'test', reads: [{ stream: 'votes', schema: VOTE }] },
  '/overrides': { service: 'tally', version: '1', environment: 'test', reason: 'a', by: 'kim', expiresInSeconds: 5 },
}

const strange = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    '\u0000',
    '\ud800',
    '../..',
    'a'.repeat(5000),
    -1,
    2 ** 40,
    1e300,
    [],
    {},
    null,
    { $ref: '#' },
    'latest',
  ),
)

/** The body with something else in one of its places. */
function changed(body: unknown, place: number, value: unknown): unknown {
  const places: (readonly string[])[] = []
  const walk = (at: unknown, path: readonly string[]): void => {
    places.push(path)
    if (typeof at === 'object' && at !== null)
      for (const [name, member] of Object.entries(at)) walk(member, [...path, name])
  }
  walk(body, [])
  const set = (at: unknown, [step, ...rest]: readonly string[]): unknown => {
    if (step === undefined) return value
    if (Array.isArray(at)) return at.map((member, i) => (String(i) === step ? set(member, rest) : member))
    const object = new Map<string, unknown>(Object.entries(at ?? {}))
    object.set(step, set(object.get(step), rest))
    return Object.fromEntries(object)
  }
  return set(body, places[place % places.length] ?? [])
}

function contract(i: number, schema: object) {
  return { stream: `s${i}`, schema: JSON.stringify(schema) }
}

async function seeded(client: Client): Promise<void> {
  await deployed(client, 'vote-api', '1', { writes: [{ stream: 'votes', schema: VOTE }] }, 'test')
  await deployed(client, 'tally', '1', { branch: 'main', reads: [{ stream: 'votes', schema: VOTE }] }, 'test')
}

test('whatever is sent is answered, and never with a failure', async () => {
  await using registry = await temporaryRegistry()
  const client = clientOf(registry)
  await seeded(client)
  const arbitrary = fc.tuple(fc.constantFrom(...Object.keys(BODIES)), fc.nat(), strange)
  await fc.assert(
    fc.asyncProperty(arbitrary, async ([path, place, value]) => {
      const { status, type, text } = await client.post(path, changed(BODIES[path], place, value))
      expect({ status, text }).toSatisfy(({ status: told }: { status: number }) => told < 500)
      expect(type).toBe(status < 300 ? 'application/json' : 'application/problem+json')
    }),
    { numRuns: 150 },
  )
})

test('whatever is asked is answered, and never with a failure', async () => {
  await using registry = await temporaryRegistry()
  const client = clientOf(registry)
  await seeded(client)
  const paths = [
    '/services',
    '/services/tally',
    '/channels',
    '/channels/stream:votes',
    '/fields',
    '/graph',
    '/matrix',
    '/overrides',
    '/can-i-deploy',
    '/impact',
    '/environments/test/history',
  ]
  const names = [
    'after',
    'limit',
    'name',
    'prefix',
    'environment',
    'format',
    'service',
    'version',
    'to',
    'against',
    'writer',
    'reader',
    'verb',
    'policy',
  ]
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom(
      'tally',
      '1',
      'test',
      'latest',
      'bnVsbA',
      'eyJzZXJ2aWNlIjoiXHUwMDAwIn0',
      '\u0000',
      '\ud800',
      '-1',
      '9'.repeat(30),
    ),
  )
  const query = fc.dictionary(fc.constantFrom(...names), text, { maxKeys: 5 })
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), query, async (path, parameters) => {
      const pairs = Object.entries(parameters).map(
        ([name, value]) => `${name}=${encodeURIComponent(value.toWellFormed())}`,
      )
      const { status } = await client.get(`${path}?${pairs.join('&')}`)
      expect(status).toBeLessThan(500)
    }),
    { numRuns: 150 },
  )
})

test('publishing and judging a thousand contracts leaves the event loop to others', async () => {
  await using registry = await temporaryRegistry()
  const client = clientOf(registry)
  const properties = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`field_${i}`, OPTION]))
  const numbers = Array.from({ length: 1000 }, (_, i) => i)
  const writes = numbers.map((i) => contract(i, fields({ ...properties, [`own_${i}`]: TEXT })))
  const reads = numbers.map((i) => contract(i, fields({ [`own_${i}`]: TEXT })))
  await deployed(client, 'reader', '1', { reads })
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  done(await client.publish('writer', '1', { writes }))
  const answer = await client.ask('writer', '1')
  delay.disable()
  expect(answer.body).toMatchObject({ answer: 'yes', compared: { pairs: 1000, compatible: 1000 } })
  // on a machine of two cores that others use as well
  expect(delay.max / 1e6).toBeLessThan(250)
})

test('a small OpenAPI document that refers to a lot, often, is refused before it grows', async () => {
  await using registry = await temporaryRegistry()
  const client = clientOf(registry)
  const large = { type: 'object', description: 'x'.repeat(100_000) }
  const answer = { content: { 'application/json': { schema: { $ref: '#/components/schemas/Large' } } } }
  const responses = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [String(200 + i), answer]))
  const paths = Object.fromEntries(Array.from({ length: 3 }, (_, i) => [`/p${i}`, { get: { responses } }]))
  const openapi = { openapi: '3.1.0', paths, components: { schemas: { Large: large } } }
  expect(await client.publish('web', '1', { openapi })).toMatchObject({
    status: 400,
    body: { code: 'openapi.refused', at: '/openapi', detail: expect.stringContaining('8000000 characters') },
  })
})

test('a name as long as a request may be is answered at once', async () => {
  await using registry = await temporaryRegistry()
  const client = clientOf(registry)
  for (const i of Array.from({ length: 50 }, (_, n) => n))
    done(await client.put(`/services/${'x'.repeat(150)}${i}`, {}))
  const started = performance.now()
  const versions = [{ service: 'x'.repeat(3_000_000), version: '1' }]
  expect(await client.post('/can-i-deploy', { versions, to: 'test' })).toMatchObject({
    status: 404,
    body: { near: [] },
  })
  expect(performance.now() - started).toBeLessThan(1000)
})

test.each(['/api', '/api?a=b', '/api/nothing', '/api/services/'])(
  'POST %s is 404 before anyone reads its body',
  async (url) => {
    await using registry = await temporaryRegistry()
    for (const payload of ['{', 'x'.repeat(5_000_000)])
      expect(await send(registry, `POST ${url as '/'}`, payload)).toMatchObject({
        status: 404,
        type: 'application/problem+json',
        body: { code: 'route.unknown' },
      })
  },
)

test('a bad token is refused as a problem below /api, whether the path is there or not', async () => {
  await using registry = await temporaryRegistry()
  for (const url of ['/api/services', '/api/nothing'] as const)
    expect(await send(registry, `DELETE ${url}`, undefined, { authorization: 'Bearer x' })).toMatchObject({
      status: 401,
      type: 'application/problem+json',
    })
})
