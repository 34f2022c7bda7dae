import { expect, inject, test } from 'vitest'
import { buildServer } from '../../../registry/server.ts'
import { openPostgresStore } from '../../../registry/store/postgres/open.ts'
import { createDatabase } from '../../support/postgres.ts'
import { allowAll, configure, register, type Sent, send, testAgainst } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

const DRAFT_7 = 'http://json-schema.org/draft-07/schema#'
const base = (version = 1) => ({ name: 'base.json', subject: 'base', version })
const ofBase = { references: [base()] }
const unresolved = (what: string) => ({
  status: 422,
  body: { error_code: 42201, message: expect.stringContaining(what) },
})

/** Whether messages are what a registered schema allows is seen from what may follow it. */
function follows(told: Sent): unknown {
  return (told.body as { is_compatible: boolean }).is_compatible
}

test.each([
  ['a whole document', 'base.json', { type: 'string' }],
  ['a definition', 'base.json#/$defs/option', { $defs: { option: { type: 'string' } } }],
  ['an anchor', 'base.json#option', { $defs: { option: { $anchor: 'option', type: 'string' } } }],
  ['a document with an id of its own', 'base.json', { $id: 'https://example.org/base', type: 'string' }],
  ['a document that refers to a part of itself', 'base.json', { $ref: '#/$defs/o', $defs: { o: { type: 'string' } } }],
])('a schema refers to %s by the name of the reference', async (_what, $ref, schema) => {
  await using registry = await temporaryRegistry()
  await register(registry, 'base', schema)
  expect(await register(registry, 'votes', { $ref }, ofBase)).toMatchObject({ status: 200, body: ofBase })
  expect(follows(await testAgainst(registry, 'votes', { type: 'string' }))).toBe(true)
  expect(follows(await testAgainst(registry, 'votes', { type: 'number' }))).toBe(false)
})

test.each([
  ['at its root', { $schema: DRAFT_7, $ref: 'base.json' }, { $schema: DRAFT_7, type: 'string' }],
  [
    'to a document that is nothing but a reference',
    { $schema: DRAFT_7, allOf: [{ $ref: 'base.json' }] },
    { $schema: DRAFT_7, $ref: '#/definitions/o', definitions: { o: { type: 'string' } } },
  ],
])('a schema of draft-07 refers %s, where nothing counts beside the reference', async (_what, schema, referred) => {
  await using registry = await temporaryRegistry()
  await register(registry, 'base', referred)
  expect((await register(registry, 'votes', schema, ofBase)).status).toBe(200)
  expect(follows(await testAgainst(registry, 'votes', { $schema: DRAFT_7, type: 'string' }))).toBe(true)
  expect(follows(await testAgainst(registry, 'votes', { $schema: DRAFT_7, type: 'number' }))).toBe(false)
})

test('references may lead on to others', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'root', { type: 'string' })
  await register(
    registry,
    'base',
    { $ref: 'root.json' },
    { references: [{ ...base(), name: 'root.json', subject: 'root' }] },
  )
  await register(registry, 'votes', { $ref: 'base.json' }, ofBase)
  expect(follows(await testAgainst(registry, 'votes', { type: 'string' }))).toBe(true)
  expect(follows(await testAgainst(registry, 'votes', { type: 'number' }))).toBe(false)
})

test('a schema by id, and a version, tell what they refer to', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'base', '{}')
  await register(registry, 'votes', '{"$ref":"base.json"}', ofBase)
  expect((await send(registry, 'GET /schemas/ids/2')).body).toMatchObject(ofBase)
  expect((await send(registry, 'GET /subjects/votes/versions/1')).body).toMatchObject(ofBase)
  expect((await send(registry, 'GET /schemas/ids/1')).body).not.toHaveProperty('references')
})

test('-1 stands for the version that is the latest now, and stays that one', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'base', { type: 'string' })
  const registered = await register(registry, 'votes', { $ref: 'base.json' }, { references: [base(-1)] })
  await register(registry, 'base', {})
  expect(registered.body).toMatchObject(ofBase)
  expect((await send(registry, 'GET /subjects/votes/versions/1')).body).toMatchObject(ofBase)
})

test('another version of what it refers to makes another schema, and may make it incompatible', async () => {
  await using registry = await temporaryRegistry()
  await allowAll(registry)
  for (const type of ['string', ['string', 'number'], 'boolean']) await register(registry, 'base', { type })
  await configure(registry, { compatibility: 'BACKWARD' }, 'votes')
  const [first, wider, other] = [
    await register(registry, 'votes', { $ref: 'base.json' }, { references: [base(1)] }),
    await register(registry, 'votes', { $ref: 'base.json' }, { references: [base(2)] }),
    await register(registry, 'votes', { $ref: 'base.json' }, { references: [base(3)] }),
  ]
  expect(first.body).toMatchObject({ id: 4, version: 1 })
  expect(wider.body).toMatchObject({ id: 5, version: 2 })
  expect(other.status).toBe(409)
})

test('refuses references to what is not there', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'base', '{}')
  const ref = { $ref: 'base.json' }
  expect(await register(registry, 'votes', ref)).toMatchObject(unresolved('/$ref refers to "base.json"'))
  expect(await register(registry, 'votes', ref, { references: [base(2)] })).toMatchObject(
    unresolved("version 2 of subject 'base'"),
  )
  expect(await register(registry, 'votes', ref, { references: [base(0)] })).toMatchObject(
    unresolved("version 0 of subject 'base'"),
  )
  expect(await register(registry, 'votes', { $ref: 'base.json#/$defs/x' }, ofBase)).toMatchObject(
    unresolved('/$ref refers to "base.json#/$defs/x"'),
  )
  await send(registry, 'DELETE /subjects/base')
  expect(await register(registry, 'votes', ref, ofBase)).toMatchObject(unresolved("version 1 of subject 'base'"))
})

