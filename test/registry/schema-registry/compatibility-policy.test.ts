import { expect, test } from 'vitest'
import { allowAll, configure, register, testAgainst } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

const OPTION = { type: 'object', properties: { option: { type: 'string' } } }
const WITH_COUNT = { type: 'object', properties: { option: { type: 'string' }, count: { type: 'integer' } } }
const WITH_ANYTHING = { type: 'object', properties: { option: { type: 'string' }, count: {} } }
const CLOSED = { ...OPTION, additionalProperties: false }
const CLOSED_WITH_COUNT = { ...WITH_COUNT, additionalProperties: false }
const STRING = { type: 'string' }
const INTEGER = { type: 'integer' }
const NUMBER = { type: 'number' }
const ofGroup = (major: string) => ({ metadata: { properties: { major } } })

test.each([
  ['adds an optional property to an open object', OPTION, WITH_COUNT, 'BACKWARD', false, true],
  ['adds an optional property to an open object', OPTION, WITH_COUNT, 'FORWARD', true, true],
  ['takes an optional property from an open object', WITH_COUNT, OPTION, 'BACKWARD', true, true],
  ['takes an optional property from an open object', WITH_COUNT, OPTION, 'FORWARD', false, true],
  ['adds a property that may be anything', OPTION, WITH_ANYTHING, 'FULL', true, true],
  ['adds an optional property to a closed object', CLOSED, CLOSED_WITH_COUNT, 'BACKWARD', true, true],
  ['adds an optional property to a closed object', CLOSED, CLOSED_WITH_COUNT, 'FORWARD', false, false],
  ['takes an optional property from a closed object', CLOSED_WITH_COUNT, CLOSED, 'BACKWARD', false, false],
])('a schema that %s', async (_what, older, newer, compatibility, strict, asDeclared) => {
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', older)
  await configure(registry, { compatibility })
  expect((await testAgainst(registry, 'votes', newer)).body).toMatchObject({ is_compatible: strict })
  await configure(registry, { compatibilityPolicy: 'AS_DECLARED' })
  expect((await testAgainst(registry, 'votes', newer)).body).toMatchObject({ is_compatible: asDeclared })
})

test('names the other policy to one whose schema it would let pass', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', OPTION)
  const refused = await register(registry, 'votes', WITH_COUNT)
  await configure(registry, { compatibilityPolicy: 'as_declared' }, 'votes')
  const accepted = await register(registry, 'votes', WITH_COUNT)
  expect(refused.text).toContain('set compatibilityPolicy AS_DECLARED')
  expect(accepted).toMatchObject({ status: 200, body: { version: 2 } })
})

test.each(['LENIENT', 'LOGICAL', 'nonsense'])('refuses the policy %s by its name', async (compatibilityPolicy) => {
  await using registry = await temporaryRegistry()
  const refused = await configure(registry, { compatibilityPolicy })
  const message = expect.stringContaining(compatibilityPolicy.toUpperCase())
  expect(refused).toMatchObject({ status: 422, body: { error_code: 42203, message } })
})

test('compares only with the versions of its own group', async () => {
  await using registry = await temporaryRegistry()
  await configure(registry, { compatibilityGroup: 'major' })
  await register(registry, 'votes', STRING, ofGroup('1'))
  const other = await register(registry, 'votes', NUMBER, ofGroup('2'))
  const breaking = await register(registry, 'votes', INTEGER, ofGroup('1'))
  const fitting = await register(registry, 'votes', { type: ['string', 'boolean'] }, ofGroup('1'))
  expect(other).toMatchObject({ status: 200, body: { version: 2 } })
  expect(breaking.status).toBe(409)
  expect(breaking.text).toContain('{oldSchemaVersion: 1}')
  expect(fitting).toMatchObject({ status: 200, body: { version: 3 } })
})

test('schemas without a group are a group', async () => {
  await using registry = await temporaryRegistry()
  await configure(registry, { compatibilityGroup: 'major' })
  await register(registry, 'votes', STRING)
  await register(registry, 'votes', NUMBER, ofGroup('1'))
  const breaking = await register(registry, 'votes', { type: 'boolean' }, { metadata: {} })
  const fitting = await register(registry, 'votes', { title: 'anything' }, { metadata: {} })
  expect(breaking.text).toContain('{oldSchemaVersion: 1}')
  expect(fitting).toMatchObject({ status: 200, body: { version: 3 } })
})

test('a schema sent without metadata is of the group of the latest version, whose metadata it gets', async () => {
  await using registry = await temporaryRegistry()
  await configure(registry, { compatibilityGroup: 'major' })
  await register(registry, 'votes', STRING)
  await register(registry, 'votes', INTEGER, ofGroup('1'))
  const told = await testAgainst(registry, 'votes', { type: 'boolean' })
  const refused = await register(registry, 'votes', { type: 'boolean' })
  const registered = await register(registry, 'votes', NUMBER)
  expect(told.body).toMatchObject({ is_compatible: false, messages: expect.arrayContaining(['{oldSchemaVersion: 2}']) })
  expect(refused.status).toBe(409)
  expect(registered).toMatchObject({ status: 200, body: { version: 3, ...ofGroup('1') } })
})

test('groups and transitive levels go together', async () => {
  await using registry = await temporaryRegistry()
  await allowAll(registry)
  await register(registry, 'votes', STRING, ofGroup('1'))
  await register(registry, 'votes', INTEGER, ofGroup('1'))
  await register(registry, 'votes', { type: 'boolean' }, ofGroup('2'))
  await configure(registry, { compatibility: 'BACKWARD_TRANSITIVE', compatibilityGroup: 'major' })
  const refused = await register(registry, 'votes', NUMBER, ofGroup('1'))
  const accepted = await register(registry, 'votes', { type: ['number', 'string'] }, ofGroup('1'))
  expect(refused.text).toContain('{oldSchemaVersion: 1}')
  expect(accepted.status).toBe(200)
})
