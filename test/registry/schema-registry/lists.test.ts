import { expect, test } from 'vitest'
import type { SchemaContent } from '../../../registry/store/store.ts'
import { allowAll, register, type SendTo, send } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

const VENDOR = 'application/vnd.schemaregistry.v1+json'

/** Three subjects: `a` with two versions, `ab` with two of which the second is deleted, `b` with one that is deleted. */
async function threeSubjects() {
  const registry = await temporaryRegistry()
  await allowAll(registry)
  await register(registry, 'a', '{"title":"1"}')
  await register(registry, 'a', '{"title":"2"}')
  await register(registry, 'ab', '{"title":"1"}')
  await register(registry, 'ab', '{"title":"3"}')
  await register(registry, 'b', '{"title":"1"}')
  await send(registry, 'DELETE /subjects/ab/versions/2')
  await send(registry, 'DELETE /subjects/b')
  return registry
}

test.each<[SendTo, unknown]>([
  ['GET /subjects', ['a', 'ab']],
  ['GET /subjects?deleted=true', ['a', 'ab', 'b']],
  ['GET /subjects?deletedOnly=true', ['b']],
  ['GET /subjects?subjectPrefix=ab', ['ab']],
  ['GET /subjects?subjectPrefix=:*:a', ['a', 'ab']],
  ['GET /subjects?subjectPrefix=:.:ab', ['ab']],
  ['GET /subjects?subjectPrefix=%25', []],
  ['GET /subjects?offset=1', ['ab']],
  ['GET /subjects?limit=1', ['a']],
  ['GET /subjects?deleted=true&offset=1&limit=1', ['ab']],
  ['GET /subjects?limit=-1', ['a', 'ab']],
  ['GET /subjects?limit=0', ['a', 'ab']],
  ['GET /subjects?offset=-3&limit=', ['a', 'ab']],
  ['GET /subjects?offset=9', []],
  ['GET /subjects/a/versions?offset=1', [2]],
  ['GET /subjects/a/versions?limit=1', [1]],
  ['GET /schemas/ids/1/subjects', ['a', 'ab']],
  ['GET /schemas/ids/1/subjects?deleted=true', ['a', 'ab', 'b']],
  ['GET /schemas/ids/1/subjects?subject=ab', ['ab']],
  ['GET /schemas/ids/1/subjects?offset=1&limit=5', ['ab']],
  [
    'GET /schemas/ids/1/versions',
    [
      { subject: 'a', version: 1 },
      { subject: 'ab', version: 1 },
    ],
  ],
  ['GET /schemas/ids/1/versions?subject=a', [{ subject: 'a', version: 1 }]],
  ['GET /schemas/ids/1/versions?offset=1&limit=1', [{ subject: 'ab', version: 1 }]],
])('%s', async (to, list) => {
  await using registry = await threeSubjects()
  expect(await send(registry, to)).toMatchObject({ status: 200, body: list })
  expect((await send(registry, to)).body).toHaveLength((list as unknown[]).length)
})

const [A1, A2, AB1, AB2, B1] = [
  { subject: 'a', version: 1, id: 1 },
  { subject: 'a', version: 2, id: 2 },
  { subject: 'ab', version: 1, id: 1 },
  { subject: 'ab', version: 2, id: 3 },
  { subject: 'b', version: 1, id: 1 },
]
test.each<[string, object[]]>([
  ['', [A1, A2, AB1]],
  ['?deleted=true', [A1, A2, AB1, AB2, B1]],
  ['?latestOnly=true', [A2, AB1]],
  ['?latestOnly=true&deleted=true', [A2, AB2, B1]],
  ['?subjectPrefix=ab', [AB1]],
  ['?subjectPrefix=:*:', [A1, A2, AB1]],
  ['?offset=1&limit=1', [A2]],
  ['?offset=2', [AB1]],
  ['?limit=-1', [A1, A2, AB1]],
])('GET /schemas%s lists versions with their schemas', async (query, list) => {
  await using registry = await threeSubjects()
  const { body } = await send(registry, `GET /schemas${query}`)
  expect(body).toMatchObject(list)
  expect(body).toHaveLength(list.length)
  expect(body).toMatchObject(list.map(() => ({ schemaType: 'JSON', schema: expect.stringContaining('title') })))
})

test.each<[SendTo]>([
  ['GET /subjects?limit=many'],
  ['GET /subjects?offset=1.5'],
  ['GET /schemas?limit=1e3'],
  ['GET /subjects/a/versions?offset=99999999999'],
  ['GET /schemas/ids/1/versions?limit=x'],
])('%s is refused, since that is no number', async (to) => {
  await using registry = await threeSubjects()
  expect(await send(registry, to)).toMatchObject({ status: 400, body: { error_code: 400 } })
})

