import { Agent, get } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { createToken } from '../../../registry/access/token.ts'
import { createCredential } from '../../../registry/access/tokens.ts'
import { waitFor } from '../../support/wait-for.ts'
import { send } from '../send.ts'
import { ADMIN, ADMIN_TOKEN, bearer, bearing, DATA, guarded, listening, tokenFor } from './guarded.ts'

const BAD = {
  status: 401,
  type: 'application/vnd.schemaregistry.v1+json',
  headers: { 'www-authenticate': 'Bearer realm="concordat"' },
  body: { error_code: 40101, message: expect.stringContaining('The token that was sent is not good') },
}
const basic = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` })

describe.each(DATA)('on %s', (_form, makeData) => {
  test('a token is known by its hash, and every wrong one is 401 in the same words', async () => {
    await using data = await makeData()
    await using registry = await guarded({}, data)
    const url = await listening(registry)
    const token = await tokenFor(registry.store, ['read'])
    const [credential] = await registry.store.credentials.list({ limit: 9 })
    expect(JSON.stringify(credential)).not.toContain(token.slice(-43))
    const ask = async (authorization: string) => {
      const response = await fetch(`${url}/subjects`, { headers: { authorization } })
      return { status: response.status, text: await response.text() }
    }
    expect(await ask(`Bearer ${token}`)).toEqual({ status: 200, text: '[]' })
    expect(await ask(`bearer  ${token}`)).toEqual({ status: 200, text: '[]' })
    const last = token.endsWith('A') ? 'B' : 'A'
    const none = Buffer.from('{"alg":"none"}').toString('base64url')
    const expired = await tokenFor(registry.store, ['admin'], { expiresInSeconds: 1 })
    await waitFor('the token to expire', async () =>
      (await registry.store.credentials.list({ limit: 9 })).some(({ isExpired }) => isExpired),
    )
    const wrong = [
      `Bearer ${token.slice(0, -1)}${last}`,
      `Bearer ${token.slice(0, -5)}`,
      `Bearer ${token}A`,
      `Bearer ${createToken('aaaaaaaaaaaa')}`,
      `Bearer ${none}.${Buffer.from('{"sub":"admin","scope":"admin"}').toString('base64url')}.`,
      `Bearer ${expired}`,
      'Bearer',
      'Bearer x',
      `Bearer ${'x'.repeat(8000)}`,
      `Token ${token}`,
      'Digest username="admin"',
      'Basic !!!',
      basic('nobody').authorization,
    ]
    const answers = await Promise.all(wrong.map(ask))
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
    expect(answers[0]).toMatchObject({ status: 401, text: expect.stringContaining('"error_code":40101') })
  })

  test('a revocation reaches another registry over the same data within 5 s, and the one that revokes at once', async () => {
    await using data = await makeData()
    let elapsed = 0
    const now = () => elapsed
    await using one = await guarded({ now }, data)
    await using other = await guarded({ now }, data)
    const headers = await bearing(one, ['read'])
    const [credential] = await one.store.credentials.list({ limit: 1 })
    const ask = async (registry: typeof one) => (await send(registry, 'GET /subjects', undefined, headers)).status
    expect([await ask(one), await ask(other)]).toEqual([200, 200])
    const id = credential?.id ?? ''
    expect((await send(one, `DELETE /api/tokens/${id}`, undefined, ADMIN)).status).toBe(200)
    expect([await ask(one), await ask(other)]).toEqual([401, 200])
    elapsed = 5000
    expect(await ask(other)).toBe(401)
  })

  test('when a token was used last is noted, now and then', async () => {
    await using data = await makeData()
    const store = await data.open()
    const headers = bearer(await tokenFor(store, ['read']))
    {
      await using registry = await guarded({}, data)
      await Promise.all(Array.from({ length: 20 }, () => send(registry, 'GET /subjects', undefined, headers)))
    }
    const [used] = await store.credentials.list({ limit: 1 })
    expect(used?.usedAt).toBeGreaterThanOrEqual(used?.createdAt ?? Number.NaN)
    expect(await store.audit.list({ limit: 9 })).toEqual([])
    await store.close()
  })
})

test('Basic carries a token as the password, or as the user without one', async () => {
  await using registry = await guarded()
  const token = await tokenFor(registry.store, ['read'])
  const ask = async (headers: object) => (await send(registry, 'GET /subjects', undefined, headers)).status
  expect(await ask(basic(`anybody:${token}`))).toBe(200)
  expect(await ask(basic(`:${token}`))).toBe(200)
  expect(await ask(basic(`${token}:`))).toBe(200)
  expect(await ask(basic(`${token}:wrong`))).toBe(401)
})

test('the token of the settings may do everything', async () => {
  await using registry = await guarded()
  expect((await send(registry, 'PUT /config', { compatibility: 'FULL' }, ADMIN)).status).toBe(200)
  expect((await send(registry, 'PUT /config', { compatibility: 'FULL' }, basic(`admin:${ADMIN_TOKEN}`))).status).toBe(
    200,
  )
  expect(await send(registry, 'GET /config', undefined, bearer(`${ADMIN_TOKEN} `.repeat(2)))).toMatchObject(BAD)
})

test('without a token of the settings nobody has it', async () => {
  await using registry = await guarded({ adminToken: undefined })
  expect(await send(registry, 'GET /subjects', undefined, ADMIN)).toMatchObject(BAD)
  expect(await send(registry, 'GET /subjects', undefined, bearer('\0'.repeat(32).replaceAll('\0', '0')))).toMatchObject(
    BAD,
  )
})

test('a token that is sent to an open registry is judged all the same', async () => {
  await using registry = await guarded({ mode: 'open' })
  const reading = await bearing(registry, ['read'])
  expect((await send(registry, 'PUT /config', { compatibility: 'FULL' })).status).toBe(200)
  expect((await send(registry, 'PUT /config', { compatibility: 'FULL' }, reading)).status).toBe(403)
  expect((await send(registry, 'GET /config', undefined, bearer('x'))).status).toBe(401)
})

test('what stands for a certificate is no token, whatever is sent', async () => {
  await using registry = await guarded()
  const request = { name: 'mesh', scopes: ['admin'], certificate: 'cn:mesh' }
  const { credential, token } = await createCredential(registry.store, request, { by: 'the test' })
  expect(token).toBeUndefined()
  expect((await send(registry, 'GET /subjects', undefined, bearer(createToken(credential.id)))).status).toBe(401)
})

test('a bad token waits for its answer', async () => {
  await using registry = await guarded()
  const first = await Promise.race([
    send(registry, 'GET /subjects', undefined, bearer('x')).then(() => 'the answer'),
    wait(200).then(() => 'the clock'),
  ])
  expect(first).toBe('the clock')
})

test('over one connection each token is judged for itself, and a revoked one no longer', async () => {
  await using registry = await guarded()
  const url = await listening(registry)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  using _ = { [Symbol.dispose]: () => agent.destroy() }
  let connections = 0
  registry.app.server.on('connection', () => connections++)
  const ask = async (path: string, headers: { readonly authorization?: string } = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
    get(url + path, { agent, headers: { ...headers } }, (answer) =>
      answer.resume().on('end', () => resolve(answer.statusCode)),
    ).on('error', reject)
    return promise
  }
  const reading = await bearing(registry, ['read'])
  const admin = await bearing(registry, ['admin'])
  expect(await ask('/api/tokens', admin)).toBe(200)
  expect(await ask('/api/tokens', admin)).toBe(200)
  expect(await ask('/api/tokens', reading)).toBe(403)
  expect(await ask('/api/tokens')).toBe(401)
  expect(await ask('/api/tokens', { authorization: `${admin.authorization.slice(0, -1)}!` })).toBe(401)
  expect(await ask('/api/tokens', admin)).toBe(200)
  for (const { id } of await registry.store.credentials.list({ limit: 9 }))
    await send(registry, `DELETE /api/tokens/${id}`, undefined, ADMIN)
  expect(await ask('/api/tokens', admin)).toBe(401)
  expect(connections).toBe(1)
})
