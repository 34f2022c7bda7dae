import { expect, test } from 'vitest'
import { allowAll, configure, register, send, sentSchema, testAgainst } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

const STRING = { type: 'string' }
const INTEGER = { type: 'integer' }
const NUMBER = { type: 'number' }
const TITLED = { type: 'number', title: 'An amount' }

/** An older schema, and a newer one that does this to what is allowed. */
const CHANGES = [
  ['widens', INTEGER, NUMBER],
  ['narrows', NUMBER, INTEGER],
  ['keeps', NUMBER, TITLED],
  ['replaces', STRING, NUMBER],
] as const

test.each([
  ['NONE', ['widens', 'narrows', 'keeps', 'replaces']],
  ['BACKWARD', ['widens', 'keeps']],
  ['BACKWARD_TRANSITIVE', ['widens', 'keeps']],
  ['FORWARD', ['narrows', 'keeps']],
  ['FORWARD_TRANSITIVE', ['narrows', 'keeps']],
  ['FULL', ['keeps']],
  ['FULL_TRANSITIVE', ['keeps']],
])('the level %s lets a schema pass that %j what was allowed', async (compatibility, passing) => {
  await using registry = await temporaryRegistry()
  await configure(registry, { compatibility })
  const told: string[] = []
  const registered: string[] = []
  for (const [change, older, newer] of CHANGES) {
    await register(registry, change, older)
    const { body } = await testAgainst(registry, change, newer, 'latest')
    told.push(`${change} ${(body as { is_compatible: boolean }).is_compatible}`)
    registered.push(`${change} ${(await register(registry, change, newer)).status}`)
  }
  expect(told).toEqual(CHANGES.map(([change]) => `${change} ${passing.includes(change)}`))
  expect(registered).toEqual(CHANGES.map(([change]) => `${change} ${passing.includes(change) ? 200 : 409}`))
})

test.each([
  ['BACKWARD', STRING, INTEGER, NUMBER],
  ['FORWARD', STRING, NUMBER, INTEGER],
  ['FULL', STRING, NUMBER, TITLED],
])('compares with the latest version at %s, and with all of them where it is transitive', async (level, ...schemas) => {
  await using registry = await temporaryRegistry()
  await allowAll(registry)
  const [first, second, third] = schemas
  await register(registry, 'votes', first)
  await register(registry, 'votes', second)
  await configure(registry, { compatibility: `${level}_TRANSITIVE` })
  const refused = await register(registry, 'votes', third)
  await configure(registry, { compatibility: level })
  const accepted = await register(registry, 'votes', third)
  expect(refused.status).toBe(409)
  expect(refused.text).toContain('{oldSchemaVersion: 1}')
  expect(accepted).toMatchObject({ status: 200, body: { version: 3 } })
})

test('compares the newest version first, and stops where the first one breaks', async () => {
  await using registry = await temporaryRegistry()
  await allowAll(registry)
  await register(registry, 'votes', STRING)
  await register(registry, 'votes', INTEGER)
  await configure(registry, { compatibility: 'BACKWARD_TRANSITIVE' })
  const { text } = await register(registry, 'votes', { type: 'boolean' })
  expect(text).toContain('{oldSchemaVersion: 2}')
  expect(text).not.toContain('{oldSchemaVersion: 1}')
})

test('compares with every version of a long history', async () => {
  await using registry = await temporaryRegistry()
  await allowAll(registry)
  await register(registry, 'votes', STRING)
  for (let i = 0; i < 45; i++) await register(registry, 'votes', { type: 'integer', title: `${i}` })
  await configure(registry, { compatibility: 'FULL_TRANSITIVE' })
  const refused = await register(registry, 'votes', { type: 'integer', title: 'the last' })
  expect(refused.status).toBe(409)
  expect(refused.text).toContain('{oldSchemaVersion: 1}')
})

test('a version of one number is compared alone, whatever the level says of how many', async () => {
  await using registry = await temporaryRegistry()
  await allowAll(registry)
  await register(registry, 'votes', STRING)
  await register(registry, 'votes', INTEGER)
  await configure(registry, { compatibility: 'BACKWARD_TRANSITIVE' })
  expect((await testAgainst(registry, 'votes', NUMBER, '2')).body).toMatchObject({ is_compatible: true })
  expect((await testAgainst(registry, 'votes', NUMBER, '1')).body).toMatchObject({ is_compatible: false })
  expect((await testAgainst(registry, 'votes', NUMBER)).body).toMatchObject({ is_compatible: false })
  expect((await testAgainst(registry, 'votes', NUMBER, '-1')).body).toMatchObject({ is_compatible: true })
})

test.each(['latest', '-1', undefined])('a subject that is not there has nothing to break: %s', async (version) => {
  await using registry = await temporaryRegistry()
  const told = await testAgainst(registry, 'nowhere', STRING, version)
  expect(told).toMatchObject({
    status: 200,
    body: { is_compatible: true, messages: [expect.stringContaining('no version to compare'), expect.anything()] },
  })
})

test.each([
  ['nowhere', '3', 404, 40402, 'Version 3 not found.'],
  ['votes', '3', 404, 40402, 'Version 3 not found.'],
  ['votes', '0', 422, 42202, "The specified version '0' is not a valid version id."],
])('testing against %s, version %s, is refused: %i', async (subject, version, status, error_code, message) => {
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', STRING)
  const refused = await testAgainst(registry, subject, STRING, version)
  expect(refused).toMatchObject({ status, body: { error_code, message: expect.stringContaining(message) } })
})

test('does not compare with a version that is deleted softly', async () => {
  await using registry = await temporaryRegistry()
  await allowAll(registry)
  await register(registry, 'votes', INTEGER)
  await register(registry, 'votes', STRING)
  await configure(registry, { compatibility: 'BACKWARD_TRANSITIVE' })
  await send(registry, 'DELETE /subjects/votes/versions/2')
  expect(await testAgainst(registry, 'votes', NUMBER, '2')).toMatchObject({ status: 404, body: { error_code: 40402 } })
  expect(await register(registry, 'votes', NUMBER)).toMatchObject({ status: 200, body: { version: 3 } })
})

test('answers a schema that is there already before it compares', async () => {
  await using registry = await temporaryRegistry()
  await allowAll(registry)
  const first = await register(registry, 'votes', STRING)
  await register(registry, 'votes', INTEGER)
  await configure(registry, { compatibility: 'FULL_TRANSITIVE' })
  expect((await register(registry, 'votes', STRING)).text).toBe(first.text)
})

test('a changed level holds from the next request on', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', NUMBER)
  expect((await register(registry, 'votes', INTEGER)).status).toBe(409)
  await configure(registry, { compatibility: 'FORWARD' }, 'votes')
  expect((await register(registry, 'votes', INTEGER)).status).toBe(200)
  await send(registry, 'DELETE /config/votes')
  expect((await register(registry, 'votes', { type: 'integer', minimum: 1 })).status).toBe(409)
})

test('registers what breaks where that is forced', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', NUMBER)
  const forced = await send(registry, 'POST /subjects/votes/versions?force=true', sentSchema(STRING))
  expect(forced).toMatchObject({ status: 200, body: { version: 2 } })
})
