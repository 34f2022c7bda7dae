import { expect, test } from 'vitest'
import { allowAll, configure, register, type SendTo, send, sentSchema } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

const BACKWARD = { compatibilityLevel: 'BACKWARD' }
const rule = (name: string, doc: string) => ({ name, kind: 'CONDITION', mode: 'WRITE', type: 'CEL', doc })

test('the level is BACKWARD until somebody sets another', async () => {
  await using registry = await temporaryRegistry()
  expect(await send(registry, 'GET /config')).toMatchObject({ status: 200, body: BACKWARD })
  expect((await send(registry, 'GET /config/votes?defaultToGlobal=true')).body).toEqual(BACKWARD)
  expect((await send(registry, 'GET /config/?defaultToGlobal=true')).body).toEqual(BACKWARD)
})

test('is set under the name compatibility, and read under the name compatibilityLevel', async () => {
  await using registry = await temporaryRegistry()
  expect((await configure(registry, { compatibility: 'full' })).body).toEqual({ compatibility: 'FULL' })
  expect((await configure(registry, { compatibility: 'NONE' }, 'votes')).body).toEqual({ compatibility: 'NONE' })
  expect((await send(registry, 'GET /config')).body).toEqual({ compatibilityLevel: 'FULL' })
  expect((await send(registry, 'GET /config/votes')).body).toEqual({ compatibilityLevel: 'NONE' })
})

test('answers 404 for a subject that has nothing set, as clients ask before they set it', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', '{}')
  expect(await send(registry, 'GET /config/votes')).toMatchObject({
    status: 404,
    body: { error_code: 40408, message: "Subject 'votes' does not have subject-level compatibility configured" },
  })
  expect(await send(registry, 'DELETE /config/votes')).toMatchObject({ status: 404, body: { error_code: 40401 } })
})

test('what a subject has set stands over what is set for all, and that over the default', async () => {
  await using registry = await temporaryRegistry()
  await configure(registry, { compatibility: 'FULL', normalize: true, compatibilityGroup: 'major' })
  await configure(registry, { compatibility: 'NONE', normalize: false }, 'votes')
  expect((await send(registry, 'GET /config/votes')).body).toEqual({ compatibilityLevel: 'NONE', normalize: false })
  expect((await send(registry, 'GET /config/votes?defaultToGlobal=true')).body).toEqual({
    compatibilityLevel: 'NONE',
    normalize: false,
    compatibilityGroup: 'major',
  })
})

test('setting one thing leaves the others, and null takes one away', async () => {
  await using registry = await temporaryRegistry()
  await configure(registry, { compatibility: 'FULL', compatibilityGroup: 'major' }, 'votes')
  await configure(registry, { normalize: true }, 'votes')
  const set = await configure(registry, { compatibilityGroup: null }, 'votes')
  expect(set.body).toEqual({ compatibility: 'FULL', normalize: true })
  expect((await send(registry, 'GET /config/votes')).body).toEqual({ compatibilityLevel: 'FULL', normalize: true })
})

test('deleting takes all away and answers what it was', async () => {
  await using registry = await temporaryRegistry()
  await configure(registry, { compatibility: 'FULL' })
  await configure(registry, { compatibility: 'NONE' }, 'votes')
  expect((await send(registry, 'DELETE /config/votes')).body).toEqual({ compatibilityLevel: 'NONE' })
  expect((await send(registry, 'GET /config/votes')).status).toBe(404)
  expect((await send(registry, 'DELETE /config')).body).toEqual({ compatibilityLevel: 'FULL' })
  expect((await send(registry, 'DELETE /config')).body).toEqual(BACKWARD)
  expect((await send(registry, 'GET /config')).body).toEqual(BACKWARD)
})

test('ignores members that it does not know', async () => {
  await using registry = await temporaryRegistry()
  const set = await configure(registry, { compatibility: 'FULL', futureSetting: 7, toString: 'x' })
  expect(set).toMatchObject({ status: 200, body: { compatibility: 'FULL' } })
  expect((await send(registry, 'GET /config')).body).toEqual({ compatibilityLevel: 'FULL' })
})

test.each([
  [{ alias: 'other' }, 'alias'],
  [{ validateFields: true }, 'validateFields'],
  [{ validateRules: true }, 'validateRules'],
])('refuses by its name what would not be acted on: %j', async (config, name) => {
  await using registry = await temporaryRegistry()
  const refused = await configure(registry, { compatibility: 'FULL', ...config }, 'votes')
  expect(refused).toMatchObject({
    status: 422,
    body: { error_code: 42203, message: expect.stringContaining(`"${name}"`) },
  })
  expect((await send(registry, 'GET /config/votes')).status).toBe(404)
})

test.each([{ alias: '' }, { alias: null }, { validateFields: false }, { validateRules: null }])(
  'takes what switches off what there is not: %j',
  async (config) => {
    await using registry = await temporaryRegistry()
    expect((await configure(registry, config)).status).toBe(200)
  },
)

test.each(['SOMETIMES', '', 'backward-transitive'])('refuses the level "%s"', async (compatibility) => {
  await using registry = await temporaryRegistry()
  const message =
    'Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive'
  expect(await configure(registry, { compatibility })).toMatchObject({
    status: 422,
    body: { error_code: 42203, message },
  })
})