test('no answer lists more than a thousand schemas, and all of them can be had in pages', async () => {
  await using registry = await temporaryRegistry()
  await fill(registry, 2100)
  const pages: unknown[] = []
  for (const query of ['', '?limit=5000', '?offset=1000&limit=1000', '?offset=2000']) {
    const { body } = await send(registry, `GET /schemas${query}`)
    pages.push((body as { subject: string }[]).map(({ subject }) => subject))
  }
  const names = Array.from({ length: 2100 }, (_, i) => `s${i}`).sort()
  expect(pages).toEqual([names.slice(0, 1000), names.slice(0, 1000), names.slice(1000, 2000), names.slice(2000)])
  expect((await send(registry, 'GET /subjects')).body).toEqual(names)
  expect((await send(registry, 'GET /subjects?offset=1999&limit=3')).body).toEqual(names.slice(1999, 2002))
})

test('lists large schemas without holding all of them, and no schemas as an empty list', async () => {
  await using registry = await temporaryRegistry()
  expect(await send(registry, 'GET /schemas')).toMatchObject({ text: '[]', type: VENDOR })
  for (let i = 10; i < 35; i++) await register(registry, `s${i}`, { description: `${i}`.padEnd(1_000_000, 'x') })
  const { text, type } = await send(registry, 'GET /schemas?offset=2')
  const subjects = (JSON.parse(text) as { subject: string }[]).map(({ subject }) => subject)
  expect(subjects).toEqual(Array.from({ length: 23 }, (_, i) => `s${i + 12}`))
  expect(type).toBe(VENDOR)
})

test('a list that the store cannot give is an error and no half list', async () => {
  await using registry = await temporaryRegistry()
  await registry.store.close()
  expect(await send(registry, 'GET /schemas')).toMatchObject({ status: 503, body: { error_code: 50001 } })
})

test('finds the latest version by its metadata', async () => {
  await using registry = await temporaryRegistry()
  await allowAll(registry)
  for (const [title, major] of [
    ['a', '1'],
    ['b', '1'],
    ['c', '2'],
  ] as const)
    await register(registry, 'votes', { title }, ofMajor(major))
  const path = 'GET /subjects/votes/metadata' as const
  expect((await send(registry, `${path}?key=major&value=1`)).body).toMatchObject({ version: 2 })
  expect((await send(registry, `${path}?key=owner&value=tally&key=major&value=2`)).body).toMatchObject({ version: 3 })
  expect(await send(registry, `${path}?key=major&value=3`)).toMatchObject({ status: 404, body: { error_code: 40403 } })
  expect(await send(registry, `${path}?key=toString&value=x`)).toMatchObject({ status: 404 })
  expect(await send(registry, 'GET /subjects/nope/metadata?key=a&value=b')).toMatchObject({
    status: 404,
    body: { error_code: 40401 },
  })
})

test('finds schemas and their ids by their guids', async () => {
  await using registry = await temporaryRegistry()
  const { guid } = (await register(registry, 'votes', '{}')).body as { guid: string }
  expect((await send(registry, `GET /schemas/guids/${guid}`)).body).toEqual({ guid, schemaType: 'JSON', schema: '{}' })
  expect((await send(registry, `GET /schemas/guids/${guid.toUpperCase()}`)).status).toBe(200)
  expect((await send(registry, `GET /schemas/guids/${guid}/ids`)).body).toEqual([{ context: '.', id: 1 }])
  expect(await send(registry, 'GET /schemas/guids/nope')).toMatchObject({ status: 404, body: { error_code: 40403 } })
})

test('tells the highest id to those who ask for it', async () => {
  await using registry = await threeSubjects()
  expect((await send(registry, 'GET /schemas/ids/1?fetchMaxId=true')).body).toMatchObject({ maxId: 3 })
})

const ofMajor = (major: string) => ({ metadata: { properties: { major, owner: 'tally' } } })

/** As many subjects as are wanted, each with one version of the same schema, in one write. */
async function fill({ store }: Awaited<ReturnType<typeof temporaryRegistry>>, count: number): Promise<void> {
  const content: SchemaContent = {
    type: 'JSON',
    text: '{}',
    references: [],
    identity: 'i',
    guid: 'g',
    fingerprint: 'f',
  }
  await store.write(async ({ subjects }) => {
    for (let i = 0; i < count; i++) await subjects.append(`s${i}`, content, 0)
  })
}
