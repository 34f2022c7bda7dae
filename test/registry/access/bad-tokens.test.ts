import { expect, test } from 'vitest'
import { createBadTokenGuard, MOST_BAD_TOKENS } from '../../../registry/access/bad-tokens.ts'
import { createId, createToken } from '../../../registry/access/token.ts'
import { buildServer } from '../../../registry/server.ts'
import type { Store } from '../../../registry/store/store.ts'
import { send } from '../send.ts'
import { bearer, bearing, guarded } from './guarded.ts'

test('an address that sends too many is blocked until its minute is over, and no other is', () => {
  let now = 0
  const guard = createBadTokenGuard({ now: () => now })
  for (let i = 1; i < MOST_BAD_TOKENS; i++) guard.note('10.0.0.1')
  expect(guard.blockedMs('10.0.0.1')).toBe(0)
  now = 20_000
  guard.note('10.0.0.1')
  expect([guard.blockedMs('10.0.0.1'), guard.blockedMs('10.0.0.2')]).toEqual([40_000, 0])
  now = 60_000
  expect(guard.blockedMs('10.0.0.1')).toBe(0)
  guard.note('10.0.0.1')
  expect(guard.blockedMs('10.0.0.1')).toBe(0)
})

test('of IPv6 a whole network counts as one', () => {
  const guard = createBadTokenGuard({ now: () => 0 })
  for (let i = 0; i < MOST_BAD_TOKENS; i++) guard.note(`2001:db8::${i.toString(16)}`)
  expect([guard.blockedMs('2001:db8::ffff'), guard.blockedMs('2001:db8:0:1::1')]).toEqual([60_000, 0])
})

test('of very many addresses those that began first are forgotten', () => {
  const guard = createBadTokenGuard({ now: () => 0 })
  const block = (address: string) => {
    for (let i = 0; i < MOST_BAD_TOKENS; i++) guard.note(address)
  }
  block('10.0.0.1')
  for (let i = 0; i < 9999; i++) guard.note(`10.1.${i >> 8}.${i & 255}`)
  expect(guard.blockedMs('10.0.0.1')).toBeGreaterThan(0)
  guard.note('10.9.9.9')
  expect(guard.blockedMs('10.0.0.1')).toBe(0)
})

test('thousands of bad tokens in a minute: 429 with Retry-After, the store in peace, and good tokens go on', async () => {
  await using registry = await guarded()
  const [known, fresh] = [await bearing(registry, ['read']), await bearing(registry, ['read'])]
  const counted = countingReads(registry.store)
  const app = buildServer({ store: counted.store, access: { mode: 'tokens' } })
  await using _ = { [Symbol.asyncDispose]: () => app.close() }
  const ask = async (headers: object) => send({ app }, 'GET /subjects', undefined, headers)
  expect((await ask(known)).status).toBe(200)

  const first = await Promise.all(Array.from({ length: MOST_BAD_TOKENS }, () => ask(bearer(createToken(createId())))))
  expect(new Set(first.map(({ status }) => status))).toEqual(new Set([401]))
  const before = counted.reads()
  const rest = []
  for (let i = 0; i < 20; i++)
    rest.push(...(await Promise.all(Array.from({ length: 100 }, () => ask(bearer(createToken(createId())))))))
  expect(new Set(rest.map(({ status }) => status))).toEqual(new Set([429]))
  expect(rest.at(-1)).toMatchObject({
    headers: { 'retry-after': expect.stringMatching(/^[1-9]\d?$/) },
    body: { error_code: 42901, message: expect.stringMatching(/^Too many bad tokens were sent from here/) },
  })
  // One list of the ids, and again when it is some seconds old.
  expect(counted.reads() - before).toBeLessThan(10)
  expect([(await ask(known)).status, (await ask(fresh)).status]).toEqual([200, 200])
  const metrics = await send({ app }, 'GET /metrics', undefined, known)
  expect(metrics.text).toContain(`\nconcordat_bad_tokens_total ${first.length + rest.length}\n`)
})

test('as many as wait already are enough', async () => {
  const guard = { blockedMs: () => 0, note: () => {} }
  await using registry = await guarded({ guard })
  const answers = await Promise.all(
    Array.from({ length: 250 }, () => send(registry, 'GET /api/services', undefined, bearer('x'))),
  )
  const statuses = answers.map(({ status }) => status)
  expect(statuses.filter((status) => status === 401)).toHaveLength(200)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(50)
  expect(answers.find(({ status }) => status === 429)).toMatchObject({
    type: 'application/problem+json',
    headers: { 'retry-after': '1' },
    body: { code: 'access.too-many-bad-tokens' },
  })
})

/** A store, and how often it was asked for credentials. */
function countingReads(store: Store): { readonly store: Store; readonly reads: () => number } {
  let reads = 0
  const credentials = new Proxy(store.credentials, {
    get: (target, name, receiver) => {
      reads++
      return Reflect.get(target, name, receiver)
    },
  })
  const counting = new Proxy(store, {
    get: (target, name) => {
      if (name === 'credentials') return credentials
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
  return { store: counting, reads: () => reads }
}
