import { expect, test } from 'vitest'
import { configure, register, type SendTo, send, sentSchema } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

const refused = { status: 422, body: { error_code: 42205, message: 'Subject votes in context . is in read-only mode' } }

test('everything may be written until somebody sets another mode', async () => {
  await using registry = await temporaryRegistry()
  expect((await send(registry, 'GET /mode')).body).toEqual({ mode: 'READWRITE' })
  expect((await send(registry, 'GET /mode/votes?defaultToGlobal=true')).body).toEqual({ mode: 'READWRITE' })
  expect(await send(registry, 'GET /mode/votes')).toMatchObject({
    status: 404,
    body: { error_code: 40409, message: "Subject 'votes' does not have subject-level mode configured" },
  })
})

test('is set, read and taken away, for all and for one subject', async () => {
  await using registry = await temporaryRegistry()
  expect((await send(registry, 'PUT /mode', { mode: 'READONLY' })).body).toEqual({ mode: 'READONLY' })
  expect((await send(registry, 'PUT /mode/votes', { mode: 'READWRITE' })).body).toEqual({ mode: 'READWRITE' })
  expect((await send(registry, 'GET /mode')).body).toEqual({ mode: 'READONLY' })
  expect((await send(registry, 'GET /mode/votes')).body).toEqual({ mode: 'READWRITE' })
  expect((await send(registry, 'DELETE /mode/votes')).body).toEqual({ mode: 'READWRITE' })
  expect((await send(registry, 'GET /mode/votes?defaultToGlobal=true')).body).toEqual({ mode: 'READONLY' })
  expect((await send(registry, 'DELETE /mode')).body).toEqual({ mode: 'READONLY' })
  expect((await send(registry, 'GET /mode')).body).toEqual({ mode: 'READWRITE' })
  expect(await send(registry, 'DELETE /mode/votes')).toMatchObject({ status: 404, body: { error_code: 40401 } })
})

test('null takes a mode away and leaves the settings beside it', async () => {
  await using registry = await temporaryRegistry()
  await configure(registry, { compatibility: 'FULL' }, 'votes')
  await send(registry, 'PUT /mode/votes', { mode: 'READONLY' })
  await send(registry, 'PUT /mode/votes', { mode: null })
  expect((await send(registry, 'GET /mode/votes')).status).toBe(404)
  expect((await send(registry, 'GET /config/votes')).body).toEqual({ compatibilityLevel: 'FULL' })
})

test('what names no mode changes nothing', async () => {
  await using registry = await temporaryRegistry()
  await send(registry, 'PUT /mode', { mode: 'READONLY' })
  for (const body of [{}, { Mode: 'READONLY' }])
    expect(await send(registry, 'PUT /mode', body)).toMatchObject({ status: 422, body: { error_code: 42204 } })
  expect((await send(registry, 'GET /mode')).body).toEqual({ mode: 'READONLY' })
})

test.each(['READONLY', 'READONLY_OVERRIDE', 'readonly'])('nothing is written to a subject in %s', async (mode) => {
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', '{}')
  await send(registry, 'PUT /mode/votes', { mode })
  expect(await register(registry, 'votes', '{"title":"new"}')).toMatchObject(refused)
  expect(await send(registry, 'DELETE /subjects/votes')).toMatchObject(refused)
  expect(await send(registry, 'DELETE /subjects/votes/versions/1')).toMatchObject(refused)
  expect(await configure(registry, { compatibility: 'NONE' }, 'votes')).toMatchObject(refused)
  expect((await register(registry, 'other', '{}')).status).toBe(200)
})

test('reading, testing and registering what is there already go on', async () => {
  await using registry = await temporaryRegistry()
  const first = await register(registry, 'votes', '{}')
  await send(registry, 'PUT /mode/votes', { mode: 'READONLY' })
  const told = await send(registry, 'POST /compatibility/subjects/votes/versions/latest', sentSchema('{"title":"a"}'))
  expect((await register(registry, 'votes', '{}')).text).toBe(first.text)
  expect((await send(registry, 'POST /subjects/votes', sentSchema('{}'))).status).toBe(200)
  expect((await send(registry, 'GET /subjects/votes/versions/latest')).status).toBe(200)
  expect(told.body).toEqual({ is_compatible: true })
})

test.each([
  ['READONLY', 'READWRITE', 200],
  ['READONLY_OVERRIDE', 'READWRITE', 422],
  ['READWRITE', 'READONLY', 422],
])('where all are %s and the subject is %s, registering answers %i', async (global, own, status) => {
  await using registry = await temporaryRegistry()
  await send(registry, 'PUT /mode', { mode: global })
  await send(registry, 'PUT /mode/votes', { mode: own })
  expect((await register(registry, 'votes', '{}')).status).toBe(status)
})

test.each(['IMPORT', 'FORWARD', 'nonsense', ''])('refuses the mode "%s" by its name', async (mode) => {
  await using registry = await temporaryRegistry()
  const message = expect.stringContaining(`"${mode}" is none of them`)
  expect(await send(registry, 'PUT /mode', { mode })).toMatchObject({
    status: 422,
    body: { error_code: 42204, message },
  })
})

test.each<[SendTo]>([['PUT /mode/__GLOBAL'], ['PUT /mode/a%0Ab']])('%s is refused', async (to) => {
  await using registry = await temporaryRegistry()
  expect(await send(registry, to, { mode: 'READONLY' })).toMatchObject({ status: 422, body: { error_code: 42208 } })
})
