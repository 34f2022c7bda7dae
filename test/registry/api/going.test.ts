import { expect, test } from 'vitest'
import { temporaryRegistry } from '../temporary.ts'
import { clientOf, deployed, done, FORMS, fields, OPTION, TEXT } from './own-registry.ts'

const VOTE = fields({ vote: TEXT })
const OTHER = fields({ option: OPTION })
const HOUR = 3_600_000
const writes = (schema: object, more = {}) => ({ writes: [{ stream: 'votes', schema, ...more }] })
const reads = (schema: object, more = {}) => ({ reads: [{ stream: 'votes', schema, ...more }] })
const json = (field: string) => ({ encoding: 'json', field })
const both = (schema: object) => ({ ...writes(schema), ...reads(schema) })

async function open() {
  const registry = await temporaryRegistry()
  const client = clientOf(registry)
  const together = (versions: readonly object[], more = {}) =>
    client.post('/can-i-deploy', { versions, to: 'production', ...more })
  return { ...registry, ...client, client, together }
}

const NEW = ['vote-api', 'tally'].map((service) => ({ service, version: '2' }))

test('what is stopped in one slot still runs in another', async () => {
  await using at = await open()
  await deployed(at.client, 'echo', '1', both(VOTE))
  done(await at.publish('echo', '2', both(OTHER)))
  const asked = [[{ service: 'echo', version: '2' }], { atOnce: true }] as const
  expect((await at.together(...asked)).body).toMatchObject({ answer: 'yes' })
  done(await at.record('echo', '1', 'production', { instance: 'eu' }))
  expect((await at.together(...asked)).body).toMatchObject({ answer: 'no' })
})

test('what is stopped may still be out with its users, or be started elsewhere', async () => {
  await using at = await open()
  await deployed(at.client, 'echo', '1', both(VOTE))
  done(await at.publish('echo', '2', both(OTHER)))
  const asked = [[{ service: 'echo', version: '2' }], { atOnce: true }] as const
  const release = { service: 'echo', version: '1' }
  done(await at.post('/environments/production/releases', release))
  expect((await at.together(...asked)).body).toMatchObject({ answer: 'no' })
  done(await at.remove('/environments/production/releases/echo/1'))
  expect((await at.together(...asked)).body).toMatchObject({ answer: 'yes' })
  done(await at.together([{ ...release, instance: 'eu' }], { start: true }))
  expect((await at.together(...asked)).body).toMatchObject({ answer: 'no' })
})

test('of a writer that has stopped, messages stay that only its reader says to be kept', async () => {
  await using at = await open()
  await deployed(at.client, 'vote-api', '1', writes(VOTE))
  await deployed(at.client, 'tally', '1', reads(VOTE))
  done(await at.publish('vote-api', '2', writes(OTHER)))
  done(await at.publish('tally', '2', reads(OTHER, { keepsMs: HOUR })))
  expect((await at.together(NEW, { atOnce: true })).body).toMatchObject({
    answer: 'no',
    stops: [{ writer: { version: '1', is: 'retired' }, reader: { version: '2' } }],
  })
})

test('a version that goes to two slots is compared once', async () => {
  await using at = await open()
  await deployed(at.client, 'vote-api', '1', writes(VOTE))
  done(await at.publish('tally', '1', reads(OTHER)))
  const versions = ['eu', 'us'].map((instance) => ({ service: 'tally', version: '1', instance }))
  const { body } = await at.together(versions)
  expect(body).toMatchObject({
    candidates: [{ service: 'tally', version: '1' }],
    summary: expect.stringMatching(/^No: tally 1 cannot go to production: 1 reason stops it, in 1 comparison/),
  })
  expect((body as { stops: object[] }).stops).toHaveLength(1)
})

test.each(['', ' ', 'x'.repeat(300)])('an instance that nobody could record is refused: %j', async (instance) => {
  await using at = await open()
  done(await at.publish('tally', '1', { contracts: [] }))
  expect(await at.together([{ service: 'tally', version: '1', instance }], { start: true })).toMatchObject({
    status: 400,
    body: { code: 'name.invalid' },
  })
})

test('a working copy meets what runs, also under the name that it has itself', async () => {
  await using at = await open()
  await deployed(at.client, 'echo', '1', both(VOTE))
  const check = { service: 'echo', version: '1', to: 'production' }
  expect((await at.post('/check', { ...check, ...both(VOTE) })).body).toMatchObject({ answer: 'yes' })
  expect((await at.post('/check', { ...check, ...both(OTHER) })).body).toMatchObject({
    answer: 'no',
    compared: { incompatible: 2 },
  })
})

test('going back to a version of which nothing is known is not safe', async () => {
  await using at = await open()
  done(await at.put('/services/tally/versions/1', {}))
  done(await at.record('tally', '1'))
  done(await at.publish('tally', '2', { contracts: [] }))
  expect((await at.ask('tally', '2')).body).toMatchObject({
    answer: 'yes',
    back: { answer: 'unsafe', to: [{ version: '1' }], stops: [{ reason: 'unpublished' }] },
  })
})

