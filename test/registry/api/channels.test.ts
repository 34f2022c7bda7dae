import { expect, test } from 'vitest'
import { temporaryRegistry } from '../temporary.ts'
import { clientOf, deployed, done, fields, OPTION, TEXT } from './own-registry.ts'

const VOTES = encodeURIComponent('stream:votes')
const VOTE = fields({ vote: TEXT })
const OPERATION = { method: 'POST', path: '/api/vote', responses: { '201': true } }

/** A vote API that tally reads and a web page calls; a dashboard reads what tally writes. */
async function open() {
  const registry = await temporaryRegistry()
  const client = clientOf(registry)
  const { publish } = client
  const api = { branch: 'main', writes: [{ stream: 'votes', schema: fields({ vote: OPTION }) }], serves: [OPERATION] }
  await deployed(client, 'vote-api', '1', api)
  const tallies = { writes: [{ stream: 'tallies', schema: fields({ cats: { type: 'integer' } }) }] }
  await deployed(client, 'tally', '1', { reads: [{ stream: 'votes', schema: VOTE }], ...tallies })
  await deployed(client, 'dashboard', '1', { reads: [{ stream: 'tallies', schema: fields({ cats: TEXT }) }] })
  await deployed(client, 'web', '1', { calls: [{ provider: 'vote-api', ...OPERATION }] })
  done(
    await publish('tally', '2', {
      reads: [{ stream: 'votes', schema: fields({ vote: TEXT, option: TEXT }) }],
      ...tallies,
    }),
  )
  return { ...registry, ...client }
}

test('channels are listed with who takes part', async () => {
  await using at = await open()
  expect((await at.get('/channels')).body).toEqual({
    channels: [
      { channel: 'http:vote-api POST /api/vote', serves: ['vote-api'], calls: ['web'] },
      { channel: 'stream:tallies', writes: ['tally'], reads: ['dashboard'] },
      { channel: 'stream:votes', writes: ['vote-api'], reads: ['tally'] },
    ],
  })
  const first = await at.get('/channels?prefix=stream:&limit=1')
  expect(first.body).toMatchObject({ channels: [{ channel: 'stream:tallies' }] })
  const { next } = first.body as { next: string }
  expect((await at.get(`/channels?prefix=stream:&after=${next}`)).body).toMatchObject({
    channels: [{ channel: 'stream:votes' }],
  })
})

test('a channel is told with every version and where it runs', async () => {
  await using at = await open()
  const whole = await at.get(`/channels/${VOTES}`)
  expect(whole.body).toMatchObject({
    channel: 'stream:votes',
    contracts: [
      { service: 'tally', version: '2', verb: 'reads', environments: [] },
      { service: 'tally', version: '1', verb: 'reads', environments: ['production'] },
      { service: 'vote-api', version: '1', branches: ['main'], verb: 'writes', parts: [{ schemaId: 1 }] },
    ],
  })
  expect(versions((await at.get(`/channels/${VOTES}?environment=production`)).body)).toEqual(['1', '1'])
  const first = await at.get(`/channels/${VOTES}?limit=1`)
  const second = await at.get(`/channels/${VOTES}?limit=1&after=${(first.body as { next: string }).next}`)
  expect([versions(first.body), versions(second.body)]).toEqual([['2'], ['1']])
  const part = await at.get(`/channels/${encodeURIComponent('http:vote-api POST /api/vote#201')}`)
  expect(part.body).toMatchObject({
    contracts: [{ service: 'vote-api', parts: [{ direction: 'writes' }] }, { service: 'web' }],
  })
  expect((await at.get('/channels/stream:vote')).body).toMatchObject({
    status: 404,
    code: 'channel.unknown',
    near: ['stream:votes'],
  })
})

function versions(body: unknown): string[] {
  return (body as { contracts: { version: string }[] }).contracts.map(({ version }) => version)
}

