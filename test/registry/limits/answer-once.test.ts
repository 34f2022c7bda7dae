import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { LARGEST_ANSWER } from '../../../registry/limits/answer-once.ts'
import { buildServer } from '../../../registry/server.ts'
import { register, type SendTo, send, sentSchema } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'
import { PLACES } from './places.ts'

type Registry = Awaited<ReturnType<typeof temporaryRegistry>>
const keyed = (key: string, more = {}) => ({ 'idempotency-key': key, ...more })
const REPLAYED = { 'idempotency-replayed': 'true' }

async function putTally(registry: Pick<Registry, 'app'>): Promise<void> {
  await send(registry, 'PUT /api/services/tally/versions/1', {})
}

function override(registry: Pick<Registry, 'app'>, key: string, headers = {}) {
  const body = {
    service: 'tally',
    version: '1',
    environment: 'production',
    reason: 'a test',
    by: 'kim',
    expiresInSeconds: 60,
  }
  return send(registry, 'POST /api/overrides', body, keyed(key, headers))
}

async function countOverrides(registry: Pick<Registry, 'app'>): Promise<number> {
  const { body } = await send(registry, 'GET /api/overrides')
  return (body as { overrides: unknown[] }).overrides.length
}

test.each(PLACES)('on %s fifty equal requests to two servers at once are carried out once', async (_form, make) => {
  await using place = await make()
  await using stores = new AsyncDisposableStack()
  const registries: Pick<Registry, 'app'>[] = []
  for (const _ of [1, 2]) {
    const store = stores.use(await place.open())
    registries.push({ app: stores.use(buildServer({ store })) })
  }
  const [one] = registries
  if (!one) throw new Error('There is no registry')
  await putTally(one)
  const sent = Array.from({ length: 25 }, () => registries.map((registry) => override(registry, 'one')))
  const answers = await Promise.all(sent.flat())
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
  expect(answers[0]?.status).toBe(201)
  expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(49)
  expect(await countOverrides(one)).toBe(1)
})

describe('a key', () => {
  test.each<[string, SendTo, unknown]>([
    ['another body', 'POST /subjects/votes/versions', sentSchema('{"type":"string"}')],
    ['another path', 'POST /subjects/other/versions', sentSchema('{}')],
    ['another query', 'POST /subjects/votes/versions?normalize=true', sentSchema('{}')],
    ['another method', 'PUT /config/votes', { compatibility: 'NONE' }],
  ])('that comes again with %s is refused', async (_what, to, body) => {
    await using registry = await temporaryRegistry()
    await send(registry, 'POST /subjects/votes/versions', sentSchema('{}'), keyed('k'))
    const message = 'The Idempotency-Key "k" came before with another request: give each request a key of its own.'
    expect(await send(registry, to, body, keyed('k'))).toMatchObject({
      status: 422,
      body: { error_code: 42290, message },
    })
    expect(await send(registry, 'PUT /api/environments/test', {}, keyed('k'))).toMatchObject({
      status: 422,
      body: { code: 'idempotency.different', detail: message },
    })
  })

  test.each([
    ['empty', ''],
    ['too long', 'k'.repeat(256)],
    ['not ASCII', 'ü'],
  ])('that is %s is refused', async (_what, key) => {
    await using registry = await temporaryRegistry()
    const words = expect.stringContaining('from 1 to 255 printable ASCII characters')
    expect(await register(registry, 'votes', '{}')).toMatchObject({ status: 200 })
    expect(await send(registry, 'POST /subjects/votes/versions', sentSchema('{}'), keyed(key))).toMatchObject({
      status: 400,
      body: { error_code: 400, message: words },
    })
    expect(await send(registry, 'PUT /api/environments/test', {}, keyed(key))).toMatchObject({
      status: 400,
      body: { code: 'idempotency.invalid-key', detail: words },
    })
  })

  test('may have 255 characters, spaces among them', async () => {
    await using registry = await temporaryRegistry()
    const headers = keyed(`"${' ~'.repeat(126)}"`.padEnd(255, 'k'))
    for (const more of [{}, REPLAYED])
      expect(await send(registry, 'PUT /api/environments/elsewhere', {}, headers)).toMatchObject({
        status: 201,
        headers: more,
      })
  })

  test('is its sender’s own', async () => {
    const adminToken = 'an-administrator-with-a-long-token'
    await using registry = await temporaryRegistry({ access: { mode: 'tokens', adminToken } })
    const asAdmin = { authorization: `Bearer ${adminToken}` }
    const asOther = async (scopes: readonly string[]) => {
      const { body } = await send(registry, 'POST /api/tokens', { name: 'ci', scopes }, asAdmin)
      return { authorization: `Bearer ${(body as { token: string }).token}` }
    }
    const other = await asOther(['publish:*'])
    const put = (headers: object) => send(registry, 'PUT /api/services/tally', {}, keyed('k', headers))
    expect(await put(asAdmin)).toMatchObject({ status: 201 })
    const others = await put(other)
    expect(others).toMatchObject({ status: 200 })
    expect(others.headers).not.toMatchObject(REPLAYED)
    expect(await put(asAdmin)).toMatchObject({ status: 201, headers: REPLAYED })
    const denied = await put(await asOther(['read']))
    expect(denied).toMatchObject({ status: 403 })
  })

  test('means nothing to who only reads', async () => {
    await using registry = await temporaryRegistry()
    await register(registry, 'votes', '{}')
    await putTally(registry)
    const question = { versions: [{ service: 'tally', version: '1' }], to: 'production' }
    const asked: [SendTo, unknown][] = [
      ['GET /subjects', undefined],
      ['POST /subjects/votes', sentSchema('{}')],
      ['POST /api/can-i-deploy', question],
    ]
    for (const [to, body] of [...asked, ...asked]) {
      const sent = await send(registry, to, body, keyed('k'))
      expect({ to, status: sent.status }).toEqual({ to, status: 200 })
      expect(sent.headers).not.toMatchObject(REPLAYED)
    }
  })

  test('is refused where the answer has a secret, and no token is made', async () => {
    await using registry = await temporaryRegistry()
    const sent = await send(registry, 'POST /api/tokens', { name: 'ci', scopes: ['read'] }, keyed('k'))
    expect(sent).toMatchObject({ status: 400, body: { code: 'idempotency.secret' } })
    expect((await send(registry, 'GET /api/tokens')).body).toEqual({ tokens: [] })
  })
})