test('what speaks against going back is told once, also when the candidate has been started', async () => {
  await using at = await open()
  await deployed(at.client, 'echo', '1', both(fields({ vote: OPTION })))
  done(await at.publish('echo', '2', both(VOTE)))
  const before = (await at.ask('echo', '2')).body as { back: { stops: object[] } }
  await at.store.write(({ environments }) =>
    environments.reserve({ service: 'echo', version: '2', environment: 'production', expiresInMs: HOUR }),
  )
  expect(before.back.stops).toHaveLength(1)
  const after = (await at.ask('echo', '2')).body as { back: { stops: object[] } }
  expect(after.back.stops).toHaveLength(before.back.stops.length)
})

test.each(FORMS)('what was begun and then given up may have written, on %s', async (_form, make) => {
  await using registry = await make()
  const at = clientOf(registry)
  done(await at.publish('vote-api', '1', writes(VOTE, { keepsMs: HOUR })))
  const versions = [{ service: 'vote-api', version: '1' }]
  const started = await at.post('/can-i-deploy', { versions, to: 'production', start: true })
  const { reservation } = started.body as { reservation: { id: number }[] }
  done(await at.remove(`/reservations/${reservation[0]?.id}`))
  done(await at.publish('tally', '1', reads(OTHER, { external: true })))
  expect((await at.ask('tally', '1')).body).toMatchObject({
    answer: 'no',
    stops: [{ writer: { service: 'vote-api', version: '1', is: 'retired', endedAt: expect.any(String) } }],
  })
  expect((await at.ask('tally', '1', 'test')).body).toMatchObject({ answer: 'yes' })
})

test.each(FORMS)('who runs where the candidate goes and has published nothing is told, on %s', async (_form, make) => {
  await using registry = await make()
  const at = clientOf(registry)
  await deployed(at, 'tally', '1', reads(VOTE))
  done(await at.publish('vote-api', '1', writes(OTHER)))
  expect((await at.ask('vote-api', '1')).body).toMatchObject({ answer: 'no', warnings: [] })
  for (const service of ['tally', 'stranger']) {
    done(await at.put(`/services/${service}/versions/2`, {}))
    done(await at.record(service, '2'))
  }
  const { answer, warnings } = (await at.ask('vote-api', '1')).body as { answer: string; warnings: object[] }
  expect(answer).toBe('yes')
  expect(warnings).toEqual([
    {
      reason: 'unpublished',
      text: 'tally 2 lives at production and has published no contracts, so that nothing was compared with it, though tally took part here before: publish its contracts, and ask again.',
    },
  ])
})

test('the default bus may be named or not: it is the same stream', async () => {
  await using at = await open()
  await deployed(at.client, 'vote-api', '1', writes(VOTE))
  const channel = 'stream:default/votes'
  done(await at.publish('tally', '1', { contracts: [{ channel, direction: 'reads', schema: VOTE }] }))
  expect((await at.ask('tally', '1')).body).toMatchObject({ answer: 'yes', compared: { compatible: 1 } })
  expect((await at.get(`/channels/${encodeURIComponent(channel)}`)).body).toMatchObject({ channel: 'stream:votes' })
})

test('a stream whose name would be read as that of a bus is refused', async () => {
  await using at = await open()
  const sent = { writes: [{ stream: 'cache/votes', schema: VOTE }] }
  expect(await at.publish('vote-api', '1', sent)).toMatchObject({
    status: 400,
    body: { code: 'name.invalid', at: '/writes/0/stream' },
  })
})

test('an override of a channel that no contract names is refused, with what may have been meant', async () => {
  await using at = await open()
  done(await at.publish('vote-api', '1', writes(VOTE)))
  const override = { service: 'vote-api', environment: 'test', reason: 'agreed', by: 'kim', expiresInSeconds: 60 }
  expect(await at.post('/overrides', { ...override, channel: 'stream:vote' })).toMatchObject({
    status: 404,
    body: { code: 'channel.unknown', near: ['stream:votes'] },
  })
})

test('a parameter that a gate does not know is refused: it may be a policy that was mistyped', async () => {
  await using at = await open()
  done(await at.publish('vote-api', '1', writes(VOTE)))
  expect(await at.ask('vote-api', '1', 'test', '&polcy=strict')).toMatchObject({
    status: 400,
    body: { code: 'request.malformed', detail: expect.stringContaining('"polcy"') },
  })
})

test('fields whose names look like the words of a key are not taken for one another', async () => {
  await using at = await open()
  await deployed(at.client, 'one', '1', reads(VOTE, json('b" to JSON in the field "c')))
  done(await at.publish('vote-api', '1', writes(VOTE, json('a'))))
  expect((await at.ask('vote-api', '1')).body).toMatchObject({ stops: [{ wire: [['a', '{"vote":""}']] }] })
  await deployed(at.client, 'one', '2', reads(VOTE, json('c')))
  done(await at.publish('vote-api', '2', writes(VOTE, json('a" to JSON in the field "b'))))
  expect((await at.ask('vote-api', '2')).body).toMatchObject({
    stops: [{ wire: [['a" to JSON in the field "b', '{"vote":""}']] }],
  })
})
