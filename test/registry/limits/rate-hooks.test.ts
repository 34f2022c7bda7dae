import { describe, expect, inject, test } from 'vitest'
import { createRegistryMetrics } from '../../../registry/operations/metrics.ts'
import { openRedis } from '../../../registry/redis.ts'
import { register, send } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

const ADMIN = 'an-administrator-with-a-long-token'
const TOKENS = { mode: 'tokens', adminToken: ADMIN, anonymousReads: true } as const
const asAdmin = { authorization: `Bearer ${ADMIN}` }
const most = (count: number) => ({ most: count, windowMs: 60_000 })

describe('writes', () => {
  test('over the rate are refused, in the form of each surface, and say which limit it is and when to come back', async () => {
    const metrics = createRegistryMetrics()
    await using registry = await temporaryRegistry({ rates: { write: most(2) }, metrics })
    const policy = '"write";q=2;w=60'
    expect(await register(registry, 'votes', '{}')).toMatchObject({
      status: 200,
      headers: { 'ratelimit-policy': policy, ratelimit: '"write";r=1;t=60' },
    })
    expect(await send(registry, 'PUT /api/environments/elsewhere', {})).toMatchObject({
      status: 201,
      headers: { ratelimit: expect.stringMatching(/^"write";r=0;t=\d+$/) },
    })
    const words = expect.stringMatching(
      /^More than 2 writes by one identity within 60 s are refused \(RATE_LIMIT_WRITES\): try again in \d+ s\.$/,
    )
    const headers = { 'ratelimit-policy': policy, 'retry-after': expect.stringMatching(/^(?:[1-9]|[1-5]\d|60)$/) }
    expect(await register(registry, 'votes', '{}')).toMatchObject({
      status: 429,
      headers,
      body: { error_code: 42901, message: words },
    })
    expect(await send(registry, 'PUT /api/environments/elsewhere', {})).toMatchObject({
      status: 429,
      type: 'application/problem+json',
      headers,
      body: { code: 'rate.limited', status: 429, detail: words },
    })
    expect((await send(registry, 'GET /subjects')).headers).not.toHaveProperty('ratelimit')
    const text = await metrics.text()
    expect(text).toContain('rate_limit_requests_total{class="write"} 4')
    expect(text).toContain('rate_limit_rejections_total{class="write"} 2')
  })

  test('of one identity count together wherever they come from, and not with those of another', async () => {
    await using registry = await temporaryRegistry({ rates: { write: most(1) }, access: TOKENS })
    const { token } = await createTokenFor(registry, 'ci')
    const put = (remoteAddress: string, headers = {}) =>
      registry.app.inject({ method: 'PUT', url: '/api/environments/elsewhere', payload: {}, headers, remoteAddress })
    expect(await put('192.0.2.1', asAdmin)).toMatchObject({ statusCode: 201 })
    expect(await put('192.0.2.2', asAdmin)).toMatchObject({ statusCode: 429 })
    expect(await put('192.0.2.2', { authorization: `Bearer ${token}` })).toMatchObject({ statusCode: 200 })
    expect(await put('192.0.2.2')).toMatchObject({ statusCode: 401 })
    expect(await put('192.0.2.2')).toMatchObject({ statusCode: 429 })
    expect(await put('192.0.2.3')).toMatchObject({ statusCode: 401 })
  })
})

test('a gate that is to start something is a write, and one that is only asked is none', async () => {
  await using registry = await temporaryRegistry({ rates: { write: most(2) } })
  const version = { service: 'tally', version: '1' }
  expect((await send(registry, 'PUT /api/services/tally/versions/1', {})).status).toBe(201)
  const gate = (start: boolean) =>
    send(registry, 'POST /api/can-i-deploy', { versions: [version], to: 'production', start })
  expect((await gate(true)).headers).toMatchObject({ ratelimit: expect.stringContaining('"write";r=0') })
  expect((await gate(true)).status).toBe(429)
  expect((await gate(false)).status).toBe(200)
})

describe('reads', () => {
  test('without a token are limited by address, with one not at all, nor is how the process is', async () => {
    await using registry = await temporaryRegistry({ rates: { 'anonymous-read': most(2) }, access: TOKENS })
    const get = async (url: string, remoteAddress: string, headers = {}) =>
      (await registry.app.inject({ method: 'GET', url, headers, remoteAddress })).statusCode
    const head = (remoteAddress: string) => registry.app.inject({ method: 'HEAD', url: '/subjects', remoteAddress })
    expect(await get('/subjects', '192.0.2.1')).toBe(200)
    expect((await head('192.0.2.1')).headers).toMatchObject({ ratelimit: expect.stringContaining('r=0') })
    expect(await get('/api/services', '192.0.2.1')).toBe(429)
    expect(await get('/subjects', '192.0.2.2')).toBe(200)
    expect(await get('/health', '192.0.2.1')).toBe(200)
    for (const _ of [1, 2, 3]) expect(await get('/subjects', '192.0.2.1', asAdmin)).toBe(200)
    expect(await get('/subjects', '2001:db8::1')).toBe(200)
    expect(await get('/subjects', '2001:db8::2')).toBe(200)
    expect(await get('/subjects', '2001:db8::3')).toBe(429)
  })
})

test('requests about tokens are refused while nobody can tell how many there were, and say when to come back', async () => {
  await using redis = await openRedis(inject('redisUrl'))
  await redis.settled
  await using registry = await temporaryRegistry({ redis, rates: { token: most(1) } })
  const list = () =>
    registry.app.inject({ method: 'GET', url: '/api/tokens', remoteAddress: `192.0.2.${Math.random()}` })
  expect((await list()).statusCode).toBe(200)
  await redis.close()
  const refused = await list()
  expect(refused).toMatchObject({ statusCode: 503, headers: { 'retry-after': '5' } })
  expect(refused.json()).toMatchObject({ code: 'rate.unknown' })
})

test('without rates nothing is limited, and no answer speaks of it', async () => {
  await using registry = await temporaryRegistry()
  const { headers } = await register(registry, 'votes', '{}')
  expect(Object.keys(headers).filter((name) => name.startsWith('ratelimit'))).toEqual([])
})

async function createTokenFor(registry: Parameters<typeof send>[0], name: string): Promise<{ token: string }> {
  const { body } = await send(registry, 'POST /api/tokens', { name, scopes: ['admin'] }, asAdmin)
  return body as { token: string }
}
