import { expect, test } from 'vitest'
import { temporaryRegistry } from '../temporary.ts'
import { clientOf, deployed, done, FORMS, fields, OPTION, TEXT } from './own-registry.ts'

const VOTE = fields({ vote: TEXT })
const OTHER = fields({ option: OPTION })
const writes = (stream: string, schema: object = VOTE) => ({ writes: [{ stream, schema }] })
const reads = (stream: string, more = {}) => ({ reads: [{ stream, schema: VOTE, ...more }] })
const serves = (...paths: string[]) => ({
  serves: paths.map((path) => ({ method: 'GET', path, responses: { '200': true } })),
})
const calls = (path: string, more = {}) => ({
  calls: [{ provider: 'vote-api', method: 'GET', path, responses: { '200': true }, ...more }],
})

async function open() {
  const registry = await temporaryRegistry()
  return { ...registry, ...clientOf(registry), client: clientOf(registry) }
}

test.each(FORMS)('who stops serving what somebody calls is stopped, on %s', async (_form, make) => {
  await using registry = await make()
  const at = clientOf(registry)
  await deployed(at, 'vote-api', '1', serves('/results', '/polls'))
  await deployed(at, 'web', '1', calls('/results'))
  done(await at.publish('vote-api', '2', serves('/results')))
  done(await at.publish('vote-api', '3', serves('/polls')))
  expect((await at.ask('vote-api', '2')).body).toMatchObject({ answer: 'yes' })
  expect((await at.ask('vote-api', '3')).body).toMatchObject({
    answer: 'no',
    stops: [
      {
        reason: 'missing',
        channel: 'http:vote-api GET /results',
        candidates: [{ service: 'vote-api', version: '3' }],
        reader: { service: 'web', version: '1', is: 'deployed' },
        text: 'web 1 (deployed, client) calls http:vote-api GET /results, and nobody at production serves it any more once vote-api 3 is there.',
        next: 'Let vote-api go on serving http:vote-api GET /results, or first deploy a version of web that does not call it.',
      },
    ],
  })
  const check = { service: 'vote-api', to: 'production', ...serves('/polls') }
  expect((await at.post('/check', check)).body).toMatchObject({ answer: 'no', stops: [{ reason: 'missing' }] })
})

test('who stops writing what somebody reads is stopped, unless somebody else writes it', async () => {
  await using at = await open()
  await deployed(at.client, 'vote-api', '1', writes('votes'))
  await deployed(at.client, 'tally', '1', reads('votes'))
  done(await at.publish('vote-api', '2', writes('ballots')))
  expect((await at.ask('vote-api', '2')).body).toMatchObject({
    answer: 'no',
    stops: [{ reason: 'missing', channel: 'stream:votes', reader: { service: 'tally' } }],
  })
  await deployed(at.client, 'import', '1', writes('votes'))
  expect((await at.ask('vote-api', '2')).body).toMatchObject({ answer: 'yes' })
})

test('a reader to whom somebody outside writes loses nobody', async () => {
  await using at = await open()
  await deployed(at.client, 'vote-api', '1', { ...writes('votes'), ...serves('/results') })
  await deployed(at.client, 'tally', '1', {
    ...reads('votes', { external: true }),
    ...calls('/results', { external: true }),
  })
  done(await at.publish('vote-api', '2', { contracts: [] }))
  expect((await at.ask('vote-api', '2')).body).toMatchObject({ answer: 'yes' })
})

test('a reader that goes along with its writer to another stream loses nobody', async () => {
  await using at = await open()
  await deployed(at.client, 'vote-api', '1', writes('votes'))
  await deployed(at.client, 'tally', '1', reads('votes'))
  done(await at.publish('vote-api', '2', writes('ballots')))
  done(await at.publish('tally', '2', reads('ballots')))
  const versions = ['vote-api', 'tally'].map((service) => ({ service, version: '2' }))
  expect((await at.post('/can-i-deploy', { versions, to: 'production' })).body).toMatchObject({ answer: 'yes' })
  done(await at.record('tally', '1', 'production', { instance: 'eu' }))
  expect((await at.post('/can-i-deploy', { versions, to: 'production' })).body).toMatchObject({
    answer: 'no',
    stops: [{ reason: 'missing', reader: { service: 'tally', version: '1' } }],
  })
})

test('a client that goes along may still call its server while both are rolled out', async () => {
  await using at = await open()
  await deployed(at.client, 'vote-api', '1', serves('/results'))
  await deployed(at.client, 'web', '1', calls('/results'))
  done(await at.publish('vote-api', '2', serves('/polls')))
  done(await at.publish('web', '2', calls('/polls')))
  const versions = ['vote-api', 'web'].map((service) => ({ service, version: '2' }))
  const asked = { versions, to: 'production' }
  expect((await at.post('/can-i-deploy', asked)).body).toMatchObject({ answer: 'no', stops: [{ reason: 'missing' }] })
  expect((await at.post('/can-i-deploy', { ...asked, atOnce: true })).body).toMatchObject({ answer: 'yes' })
})

test('what only the writer that goes away wrote is missing to a reader that comes with its successor', async () => {
  await using at = await open()
  await deployed(at.client, 'vote-api', '1', writes('votes'))
  done(await at.publish('vote-api', '2', writes('ballots')))
  done(await at.publish('tally', '1', reads('votes')))
  const versions = [
    { service: 'vote-api', version: '2' },
    { service: 'tally', version: '1' },
  ]
  expect((await at.post('/can-i-deploy', { versions, to: 'production' })).body).toMatchObject({
    answer: 'no',
    stops: [{ reason: 'missing', candidates: [{ service: 'tally', version: '1' }] }],
  })
})

test('beside the main branches, what the own main branch still serves is withdrawn as well', async () => {
  await using at = await open()
  done(await at.publish('vote-api', '1', { branch: 'main', ...serves('/results') }))
  done(await at.publish('web', '1', { branch: 'main', ...calls('/results') }))
  done(await at.publish('vote-api', '2', { branch: 'fix', ...serves('/polls') }))
  expect((await at.get('/can-i-deploy?service=vote-api&version=2&against=main')).body).toMatchObject({
    answer: 'no',
    stops: [{ reason: 'missing', reader: { service: 'web', is: 'head' } }],
  })
})

test('an override lets a withdrawal through, and its impact tells who is left', async () => {
  await using at = await open()
  await deployed(at.client, 'vote-api', '1', writes('votes'))
  await deployed(at.client, 'tally', '1', { ...reads('votes'), ...writes('tallies') })
  await deployed(at.client, 'dashboard', '1', reads('tallies'))
  done(await at.publish('vote-api', '2', writes('ballots', OTHER)))
  expect((await at.get('/impact?service=vote-api&version=2&to=production')).body).toMatchObject({
    breaks: [{ service: 'tally', version: '1', channel: 'stream:votes', reason: 'missing' }],
    tell: ['tally', 'dashboard'],
  })
  const override = {
    service: 'vote-api',
    channel: 'stream:votes',
    environment: 'production',
    reason: 'moved',
    by: 'kim',
  }
  done(await at.post('/overrides', { ...override, expiresInSeconds: 60 }))
  expect((await at.ask('vote-api', '2')).body).toMatchObject({ answer: 'yes', overridden: [{ reason: 'missing' }] })
})