describe('what is kept', () => {
  test('is also how a request was refused for what it asks', async () => {
    await using registry = await temporaryRegistry()
    await register(registry, 'votes', '{"type":"string"}')
    const clash = () => send(registry, 'POST /subjects/votes/versions', sentSchema('{"type":"number"}'), keyed('k'))
    const refused = await clash()
    expect(refused).toMatchObject({ status: 409 })
    await send(registry, 'PUT /config', { compatibility: 'NONE' })
    expect(await clash()).toMatchObject({ status: 409, text: refused.text, headers: REPLAYED })
  })

  test('is no failure: what is sent again is tried again', async () => {
    await using registry = await temporaryRegistry()
    using database = new DatabaseSync(`${registry.folder}/concordat.db`)
    database.exec('ALTER TABLE versions RENAME TO versions_away')
    const to = 'DELETE /subjects/votes'
    expect(await send(registry, to, undefined, keyed('k'))).toMatchObject({ status: 500 })
    database.exec('ALTER TABLE versions_away RENAME TO versions')
    expect(await send(registry, to, undefined, keyed('k'))).toMatchObject({ status: 404 })
  })

  test('is not that somebody may not do it', async () => {
    const adminToken = 'an-administrator-with-a-long-token'
    await using registry = await temporaryRegistry({ access: { mode: 'tokens', adminToken } })
    const asAdmin = { authorization: `Bearer ${adminToken}` }
    const body = { name: 'ci', scopes: ['override:test'] }
    const { token } = (await send(registry, 'POST /api/tokens', body, asAdmin)).body as { token: string }
    for (const _ of [1, 2]) {
      const denied = await override(registry, 'k', { authorization: `Bearer ${token}` })
      expect(denied).toMatchObject({ status: 403 })
      expect(denied.headers).not.toMatchObject(REPLAYED)
    }
  })

  test('is no answer that is very large', async () => {
    await using registry = await temporaryRegistry()
    const large = sentSchema({ description: 'x'.repeat(LARGEST_ANSWER) })
    const sendLarge = () => send(registry, 'POST /subjects/votes/versions', large, keyed('k'))
    const [first, again] = [await sendLarge(), await sendLarge()]
    expect(again).toMatchObject({ status: 200, text: first.text })
    expect(again.headers).not.toMatchObject(REPLAYED)
  })
})
