import { describe, expect, test } from 'vitest'
import { clientOf, FORMS } from '../api/own-registry.ts'
import { type SendTo, send } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

type Row = { readonly [name: string]: unknown }

const votes = {
  schemaType: 'JSON',
  schema: JSON.stringify({ type: 'object', properties: { option: { type: 'string' } } }),
}
const other = { schemaType: 'JSON', schema: JSON.stringify({ type: 'string' }) }
const register = 'POST /subjects/votes/versions'

function schemaOf(i: number) {
  return { schemaType: 'JSON', schema: JSON.stringify({ const: i }) }
}

async function rowsOf(client: ReturnType<typeof clientOf>, query = ''): Promise<Row[]> {
  const { body } = await client.get(`/audit${query}`)
  return (body as { audit: Row[] }).audit
}

describe.each(FORMS)('the audit on %s', (_form, make) => {
  test('has one row for each write, and none for what only reads or changes nothing', async () => {
    await using registry = await make()
    const client = clientOf(registry)
    await send(registry, register, votes)
    await send(registry, register, votes)
    await send(registry, 'POST /subjects/votes', votes)
    await send(registry, 'GET /subjects')
    await send(registry, 'PUT /config/votes', { compatibility: 'NONE' })
    await send(registry, `${register}?force=true`, other)
    await client.publish('tally', '1', { reads: [{ stream: 'votes', schema: { type: 'object' } }] })
    await client.record('tally', '1')
    await client.ask('tally', '1')
    const override = { service: 'tally', version: '1', environment: 'production', reason: 'we know', by: 'ops' }
    await client.post('/overrides', { ...override, expiresInSeconds: 60 })
    await send(registry, 'DELETE /subjects/votes')
    const rows = await rowsOf(client)
    expect(rows.map(({ action, outcome, details }) => [action, outcome, details])).toEqual([
      ['DELETE /subjects/votes', 'done', undefined],
      ['POST /api/overrides', 'done', { ...override, expiresInSeconds: 60 }],
      ['POST /api/environments/production/deployments', 'done', { service: 'tally', version: '1' }],
      ['POST /api/services/tally/versions/1/contracts', 'done', undefined],
      [register, 'done', { force: true }],
      ['PUT /config/votes', 'done', { compatibility: 'NONE' }],
      [register, 'done', undefined],
    ])
    expect(rows[0]).toEqual({
      id: 7,
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      who: 'local',
      credential: 'local',
      action: 'DELETE /subjects/votes',
      outcome: 'done',
      address: '127.0.0.1',
      requestId: expect.any(String),
      count: 1,
    })
  })

  test('says what was set, and for which instance', async () => {
    await using registry = await make()
    const client = clientOf(registry)
    await send(registry, 'PUT /mode', { mode: 'READWRITE' })
    await client.put('/environments/staging', { policy: 'strict' })
    await client.put('/services/tally', { mainBranch: 'trunk' })
    await client.put('/services/tally/versions/1', { branch: 'trunk' })
    await client.record('tally', '1', 'staging', { instance: 'a' })
    await client.remove('/environments/staging/deployments/tally?instance=a')
    expect((await rowsOf(client)).map(({ details }) => details)).toEqual([
      { instance: 'a' },
      { service: 'tally', version: '1', instance: 'a' },
      { branch: 'trunk' },
      { mainBranch: 'trunk' },
      { policy: 'strict' },
      { mode: 'READWRITE' },
    ])
  })

  test('says which token was made, and what for', async () => {
    await using registry = await make()
    const client = clientOf(registry)
    const wanted = { name: 'tally-ci', scopes: ['publish:tally'], expiresInSeconds: 60 }
    const { body } = await client.post('/tokens', wanted)
    const { id } = body as { id: string }
    await client.remove(`/tokens/${id}`)
    expect((await rowsOf(client)).map(({ action, details }) => [action, details])).toEqual([
      [`DELETE /api/tokens/${id}`, undefined],
      ['POST /api/tokens', { id, ...wanted }],
    ])
  })

  test('has a row for each of many registrations at once', async () => {
    await using registry = await make()
    await Promise.all(
      Array.from({ length: 40 }, (_, i) => send(registry, `POST /subjects/s${i % 20}-${i}/versions`, schemaOf(i))),
    )
    const rows = await rowsOf(clientOf(registry))
    expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 40 }, (_, i) => 40 - i))
    expect(new Set(rows.map(({ action }) => action)).size).toBe(40)
  })

  test('has no row for what turns out to be so already', async () => {
    await using registry = await make()
    const client = clientOf(registry)
    const same = Array.from({ length: 20 }, () => send(registry, register, votes))
    expect(new Set((await Promise.all(same)).map(({ status }) => status))).toEqual(new Set([200]))
    await client.publish('tally', '1', { reads: [{ stream: 'votes', schema: { type: 'object' } }] })
    for (const status of [201, 200, 200]) expect(await client.record('tally', '1')).toMatchObject({ status })
    const release = { service: 'tally', version: '1' }
    for (const status of [201, 200])
      expect(await client.post('/environments/production/releases', release)).toMatchObject({ status })
    expect((await rowsOf(client)).map(({ action }) => action)).toEqual([
      'POST /api/environments/production/releases',
      'POST /api/environments/production/deployments',
      'POST /api/services/tally/versions/1/contracts',
      register,
    ])
  })

  test('says what has been refused, once for each kind in a minute, and counts the rest', async () => {
    await using registry = await make()
    const client = clientOf(registry)
    await send(registry, register, votes)
    await send(registry, 'PUT /config/votes', { compatibility: 'FULL' })
    for (let i = 0; i < 5; i++) expect((await send(registry, register, other)).status).toBe(409)
    await send(registry, 'GET /subjects/none/versions')
    await expect
      .poll(() => rowsOf(client, '?outcome=refused'))
      .toMatchObject([{ action: register, who: 'local', status: 409, count: 1 }])
  })

  test('names what was done, however its path was written', async () => {
    await using registry = await make()
    for (const path of ['/%63onfig/votes', '/config/vote%73/', '/config/votes#x', '/config/votes?x=/'])
      expect((await send(registry, `PUT ${path}` as SendTo, { compatibility: 'NONE' })).status).toBe(200)
    await send(registry, 'PUT /config/a%2fb%20c:d', { compatibility: 'NONE' })
    const actions = new Set((await rowsOf(clientOf(registry))).map(({ action }) => action))
    expect([...actions]).toEqual(['PUT /config/a%2Fb%20c%3Ad', 'PUT /config/votes'])
  })

  test('is read page by page, and by who, what and when', async () => {
    await using registry = await make()
    const client = clientOf(registry)
    for (const subject of ['a', 'b', 'c']) await send(registry, `POST /subjects/${subject}/versions`, votes)
    const { body } = await client.get('/audit?limit=2')
    const { audit, next } = body as { audit: Row[]; next: string }
    expect(audit.map(({ id }) => id)).toEqual([3, 2])
    expect((await rowsOf(client, `?limit=2&after=${next}`)).map(({ id }) => id)).toEqual([1])
    expect((await rowsOf(client, '?action=POST%20/subjects/b')).map(({ id }) => id)).toEqual([2])
    expect(await rowsOf(client, '?who=somebody')).toEqual([])
    expect(await rowsOf(client, '?since=2100-01-01')).toEqual([])
    expect(await rowsOf(client, '?until=2100-01-01T00:00:00Z')).toHaveLength(3)
    for (const wrong of ['since=yesterday', 'until=2024-99-99', 'outcome=maybe', 'after=x'])
      expect((await client.get(`/audit?${wrong}`)).status).toBe(400)
  })
})

