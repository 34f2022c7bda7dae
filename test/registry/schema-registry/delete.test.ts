import { expect, test } from 'vitest'
import { allowAll, register, type SendTo, send, sentSchema } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

const STRING = '{"type":"string"}'
const NUMBER = '{"type":"number"}'
const BOOLEAN = '{"type":"boolean"}'

/** A registry whose subject `votes` has three versions, of the ids 1 to 3. */
async function votes() {
  const registry = await temporaryRegistry()
  await allowAll(registry)
  for (const schema of [STRING, NUMBER, BOOLEAN]) await register(registry, 'votes', schema)
  return registry
}

test('a softly deleted version is gone for all but those who ask for it', async () => {
  await using registry = await votes()
  expect(await send(registry, 'DELETE /subjects/votes/versions/2')).toMatchObject({ status: 200, text: '2' })
  expect((await send(registry, 'GET /subjects/votes/versions')).body).toEqual([1, 3])
  expect((await send(registry, 'GET /subjects/votes/versions?deleted=true')).body).toEqual([1, 2, 3])
  expect((await send(registry, 'GET /subjects/votes/versions?deletedOnly=true')).body).toEqual([2])
  expect((await send(registry, 'GET /subjects/votes/versions?deleted=true&deletedAsNegative=true')).body).toEqual([
    1, -2, 3,
  ])
  expect(await send(registry, 'GET /subjects/votes/versions/2')).toMatchObject({
    status: 404,
    body: { error_code: 40402 },
  })
  expect((await send(registry, 'GET /subjects/votes/versions/2?deleted=true')).body).toMatchObject({ id: 2 })
  expect((await send(registry, 'POST /subjects/votes', sentSchema(NUMBER))).body).toMatchObject({ error_code: 40403 })
  expect((await send(registry, 'POST /subjects/votes?deleted=true', sentSchema(NUMBER))).body).toMatchObject({
    version: 2,
  })
})

test('latest is the latest that is not deleted', async () => {
  await using registry = await votes()
  expect((await send(registry, 'DELETE /subjects/votes/versions/latest')).body).toBe(3)
  expect((await send(registry, 'GET /subjects/votes/versions/latest')).body).toMatchObject({ version: 2 })
  expect((await send(registry, 'GET /subjects/votes/versions/latest?deleted=true')).body).toMatchObject({ version: 3 })
  expect((await send(registry, 'DELETE /subjects/votes/versions/-1')).body).toBe(2)
})

test('a softly deleted schema can be read by its id, and one deleted for good cannot', async () => {
  await using registry = await votes()
  await send(registry, 'DELETE /subjects/votes/versions/2')
  expect((await send(registry, 'GET /schemas/ids/2')).status).toBe(200)
  expect((await send(registry, 'GET /schemas/ids/2/schema')).status).toBe(200)
  expect((await send(registry, 'GET /schemas/ids/2/versions')).body).toEqual([])
  expect((await send(registry, 'GET /schemas/ids/2/versions?deleted=true')).body).toEqual([
    { subject: 'votes', version: 2 },
  ])
  await send(registry, 'DELETE /subjects/votes/versions/2?permanent=true')
  const unknown = { status: 404, body: { error_code: 40403 } }
  expect(await send(registry, 'GET /schemas/ids/2')).toMatchObject(unknown)
  expect(await send(registry, 'GET /schemas/ids/2/schema')).toMatchObject(unknown)
  expect(await send(registry, 'GET /schemas/ids/2/versions?deleted=true')).toMatchObject(unknown)
})

test('a schema that another subject has as well stays when one takes it away for good', async () => {
  await using registry = await votes()
  await register(registry, 'other', NUMBER)
  await send(registry, 'DELETE /subjects/votes')
  await send(registry, 'DELETE /subjects/votes?permanent=true')
  expect((await send(registry, 'GET /schemas/ids/2')).status).toBe(200)
  expect((await send(registry, 'GET /schemas/ids/2/subjects')).body).toEqual(['other'])
})