test.each<[object, string]>([
  [{ compatibility: 7 }, 'body/compatibility must be string'],
  [{ normalize: 'yes' }, 'body/normalize must be boolean'],
  [{ defaultMetadata: [] }, 'body/defaultMetadata must be object'],
  [[], 'body must be object'],
])('refuses the body %j', async (body, why) => {
  await using registry = await temporaryRegistry()
  const refused = await send(registry, 'PUT /config', body)
  expect(refused).toMatchObject({ status: 400, body: { error_code: 400, message: expect.stringContaining(why) } })
})

test.each<[SendTo, number]>([
  ['PUT /config/__GLOBAL', 42208],
  ['PUT /config/a%0Ab', 42208],
  ['PUT /config/:.context:votes', 42208],
])('%s is refused', async (to, error_code) => {
  await using registry = await temporaryRegistry()
  expect(await send(registry, to, { compatibility: 'FULL' })).toMatchObject({ status: 422, body: { error_code } })
})

test('nothing is set while writing is not allowed', async () => {
  await using registry = await temporaryRegistry()
  await configure(registry, { compatibility: 'FULL' }, 'votes')
  await send(registry, 'PUT /mode', { mode: 'READONLY' })
  const refused = { status: 422, body: { error_code: 42205 } }
  expect(await configure(registry, { compatibility: 'NONE' })).toMatchObject(refused)
  expect(await configure(registry, { compatibility: 'NONE' }, 'votes')).toMatchObject(refused)
  expect(await send(registry, 'DELETE /config')).toMatchObject(refused)
  expect(await send(registry, 'DELETE /config/votes')).toMatchObject(refused)
  expect((await send(registry, 'GET /config/votes')).body).toEqual({ compatibilityLevel: 'FULL' })
})

test('goes with the last version of its subject, and not with a softly deleted one', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', '{}')
  await configure(registry, { compatibility: 'NONE' }, 'votes')
  await send(registry, 'DELETE /subjects/votes')
  expect((await send(registry, 'GET /config/votes')).status).toBe(200)
  await send(registry, 'DELETE /subjects/votes?permanent=true')
  expect((await send(registry, 'GET /config/votes')).status).toBe(404)
})

test('normalises where that is set, whatever the request says', async () => {
  await using registry = await temporaryRegistry()
  await configure(registry, { normalize: true }, 'votes')
  const first = await register(registry, 'votes', '{ "type":"object", "title":"a" }')
  const second = await register(registry, 'votes', '{"title":"a","type":"object"}')
  const found = await send(registry, 'POST /subjects/votes', sentSchema('{"type":"object",  "title":"a"}'))
  expect(first.body).toMatchObject({ version: 1, schema: '{"title":"a","type":"object"}' })
  expect(second.text).toBe(first.text)
  expect(found).toMatchObject({ status: 200, body: { version: 1 } })
})

test('lays defaults under the metadata that is sent, and overrides over it', async () => {
  await using registry = await temporaryRegistry()
  await allowAll(registry)
  await configure(
    registry,
    {
      defaultMetadata: { properties: { owner: 'nobody', team: 'a' }, tags: { '**.option': ['PII'] } },
      overrideMetadata: { properties: { owner: 'tally' }, sensitive: ['owner'] },
    },
    'votes',
  )
  const sent = { metadata: { properties: { owner: 'me', major: '1' } } }
  expect((await register(registry, 'votes', '{}', sent)).body).toMatchObject({
    metadata: {
      properties: { owner: 'tally', team: 'a', major: '1' },
      tags: { '**.option': ['PII'] },
      sensitive: ['owner'],
    },
  })
})

test('merges rules by their names, the overriding ones last', async () => {
  await using registry = await temporaryRegistry()
  await configure(
    registry,
    {
      defaultRuleSet: { domainRules: [rule('a', 'default'), rule('b', 'default')] },
      overrideRuleSet: { domainRules: [rule('c', 'override')] },
    },
    'votes',
  )
  const sent = { ruleSet: { domainRules: [rule('b', 'sent'), rule('c', 'sent')] } }
  expect((await register(registry, 'votes', '{}', sent)).body).toMatchObject({
    ruleSet: { domainRules: [rule('a', 'default'), rule('b', 'sent'), rule('c', 'override')] },
  })
})

test('what was registered with defaults is found, and registered again, by what was sent', async () => {
  await using registry = await temporaryRegistry()
  await configure(registry, { defaultMetadata: { properties: { owner: 'tally' } } }, 'votes')
  const first = await register(registry, 'votes', '{}')
  const again = await register(registry, 'votes', '{}')
  const found = await send(registry, 'POST /subjects/votes', sentSchema('{}'))
  expect(again.text).toBe(first.text)
  expect(found).toMatchObject({ status: 200, body: { version: 1, metadata: { properties: { owner: 'tally' } } } })
})

test('what is sent with all that would be added is registered once', async () => {
  await using registry = await temporaryRegistry()
  const metadata = { properties: { owner: 'tally' } }
  await configure(registry, { defaultMetadata: metadata }, 'votes')
  const first = await register(registry, 'votes', '{}', { metadata })
  const again = await register(registry, 'votes', '{}', { metadata })
  expect(again.text).toBe(first.text)
  expect((await send(registry, 'GET /subjects/votes/versions')).body).toEqual([1])
})

test('a schema sent without metadata is found under what it got from the version before', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', '{"type":"string"}', { metadata: { properties: { owner: 'tally' } } })
  await register(registry, 'votes', '{}')
  const found = await send(registry, 'POST /subjects/votes', sentSchema('{}'))
  expect(found).toMatchObject({ status: 200, body: { version: 2, metadata: { properties: { owner: 'tally' } } } })
})
