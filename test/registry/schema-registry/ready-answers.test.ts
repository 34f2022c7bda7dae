import { afterEach, expect, test, vi } from 'vitest'
import { registryError } from '../../../registry/errors.ts'
import { buildServer } from '../../../registry/server.ts'
import { openSqliteStore } from '../../../registry/store/sqlite/open.ts'
import type { Store } from '../../../registry/store/store.ts'
import { waitFor } from '../../support/wait-for.ts'
import { register, send } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

const VOTES = '{"type":"object"}'

afterEach(() => void vi.useRealTimers())

/** Lets time pass in which nobody asks. */
function passQuietTime(): void {
  vi.advanceTimersByTime(60_000)
}

const unavailable = () => Promise.reject(registryError('store.unavailable', { reason: 'ECONNREFUSED' }))

/** A store that can be away, as a database server can. */
function sometimesAway(store: Store) {
  const away = { is: false }
  const over = <T extends object>(target: () => T): T =>
    new Proxy({} as T, {
      get: (_, name) => {
        if (name === 'schemas' || name === 'subjects') return over(() => store[name])
        const method = Reflect.get(target(), name) as (...given: unknown[]) => unknown
        return away.is ? unavailable : method.bind(target())
      },
    })
  return { fragile: over(() => store), away }
}

test.each(['/schemas/ids/1', '/schemas/ids/1/schema'])(
  '%s has an ETag, by which it is not sent again',
  async (path) => {
    await using registry = await temporaryRegistry()
    await register(registry, 'votes', VOTES)
    const first = await send(registry, `GET ${path}` as 'GET /')
    const etag = String(first.headers.etag)
    expect(etag).toMatch(/^"[wt]-[\da-f-]{36}"$/)
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*'])
      expect(await send(registry, `GET ${path}` as 'GET /', undefined, { 'if-none-match': known })).toMatchObject({
        status: 304,
        text: '',
        headers: { etag },
      })
    const other = await send(registry, `GET ${path}` as 'GET /', undefined, { 'if-none-match': '"other"' })
    expect(other).toMatchObject({ status: 200, text: first.text, headers: { etag } })
  },
)

test('the schema and its text alone have ETags of their own', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', VOTES)
  const whole = await send(registry, 'GET /schemas/ids/1')
  const text = await send(registry, 'GET /schemas/ids/1/schema')
  expect(text.text).toBe(VOTES)
  expect(text.headers.etag).not.toBe(whole.headers.etag)
})

test('a ready answer has the content type that each asks for', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', VOTES)
  await send(registry, 'GET /schemas/ids/1')
  const plain = await send(registry, 'GET /schemas/ids/1', undefined, { accept: 'application/json' })
  expect(plain.type).toBe('application/json')
})

test('known ids are answered while the store is away, and others with 503', async () => {
  await using registry = await temporaryRegistry()
  const { fragile, away } = sometimesAway(registry.store)
  await using app = buildServer({ store: fragile })
  await register({ app }, 'votes', VOTES)
  await register({ app }, 'votes', '{"title":"unread"}')
  const before = await send({ app }, 'GET /schemas/ids/1')
  away.is = true
  const known = await send({ app }, 'GET /schemas/ids/1')
  const unknown = await send({ app }, 'GET /schemas/ids/2')
  away.is = false
  expect(known).toMatchObject({ status: 200, text: before.text })
  expect(unknown).toMatchObject({ status: 503, headers: { 'retry-after': '1' }, body: { error_code: 50001 } })
  expect((await send({ app }, 'GET /schemas/ids/2')).status).toBe(200)
})

test('nothing waits long for a store that does not answer', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', VOTES)
  const never = new Promise<never>(() => undefined)
  const away = { is: false }
  const schemas = new Proxy(registry.store.schemas, {
    get: (group, name) => (away.is ? () => never : Reflect.get(group, name)),
  })
  const hanging: Store = Object.create(registry.store, {
    schemas: { value: schemas },
    observe: { value: () => undefined },
  })
  await using app = buildServer({ store: hanging })
  await send({ app }, 'GET /schemas/ids/1')
  passQuietTime()
  away.is = true
  const asked = Date.now()
  expect((await send({ app }, 'GET /schemas/ids/1')).status).toBe(200)
  expect(Date.now() - asked).toBeLessThan(1000)
})

test('what another registry takes away for good is soon gone here', async () => {
  await using registry = await temporaryRegistry()
  await using otherStore = await openSqliteStore(registry.folder)
  await using other = buildServer({ store: otherStore })
  await register(registry, 'votes', VOTES)
  await send(registry, 'GET /schemas/ids/1')
  await send({ app: other }, 'DELETE /subjects/votes')
  await send({ app: other }, 'DELETE /subjects/votes?permanent=true')
  await waitFor('404', async () => (await send(registry, 'GET /schemas/ids/1')).status === 404)
  expect(await send(registry, 'GET /schemas/ids/1')).toMatchObject({ status: 404, body: { error_code: 40403 } })
})

test('what another registry took away during a quiet time is gone at the first question', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  await using registry = await temporaryRegistry()
  await using otherStore = await openSqliteStore(registry.folder)
  await using other = buildServer({ store: otherStore })
  await register(registry, 'votes', VOTES)
  await send(registry, 'GET /schemas/ids/1')
  await send({ app: other }, 'DELETE /subjects/votes')
  await send({ app: other }, 'DELETE /subjects/votes?permanent=true')
  passQuietTime()
  expect((await send(registry, 'GET /schemas/ids/1')).status).toBe(404)
})

test('what this registry itself takes away for good is gone at once', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', VOTES)
  for (let i = 0; i < 3; i++) await send(registry, 'GET /schemas/ids/1')
  await send(registry, 'DELETE /subjects/votes/versions/1')
  expect((await send(registry, 'GET /schemas/ids/1')).status).toBe(200)
  await send(registry, 'DELETE /subjects/votes/versions/1?permanent=true')
  expect((await send(registry, 'GET /schemas/ids/1')).status).toBe(404)
})
