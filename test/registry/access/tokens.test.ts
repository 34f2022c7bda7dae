import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { send } from '../send.ts'
import type { Temporary } from '../temporary.ts'
import { ADMIN, bearer, bearing, DATA, type Guarded, guarded } from './guarded.ts'

const ID = /^[a-z2-7]{12}$/
const REQUEST = { name: 'tally-ci', scopes: ['publish:tally', 'deploy:staging'], expiresInSeconds: 3600 }

describe.each(DATA)('tokens on %s', (_form, makeData) => {
  test('are made, shown once, listed and revoked, and each of it stands in the audit', async () => {
    await using data = await makeData()
    await using registry = await guarded({}, data)
    const made = await send(registry, 'POST /api/tokens', REQUEST, ADMIN)
    expect(made).toMatchObject({
      status: 201,
      headers: { 'cache-control': 'no-store' },
      body: {
        id: expect.stringMatching(ID),
        name: 'tally-ci',
        scopes: REQUEST.scopes,
        by: 'settings',
        state: 'good',
        createdAt: expect.stringMatching(/Z$/),
        expiresAt: expect.stringMatching(/Z$/),
        token: expect.stringMatching(/^concordat_[a-z2-7]{12}_[\w-]{43}$/),
      },
    })
    const { token, ...told } = made.body as { readonly id: string; readonly token: string }
    const secret = token.slice(-43)
    const one = await send(registry, `GET /api/tokens/${told.id}`, undefined, ADMIN)
    const all = await send(registry, 'GET /api/tokens', undefined, ADMIN)
    expect([one.body, all.body]).toEqual([told, { tokens: [told] }])
    expect((await send(registry, 'PUT /api/services/tally', {}, bearer(token))).status).toBe(201)

    const revoke = async () => send(registry, `DELETE /api/tokens/${told.id}`, undefined, ADMIN)
    const revoked = await revoke()
    expect(revoked).toMatchObject({ status: 200, body: { id: told.id, state: 'revoked' } })
    expect((await revoke()).body).toEqual(revoked.body)
    expect((await send(registry, 'GET /subjects', undefined, bearer(token))).status).toBe(401)

    const audit = await send(registry, 'GET /api/audit', undefined, ADMIN)
    expect(audit.body).toMatchObject({
      audit: [
        { who: 'settings', action: `DELETE /api/tokens/${told.id}` },
        { who: 'settings', action: `DELETE /api/tokens/${told.id}` },
        { who: 'tally-ci', credential: told.id, action: 'PUT /api/services/tally' },
        { who: 'settings', action: 'POST /api/tokens', details: { ...REQUEST, id: expect.any(String) } },
      ].map((row) => expect.objectContaining(row)),
    })
    expect([one.text, all.text, revoked.text, audit.text].join()).not.toContain(secret)
  })
})

test('a list of tokens goes on where it ended', async () => {
  await using registry = await guarded()
  for (const name of ['one', 'two', 'three']) await bearing(registry, ['read'], { name })
  const page = async (query: string) =>
    (await send(registry, `GET /api/tokens?limit=2${query}`, undefined, ADMIN)).body as {
      readonly tokens: readonly { readonly name: string }[]
      readonly next?: string
    }
  const first = await page('')
  const second = await page(`&after=${first.next}`)
  expect(second.next).toBeUndefined()
  expect([...first.tokens, ...second.tokens].map(({ name }) => name).sort()).toEqual(['one', 'three', 'two'])
})

describe('refused', () => {
  let registry: Temporary<Guarded>
  beforeAll(async () => {
    registry = await guarded()
  })
  afterAll(() => registry[Symbol.asyncDispose]())

  test.each([
    ['no name', { scopes: ['read'] }, 'name'],
    ['a name with a space', { name: 'tally ci', scopes: ['read'] }, 'cannot name it'],
    ['a name that is too long', { name: 'a'.repeat(101), scopes: ['read'] }, 'name'],
    ['no scopes', { name: 'a', scopes: [] }, 'scopes'],
    ['too many scopes', { name: 'a', scopes: Array.from({ length: 51 }, (_, i) => `publish:${i}`) }, 'scopes'],
    ['a scope that there is not', { name: 'a', scopes: ['write'] }, '"write" is no scope'],
    ['a scope for nobody', { name: 'a', scopes: ['publish:'] }, '"publish:" is no scope'],
    ['two scopes in one', { name: 'a', scopes: ['publish:a admin'] }, '"publish:a admin" is no scope'],
    ['a scope over two lines', { name: 'a', scopes: ['read\nadmin'] }, 'is no scope'],
    ['an end too far away', { name: 'a', scopes: ['read'], expiresInSeconds: 63_244_801 }, 'expiresInSeconds'],
    ['an end that has been', { name: 'a', scopes: ['read'], expiresInSeconds: 0 }, 'expiresInSeconds'],
    ['a name in a certificate of no kind', { name: 'a', scopes: ['read'], certificate: 'tally' }, 'certificate'],
    ['what is unknown', { name: 'a', scopes: ['read'], admin: true }, 'admin'],
  ])('a token with %s is not made', async (_what, request, named) => {
    expect(await send(registry, 'POST /api/tokens', request, ADMIN)).toMatchObject({
      status: 400,
      type: 'application/problem+json',
      body: { detail: expect.stringContaining(named) },
    })
    expect(await registry.store.credentials.list({ limit: 1 })).toEqual([])
  })

  test.each(['a', 'AAAAAAAAAAAA', '%00', 'aaaaaaaaaaaa', '%ff', "'--"])('there is no token %s', async (id) => {
    for (const method of ['GET', 'DELETE'] as const)
      expect((await send(registry, `${method} /api/tokens/${id}`, undefined, ADMIN)).status).toBeOneOf([400, 404])
  })
})

test('whoever may not administer makes, sees and revokes none', async () => {
  await using registry = await guarded()
  const headers = await bearing(registry, ['publish:*', 'register:*', 'deploy:*', 'override:*'])
  const [own] = await registry.store.credentials.list({ limit: 1 })
  const ways = ['GET /api/tokens', `GET /api/tokens/${own?.id}`, `DELETE /api/tokens/${own?.id}`] as const
  for (const way of ways) expect((await send(registry, way, undefined, headers)).status).toBe(403)
  expect((await send(registry, 'POST /api/tokens', { name: 'me', scopes: ['read'] }, headers)).status).toBe(403)
})
