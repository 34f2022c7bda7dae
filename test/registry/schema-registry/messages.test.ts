import { expect, test } from 'vitest'
import { configure, register, send, sentSchema, testAgainst } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

const VOTE = '{"type":"object","properties":{"option":{"type":"string"}},"required":["option"]}'
const COUNTED = '{"type":"object","properties":{"option":{"type":"integer"}},"required":["option"]}'
/** Nobody knows whether the second reads all of the first, since the first refers back to what it has matched. */
const TWICE = { type: 'string', pattern: '^(a+)\\1$' }
const MANY = { type: 'string', pattern: '^a*$' }

type Told = { readonly is_compatible: boolean; readonly messages?: readonly string[] }

test('says why a schema is refused in the form that clients take apart', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', VOTE)
  const refused = await register(registry, 'votes', COUNTED)
  expect(refused).toMatchObject({ status: 409, body: { error_code: 409 } })
  expect(Object.keys(refused.body as object)).toEqual(['error_code', 'message'])
  const { message } = refused.body as { message: string }
  expect(message).toMatch(
    /^Schema being registered is incompatible with an earlier schema for subject "votes", details: \[.*\]$/,
  )
  expect(message).toMatch(
    /\{errorType:"[A-Z_]+", description:"the new schema reads what the old schema \(version 1\) writes: .+, at path '#\/option'"\}/,
  )
  expect(message).toContain(`{oldSchemaVersion: 1}, {oldSchema: '${VOTE}'}`)
  expect(message).toContain("{validateFields: 'false', compatibility: 'BACKWARD'}]")
})

test('shows a message that would break', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', VOTE)
  const { text } = await register(registry, 'votes', COUNTED)
  const [, witness = ''] = /\{witness: '(.*?)'\}/.exec(JSON.parse(text).message) ?? []
  expect(JSON.parse(witness)).toEqual({ option: expect.any(String) })
})

test('names who reads and who writes at a forward level', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', VOTE)
  await configure(registry, { compatibility: 'FORWARD' })
  const { text } = await register(registry, 'votes', '{}')
  expect(text).toContain('the old schema (version 1) reads what the new schema writes')
})

test('refuses what nobody knows, and says so in the first word', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', TWICE)
  const refused = await register(registry, 'votes', MANY)
  const told = await testAgainst(registry, 'votes', MANY)
  expect(refused).toMatchObject({
    status: 409,
    body: { error_code: 409, message: expect.stringMatching(/^undecided: Schema being registered is incompatible/) },
  })
  expect(told.body).toMatchObject({
    is_compatible: false,
    messages: [
      expect.stringMatching(/^undecided: .*reason pattern/),
      '{oldSchemaVersion: 1}',
      expect.anything(),
      expect.anything(),
    ],
  })
})

test('tells what was proved to one who asks in many words', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', VOTE)
  const { messages = [] } = (await testAgainst(registry, 'votes', '{}')).body as Told
  expect(messages[0]).toMatch(
    /^compatible: the new schema reads what the old schema \(version 1\) writes: proved for every message/,
  )
  expect(messages.at(-1)).toBe("{validateFields: 'false', compatibility: 'BACKWARD'}")
})

test('tells each version and direction that was compared', async () => {
  await using registry = await temporaryRegistry()
  await configure(registry, { compatibility: 'FULL_TRANSITIVE' })
  await register(registry, 'votes', VOTE)
  await register(registry, 'votes', `${VOTE} `)
  const { messages = [] } = (await testAgainst(registry, 'votes', ` ${VOTE}`)).body as Told
  expect(messages.filter((message) => message.startsWith('compatible: '))).toHaveLength(4)
})

test.each([
  [VOTE, { is_compatible: true }],
  [COUNTED, { is_compatible: false }],
])('tells no more than yes or no to one who does not ask', async (schema, told) => {
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', VOTE)
  const { body } = await send(registry, 'POST /compatibility/subjects/votes/versions/latest', sentSchema(schema))
  expect(body).toEqual(told)
})

test.each([
  ['that is none', '{"type":"nope"}', {}, 42201, 'is no JSON Schema'],
  ['that refers to what is not there', '{}', { references: [{ name: 'a', subject: 'a', version: 1 }] }, 42201, "'a'"],
  ['of another type', '{}', { schemaType: 'AVRO' }, 42201, 'AVRO'],
])('a schema %s is an answer with verbose, and an error without', async (_what, schema, more, error_code, why) => {
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', VOTE)
  const to = 'POST /compatibility/subjects/votes/versions/latest'
  const told = await send(registry, `${to}?verbose=true`, sentSchema(schema, more))
  const refused = await send(registry, to, sentSchema(schema, more))
  expect(told).toMatchObject({
    status: 200,
    body: { is_compatible: false, messages: [expect.stringContaining(why)] },
  })
  expect(refused).toMatchObject({ status: 422, body: { error_code } })
})

test('a subject of the level NONE compares nothing, and says so', async () => {
  await using registry = await temporaryRegistry()
  await configure(registry, { compatibility: 'NONE' })
  await register(registry, 'votes', VOTE)
  const { messages = [] } = (await testAgainst(registry, 'votes', COUNTED)).body as Told
  expect(messages).toEqual([
    'compatible: the level NONE compares nothing',
    "{validateFields: 'false', compatibility: 'NONE'}",
  ])
})
