import { expect, test } from 'vitest'
import { decide } from '../../../contracts/index.ts'
import { buildServer } from '../../../registry/server.ts'
import { openSqliteStore } from '../../../registry/store/sqlite/open.ts'
import type { Store, SubjectReads } from '../../../registry/store/store.ts'
import { register, type Sent, send } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

const VOTES = '{"type":"object","properties":{"option":{"type":"string"}}}'

/** Two registries over the same data, as two processes have it. */
async function twoRegistries() {
  const resources = new AsyncDisposableStack()
  const one = resources.use(await temporaryRegistry())
  const store = resources.use(await openSqliteStore(one.folder))
  const app = buildServer({ store })
  resources.defer(() => app.close())
  return { registries: [one, { app }] as const, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

test('five hundred registrations of one schema on two registries make one id and one version', async () => {
  await using two = await twoRegistries()
  const { registries } = two
  const answers = await Promise.all(
    Array.from({ length: 250 }, () => registries.map((registry) => register(registry, 'votes', VOTES))).flat(),
  )
  expect(answers).toHaveLength(500)
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
  expect(answers[0]?.body).toMatchObject({ id: 1, version: 1 })
  expect((await send(registries[0], 'GET /subjects/votes/versions')).body).toEqual([1])
})

test('sixty schemas registered at once on two registries become versions that each fit the one before', async () => {
  await using two = await twoRegistries()
  const { registries } = two
  const [one, other] = registries
  const schemas = Array.from({ length: 60 }, (_, i) => ({ type: 'string', title: `number ${i}` }))
  const answers = await Promise.all(schemas.map((schema, i) => register(i % 2 === 0 ? one : other, 'votes', schema)))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
  expect(answers.map(versionOf).sort(ascending)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1))
  expect(new Set((await history(one)).map(({ title }) => title)).size).toBe(60)
}, 60_000)

test('of schemas that do not fit one another each that is registered fits the one before', async () => {
  await using two = await twoRegistries()
  const [one, other] = two.registries
  const schemas = Array.from({ length: 60 }, (_, i) => ({ type: 'string', maxLength: 1 + ((i * 37) % 60) }))
  const answers = await Promise.all(schemas.map((schema, i) => register(i % 2 === 0 ? one : other, 'votes', schema)))
  const accepted = answers.filter(({ status }) => status === 200)
  const versions = await history(one)
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]))
  expect(accepted.map(versionOf).sort(ascending)).toEqual(versions.map((_, i) => i + 1))
  const verdicts = versions.slice(1).map((newer, i) => decide(versions[i] ?? false, newer, { policy: 'strict' }).answer)
  expect(new Set(verdicts)).toEqual(new Set(['compatible']))
}, 60_000)

test('compares with what was registered while the subject was being looked at', async () => {
  await using two = await twoRegistries()
  const [one, other] = two.registries
  await register(one, 'votes', { type: 'integer' })
  const intruding = async () => void (await register(other, 'votes', { type: 'number' }))
  await using app = buildServer({ store: interrupted(one.store, intruding) })
  const refused = await register({ app }, 'votes', { type: 'integer', title: 'fits the first version only' })
  expect(refused).toMatchObject({ status: 409 })
  expect(refused.text).toContain('{oldSchemaVersion: 2}')
})

/** A store that is slow to tell what it has read of a subject, the first time: something happens before it does. */
function interrupted(store: Store, happen: () => Promise<void>): Store {
  let happening: Promise<void> | undefined
  const subjects: SubjectReads = {
    ...store.subjects,
    head: async (subject) => {
      const head = await store.subjects.head(subject)
      happening ??= happen()
      await happening
      return head
    },
  }
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'subjects') return subjects
      const found: unknown = Reflect.get(target, name)
      return typeof found === 'function' ? found.bind(target) : found
    },
  })
}

type Schema = { readonly type: string; readonly title?: string }

/** All versions of the subject `votes`, which must have numbers without a gap. */
async function history(registry: (typeof twoRegistries extends () => Promise<infer T> ? T : never)['registries'][0]) {
  const numbers = (await send(registry, 'GET /subjects/votes/versions')).body as number[]
  expect(numbers).toEqual(numbers.map((_, i) => i + 1))
  return Promise.all(
    numbers.map(
      async (number) => (await send(registry, `GET /subjects/votes/versions/${number}/schema`)).body as Schema,
    ),
  )
}

function versionOf({ body }: Sent): number {
  return (body as { version: number }).version
}

function ascending(a: number, b: number): number {
  return a - b
}