test('the schemas with which a channel is written are told, to be pulled', async () => {
  await using at = await open()
  const written = {
    schemaId: 1,
    encoding: 'fields',
    schema: fields({ vote: OPTION }),
    versions: [{ service: 'vote-api', version: '1' }],
  }
  expect((await at.get(`/channels/${VOTES}/schemas`)).body).toMatchObject({ verb: 'writes', schemas: [written] })
  expect((await at.get(`/channels/${VOTES}/schemas?environment=production`)).body).toMatchObject({ schemas: [written] })
  expect((await at.get(`/channels/${VOTES}/schemas?environment=test`)).body).toMatchObject({ schemas: [] })
  expect((await at.get(`/channels/${VOTES}/schemas?verb=reads`)).body).toMatchObject({
    schemas: [{ versions: [{ version: '2' }] }],
  })
  done(
    await at.publish('vote-api', '2', {
      branch: 'fix',
      writes: [{ stream: 'votes', schema: fields({ option: OPTION }) }],
    }),
  )
  expect((await at.get(`/channels/${VOTES}/schemas`)).body).toMatchObject({ schemas: [written] })
})

test('a matrix tells the verdicts between the versions of two services', async () => {
  await using at = await open()
  const { rows } = (await at.get('/matrix?writer=vote-api&reader=tally')).body as { rows: object[] }
  expect(rows).toMatchObject([
    { channel: 'stream:votes', reader: { version: '2' }, answer: 'incompatible' },
    { channel: 'stream:votes', reader: { version: '1' }, answer: 'compatible' },
  ])
  const one = await at.get('/matrix?writer=vote-api&reader=tally&readerVersion=1&writerVersion=latest')
  expect(one.body).toMatchObject({ rows: [{ answer: 'compatible' }], isWhole: true })
  expect((await at.get('/matrix?writer=web&reader=vote-api')).body).toMatchObject({
    rows: [{ channel: 'http:vote-api POST /api/vote#request' }],
  })
  expect((await at.get('/matrix?writer=vote-api&reader=nobody')).body).toMatchObject({ code: 'service.unknown' })
})

test('a graph is told as JSON, as Mermaid and for Graphviz', async () => {
  await using at = await open()
  expect((await at.get('/graph?environment=production')).body).toMatchObject({
    services: ['dashboard', 'tally', 'vote-api', 'web'],
    channels: ['http:vote-api POST /api/vote', 'stream:tallies', 'stream:votes'],
    edges: expect.arrayContaining([{ service: 'tally', verb: 'reads', channel: 'stream:votes', versions: ['1'] }]),
    isWhole: true,
  })
  expect((await at.get('/graph?environment=test')).body).toMatchObject({ services: [], edges: [] })
  const mermaid = await at.get('/graph?format=mermaid')
  expect(mermaid).toMatchObject({ status: 200, type: 'text/plain; charset=utf-8' })
  expect(mermaid.text).toContain('s1["tally"]')
  expect(mermaid.text).toContain('c2 -->|reads| s1')
  expect((await at.get('/graph?format=dot')).text).toContain('s1 -> c1 [label=writes]')
  expect((await at.get('/graph?format=svg')).status).toBe(400)
})

test('no name breaks out of a graph', async () => {
  await using at = await open()
  const stream = '"];click\\s0"<script>'
  done(await at.publish('evil', '1', { writes: [{ stream, schema: VOTE }] }))
  const [mermaid, dot] = await Promise.all(['mermaid', 'dot'].map((format) => at.get(`/graph?format=${format}`)))
  expect(mermaid?.text).toContain('(["stream:#34;#93;#59;click#92;s0#34;#60;script#62;"])')
  expect(dot?.text).toContain('label="stream:\\"];click\\\\s0\\"<script>"')
})