test('a refusal that is only told once more is not counted again', async () => {
  await using registry = await temporaryRegistry()
  await send(registry, register, votes)
  for (const _ of [1, 2, 3])
    expect((await send(registry, register, other, { 'idempotency-key': 'one' })).status).toBe(409)
  await registry.app.close()
  const rows = await registry.store.audit.latest({ outcome: 'refused' }, { limit: 10 })
  expect(rows.map(({ action, count }) => [action, count])).toEqual([[register, 1]])
})

test('a gate that cannot start what it is to start leaves a row, and one that is only asked leaves none', async () => {
  await using registry = await temporaryRegistry()
  const asked = { versions: [{ service: 'nobody', version: '1' }], to: 'production' }
  for (const start of [false, true])
    expect((await send(registry, 'POST /api/can-i-deploy', { ...asked, start })).status).toBe(404)
  await registry.app.close()
  const rows = await registry.store.audit.latest({ outcome: 'refused' }, { limit: 10 })
  expect(rows.map(({ action, status, count }) => [action, status, count])).toEqual([['POST /api/can-i-deploy', 404, 1]])
})

test('a token that somebody takes for its id is told by neither the refusal nor the audit', async () => {
  await using registry = await temporaryRegistry()
  const created = await send(registry, 'POST /api/tokens', { name: 'tally-ci', scopes: ['read'] })
  const { id, token } = created.body as { id: string; token: string }
  const refused = await send(registry, `DELETE /api/tokens/${token}`)
  expect(refused).toMatchObject({
    status: 404,
    body: { detail: expect.stringContaining(`"concordat_${id}_[redacted]"`) },
  })
  await registry.app.close()
  const rows = await registry.store.audit.latest({ outcome: 'refused' }, { limit: 10 })
  expect(rows.map(({ action }) => action)).toEqual([`DELETE /api/tokens/concordat_${id}_[redacted]`])
})

test('what comes too often is told by its route, so that nobody fills the audit with paths of their own', async () => {
  await using registry = await temporaryRegistry({ rates: { write: { most: 1, windowMs: 60_000 } } })
  for (const subject of ['a', 'b', 'c', 'd']) await send(registry, `DELETE /subjects/${subject}`)
  await registry.app.close()
  const rows = await registry.store.audit.latest({ outcome: 'refused' }, { limit: 10 })
  expect(rows.map(({ action, status, count }) => [action, status, count])).toEqual([
    ['DELETE /subjects/:subject', 429, 2],
    ['DELETE /subjects/:subject', 429, 1],
    ['DELETE /subjects/a', 404, 1],
  ])
})

test('a write whose row cannot be kept does not happen', async () => {
  await using registry = await temporaryRegistry()
  await send(registry, register, votes)
  // as a registry that has lost its table would be
  await registry.store.write(async ({ audit }) => audit.append([])).catch(() => undefined)
  const { DatabaseSync } = await import('node:sqlite')
  using database = new DatabaseSync(`${registry.folder}/concordat.db`)
  database.exec('ALTER TABLE audit RENAME TO audit_gone')
  expect((await send(registry, 'PUT /config/votes', { compatibility: 'NONE' })).status).toBe(500)
  expect((await send(registry, 'POST /subjects/more/versions', votes)).status).toBe(500)
  database.exec('ALTER TABLE audit_gone RENAME TO audit')
  expect((await send(registry, 'GET /config/votes')).status).toBe(404)
  expect((await send(registry, 'GET /subjects')).body).toEqual(['votes'])
})