test('a deleted subject is listed only for those who ask for deleted ones', async () => {
  await using registry = await votes()
  await register(registry, 'other', STRING)
  expect((await send(registry, 'DELETE /subjects/votes')).body).toEqual([1, 2, 3])
  expect((await send(registry, 'GET /subjects')).body).toEqual(['other'])
  expect((await send(registry, 'GET /subjects?deleted=true')).body).toEqual(['other', 'votes'])
  expect((await send(registry, 'GET /subjects?deletedOnly=true')).body).toEqual(['votes'])
  expect((await send(registry, 'DELETE /subjects/votes?permanent=true')).body).toEqual([1, 2, 3])
  expect((await send(registry, 'GET /subjects?deleted=true')).body).toEqual(['other'])
})

test('deleting a subject answers the versions that this took away', async () => {
  await using registry = await votes()
  await send(registry, 'DELETE /subjects/votes/versions/2')
  expect((await send(registry, 'DELETE /subjects/votes')).body).toEqual([1, 3])
  expect((await send(registry, 'DELETE /subjects/votes?permanent=true')).body).toEqual([1, 2, 3])
})

test('a schema that comes back after a soft deletion has its id and a new version', async () => {
  await using registry = await votes()
  await send(registry, 'DELETE /subjects/votes/versions/2')
  expect((await register(registry, 'votes', NUMBER)).body).toMatchObject({ id: 2, version: 4 })
  expect((await send(registry, 'GET /subjects/votes/versions?deleted=true')).body).toEqual([1, 3, 4])
})

test('numbers are not used again after a soft deletion, and begin anew after the last one is gone for good', async () => {
  await using registry = await votes()
  await send(registry, 'DELETE /subjects/votes')
  expect((await register(registry, 'votes', '{}')).body).toMatchObject({ id: 4, version: 4 })
  await send(registry, 'DELETE /subjects/votes')
  await send(registry, 'DELETE /subjects/votes?permanent=true')
  expect((await register(registry, 'votes', NUMBER)).body).toMatchObject({ id: 5, version: 1 })
})

test('the number of the highest version is not used again when that version is gone for good', async () => {
  await using registry = await votes()
  await send(registry, 'DELETE /subjects/votes/versions/3')
  await send(registry, 'DELETE /subjects/votes/versions/3?permanent=true')
  expect((await register(registry, 'votes', BOOLEAN)).body).toMatchObject({ id: 4, version: 4 })
})

const SOFT_2: SendTo = 'DELETE /subjects/votes/versions/2'
const SOFT: SendTo = 'DELETE /subjects/votes'
test.each<[SendTo[], SendTo, number, string]>([
  [[], 'DELETE /subjects/nope', 40401, "Subject 'nope' not found."],
  [[], 'DELETE /subjects/nope/versions/1', 40401, "Subject 'nope' not found."],
  [[], 'DELETE /subjects/nope?permanent=true', 40401, "Subject 'nope' not found."],
  [[], 'DELETE /subjects/votes/versions/9', 40402, 'Version 9 not found.'],
  [[SOFT], SOFT, 40404, "Subject 'votes' was soft deleted.Set permanent=true to delete permanently"],
  [
    [],
    'DELETE /subjects/votes?permanent=true',
    40405,
    "Subject 'votes' was not deleted first before being permanently deleted",
  ],
  [
    [SOFT_2],
    'DELETE /subjects/votes?permanent=true',
    40405,
    "Subject 'votes' was not deleted first before being permanently deleted",
  ],
  [[SOFT_2], SOFT_2, 40406, "Subject 'votes' Version 2 was soft deleted.Set permanent=true to delete permanently"],
  [
    [],
    'DELETE /subjects/votes/versions/2?permanent=true',
    40407,
    "Subject 'votes' Version 2 was not deleted first before being permanently deleted",
  ],
  [[SOFT], 'DELETE /subjects/votes/versions/latest', 40401, "Subject 'votes' not found."],
  [[SOFT], 'GET /subjects/votes/versions', 40401, "Subject 'votes' not found."],
  [[SOFT], 'GET /subjects/votes/versions/1', 40401, "Subject 'votes' not found."],
])('after %j, %s answers %i', async (before, to, error_code, message) => {
  await using registry = await votes()
  for (const one of before) await send(registry, one)
  expect(await send(registry, to)).toMatchObject({ status: 404, body: { error_code, message } })
})

test.each(['0', 'newest', '1.5'])('refuses to delete the version %s', async (version) => {
  await using registry = await votes()
  const refused = await send(registry, `DELETE /subjects/votes/versions/${version}`)
  expect(refused).toMatchObject({ status: 422, body: { error_code: 42202 } })
})