test('the impact of a candidate is whom it breaks, who lives on them, and who must be told', async () => {
  await using at = await open()
  const renamed = { writes: [{ stream: 'votes', schema: fields({ option: OPTION }) }], serves: [OPERATION] }
  done(await at.publish('vote-api', '2', renamed))
  expect((await at.get('/impact?service=vote-api&version=2&to=production')).body).toMatchObject({
    breaks: [
      {
        service: 'tally',
        version: '1',
        channel: 'stream:votes',
        reason: 'incompatible',
        text: expect.stringContaining('renamed?'),
      },
    ],
    affected: [{ service: 'dashboard', through: ['tally', 'stream:tallies'] }],
    tell: ['tally', 'dashboard'],
    isWhole: true,
  })
  expect((await at.get('/impact?service=vote-api&version=1&to=production')).body).toMatchObject({
    breaks: [],
    tell: [],
  })
})

test('a client whose request would be refused is the one that is broken', async () => {
  await using at = await open()
  const request = fields({ body: fields({ option: OPTION }) })
  const writes = [{ stream: 'votes', schema: fields({ vote: OPTION }) }]
  done(await at.publish('vote-api', '2', { writes, serves: [{ ...OPERATION, request }] }))
  expect((await at.get('/impact?service=vote-api&version=2&to=production')).body).toMatchObject({
    breaks: [{ service: 'web', version: '1', channel: 'http:vote-api POST /api/vote#request' }],
    tell: ['web'],
  })
})

test('a matrix of a service with itself tells each two versions once', async () => {
  await using at = await open()
  const echo = [{ stream: 'echo', schema: VOTE }]
  for (const version of ['1', '2']) done(await at.publish('echo', version, { writes: echo, reads: echo }))
  const { rows } = (await at.get('/matrix?writer=echo&reader=echo')).body as { rows: Row[] }
  expect(rows.map(({ writer, reader }) => `${writer.version} to ${reader.version}`)).toEqual([
    '2 to 2',
    '2 to 1',
    '1 to 2',
    '1 to 1',
  ])
})
type Row = Record<'writer' | 'reader', { readonly version: string }>

test('a version that has published nothing hides no field, no writer and no head', async () => {
  await using at = await open()
  done(await at.put('/services/vote-api/versions/2', { branch: 'main' }))
  done(await at.publish('ballots', '1', { writes: [{ stream: 'votes', schema: VOTE }] }))
  done(await at.put('/services/ballots/versions/2', {}))
  expect((await at.get('/fields?name=vote&verb=writes')).body).toMatchObject({
    fields: [{ service: 'ballots' }, { service: 'vote-api' }],
  })
  const { schemas } = (await at.get(`/channels/${VOTES}/schemas`)).body as { schemas: { versions: object[] }[] }
  expect(schemas.flatMap((one) => one.versions)).toEqual([
    { service: 'vote-api', version: '1' },
    { service: 'ballots', version: '1' },
  ])
  expect((await at.get('/can-i-deploy?service=tally&version=1&against=main')).body).toMatchObject({
    answer: 'yes',
    pairs: [{ writer: { service: 'vote-api', version: '1', is: 'head' } }],
  })
})

test('who reads a field is told, and where it is required', async () => {
  await using at = await open()
  const { fields: found } = (await at.get('/fields?name=vote&verb=reads')).body as { fields: object[] }
  expect(found).toEqual([
    {
      name: 'vote',
      at: '/properties/vote',
      service: 'tally',
      version: '1',
      verb: 'reads',
      channel: 'stream:votes',
      required: true,
      environments: ['production'],
    },
    {
      name: 'vote',
      at: '/properties/vote',
      service: 'tally',
      version: '2',
      verb: 'reads',
      channel: 'stream:votes',
      required: true,
      environments: [],
    },
  ])
  const first = await at.get('/fields?name=vote&limit=2')
  const rest = await at.get(`/fields?name=vote&limit=2&after=${(first.body as { next: string }).next}`)
  expect(rest.body).toMatchObject({ fields: [{ service: 'vote-api', verb: 'writes' }] })
  expect((await at.get('/fields')).status).toBe(400)
  expect((await at.get('/fields?name=%00')).body).toEqual({ fields: [] })
})