test('refuses one name for two schemas', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'base', { type: 'string' })
  await register(registry, 'other', { type: 'number' })
  const references = [base(), { ...base(), subject: 'other' }]
  expect(await register(registry, 'votes', '{}', { references })).toMatchObject(unresolved('the name "base.json"'))
})

test('refuses schemas of different dialects in one', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'base', { $schema: DRAFT_7, type: 'string' })
  expect(await register(registry, 'votes', { $ref: 'base.json' }, ofBase)).toMatchObject(unresolved('another dialect'))
})

test('refuses more references than anyone needs', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'base', '{}')
  const references = Array.from({ length: 101 }, (_, i) => ({ ...base(), name: `${i}.json` }))
  expect(await register(registry, 'votes', '{}', { references })).toMatchObject(unresolved('more than 100'))
})

test('refuses what is too large together, though each part is not', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'base', { description: 'x'.repeat(1_500_000) })
  await register(registry, 'more', { description: 'x'.repeat(1_500_000) })
  const references = [base(), { name: 'more.json', subject: 'more', version: 1 }]
  expect(await register(registry, 'votes', '{}', { references })).toMatchObject(unresolved('the limit bytes (2097152)'))
})

test('a circle cannot be made, since a version refers only to what is there before it', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'base', '{}')
  await register(registry, 'votes', { $ref: 'base.json' }, ofBase)
  const references = [{ name: 'votes.json', subject: 'votes', version: 1 }]
  const back = await register(registry, 'base', { $ref: 'votes.json' }, { references })
  expect(back).toMatchObject({ status: 200, body: { version: 2 } })
  expect((await send(registry, 'GET /subjects/votes/versions/1')).body).toMatchObject(ofBase)
  const self = [{ name: 'self.json', subject: 'self', version: 1 }]
  expect((await register(registry, 'self', { $ref: 'self.json' }, { references: self })).status).toBe(422)
})

test('tells the ids of the schemas that refer to a version', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'base', '{}')
  for (const subject of ['a', 'b', 'c'])
    await register(registry, subject, { title: subject, $ref: 'base.json' }, ofBase)
  await send(registry, 'DELETE /subjects/b')
  const to = 'GET /subjects/base/versions/1/referencedby'
  expect((await send(registry, to)).body).toEqual([2, 4])
  expect((await send(registry, `${to}?deleted=true`)).body).toEqual([2, 3, 4])
  expect((await send(registry, `${to}?offset=1&limit=1`)).body).toEqual([4])
  expect((await send(registry, 'GET /subjects/base/versions/latest/referencedby')).body).toEqual([2, 4])
  expect((await send(registry, 'GET /subjects/a/versions/1/referencedby')).body).toEqual([])
  expect((await send(registry, 'GET /subjects/base/versions/2/referencedby')).status).toBe(404)
})

test('what others refer to is not deleted', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'base', '{}')
  await register(registry, 'votes', { $ref: 'base.json' }, ofBase)
  const message = 'One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=base,version=1}.'
  const kept = { status: 422, body: { error_code: 42206, message } }
  expect(await send(registry, 'DELETE /subjects/base')).toMatchObject(kept)
  expect(await send(registry, 'DELETE /subjects/base/versions/1')).toMatchObject(kept)
  await send(registry, 'DELETE /subjects/votes')
  expect((await send(registry, 'DELETE /subjects/base')).status).toBe(200)
  expect(await send(registry, 'DELETE /subjects/base?permanent=true')).toMatchObject(kept)
  await send(registry, 'DELETE /subjects/votes?permanent=true')
  expect((await send(registry, 'DELETE /subjects/base?permanent=true')).status).toBe(200)
})

test('a subject whose versions refer to one another goes as a whole', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', '{}')
  const references = [{ name: 'first.json', subject: 'votes', version: 1 }]
  await register(registry, 'votes', { $ref: 'first.json' }, { references })
  expect((await send(registry, 'DELETE /subjects/votes/versions/1')).status).toBe(422)
  expect((await send(registry, 'DELETE /subjects/votes')).body).toEqual([1, 2])
  expect((await send(registry, 'DELETE /subjects/votes?permanent=true')).body).toEqual([1, 2])
})

test('a reference names a document and not a part of one', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'base', {})
  const references = [{ ...base(), name: 'base.json#/a' }]
  const refused = await register(registry, 'votes', { $ref: 'base.json#/a' }, { references })
  expect(refused).toMatchObject(unresolved('has a "#"'))
})

test('what PostgreSQL could not even be asked for, or keep, is refused like what is not there', async () => {
  await using database = await createDatabase(inject('postgresUrl'))
  await using store = await openPostgresStore({ url: database.url })
  await using app = buildServer({ store })
  await register({ app }, 'base', '{}')
  for (const version of [2 ** 31, 2 ** 40, 1e300, -(2 ** 40)])
    expect(await register({ app }, 'votes', '{}', { references: [base(version)] })).toMatchObject(
      unresolved('not registered'),
    )
  const illFormed = { references: [{ ...base(), name: 'base\ud800.json' }] }
  expect(await register({ app }, 'votes', '{}', illFormed)).toMatchObject(unresolved('ill-formed Unicode'))
})
