import { describe, expect, test } from 'vitest'
import { clientOf, done, FORMS } from './own-registry.ts'

describe.each(FORMS)('what runs where, on %s', (_form, make) => {
  test('there are test and production, others are made, and what is given of one is changed', async () => {
    await using registry = await make()
    const { get, put } = clientOf(registry)
    const [production, testing] = [
      { name: 'production', production: true, policy: 'as-declared' },
      { name: 'test', production: false, policy: 'as-declared' },
    ]
    expect((await get('/environments')).body).toEqual({ environments: [production, testing] })
    expect(await put('/environments/staging', {})).toMatchObject({ status: 201, body: { production: false } })
    expect(await put('/environments/production', { policy: 'strict' })).toMatchObject({
      status: 200,
      body: { production: true, policy: 'strict' },
    })
    expect((await get('/environments')).body).toMatchObject({
      environments: [{ policy: 'strict' }, { name: 'staging' }, testing],
    })
    expect((await put('/environments/a%20b', {})).body).toMatchObject({ code: 'name.invalid' })
    expect((await put('/environments/a', { policy: 'lenient' })).body).toMatchObject({
      code: 'request.malformed',
      at: '/policy',
    })
  })

  test('a deployment replaces the one in its slot, is idempotent, and can end; all of it stays in the history', async () => {
    await using registry = await make()
    const { get, record, publish, remove } = clientOf(registry)
    for (const version of ['1', '2']) done(await publish('tally', version, { reads: [] }))
    const first = await record('tally', '1')
    expect(first).toMatchObject({
      status: 201,
      body: { deployment: { kind: 'deployment', version: '1' }, ended: [], closed: [] },
    })
    expect(await record('tally', '1')).toMatchObject({ status: 200, body: { ended: [] } })
    expect(await record('tally', '1', 'production', { instance: 'eu' })).toMatchObject({
      status: 201,
      body: { ended: [] },
    })
    expect(await record('tally', '2')).toMatchObject({
      status: 201,
      body: { ended: [{ version: '1', endedAt: expect.any(String) }] },
    })
    expect((await get('/environments/production')).body).toMatchObject({
      deployments: [{ version: '1', instance: 'eu' }, { version: '2' }],
    })
    expect(await remove('/environments/production/deployments/tally?instance=eu')).toMatchObject({
      status: 200,
      body: { ended: [{ instance: 'eu' }] },
    })
    expect(await remove('/environments/production/deployments/tally?instance=eu')).toMatchObject({
      status: 404,
      body: { code: 'deployment.unknown' },
    })
    const history = await get('/environments/production/history?service=tally&limit=2')
    expect(history.body).toMatchObject({ deployments: [{ version: '2' }, { version: '1', instance: 'eu' }] })
    const { next } = history.body as { next: string }
    expect((await get(`/environments/production/history?after=${next}`)).body).toMatchObject({
      deployments: [{ version: '1' }],
    })
    expect((await get('/services/tally/versions/2')).body).toMatchObject({ environments: ['production'] })
  })

  test('releases stand side by side until their support ends', async () => {
    await using registry = await make()
    const { get, post, publish, remove } = clientOf(registry)
    for (const version of ['1', '2']) done(await publish('app', version, { reads: [] }))
    const release = (version: string) => post('/environments/production/releases', { service: 'app', version })
    expect(await release('1')).toMatchObject({ status: 201, body: { release: { kind: 'release' } } })
    expect(await release('1')).toMatchObject({ status: 200 })
    expect(await release('2')).toMatchObject({ status: 201 })
    expect(await remove('/environments/production/releases/app/1')).toMatchObject({ status: 200 })
    expect(await remove('/environments/production/releases/app/1')).toMatchObject({ status: 404 })
    expect((await get('/environments/production')).body).toMatchObject({
      deployments: [],
      releases: [{ version: '2' }],
    })
    expect(await release('1')).toMatchObject({ status: 201 })
  })

  test('what is not there cannot be recorded', async () => {
    await using registry = await make()
    const { record, publish } = clientOf(registry)
    done(await publish('tally', '1', { reads: [] }))
    expect((await record('tall', '1')).body).toMatchObject({ status: 404, code: 'service.unknown', near: ['tally'] })
    expect((await record('tally', '2')).body).toMatchObject({ status: 404, code: 'service-version.unknown' })
    expect((await record('tally', '1', 'prod')).body).toMatchObject({ status: 404, code: 'environment.unknown' })
    expect((await record('tally', '1', 'test', { instance: '' })).body).toMatchObject({ status: 400 })
  })

  test('of two deployments to a slot at once, one replaces the other', async () => {
    await using registry = await make()
    const { get, record, publish } = clientOf(registry)
    for (const version of ['1', '2', '3']) done(await publish('tally', version, { reads: [] }))
    const sent = await Promise.all(['1', '2', '3'].map((version) => record('tally', version)))
    expect(sent.map(({ status }) => status)).toEqual([201, 201, 201])
    const { deployments } = (await get('/environments/production')).body as { deployments: unknown[] }
    expect(deployments).toHaveLength(1)
    const history = (await get('/environments/production/history')).body as { deployments: { endedAt?: string }[] }
    expect(history.deployments.filter(({ endedAt }) => endedAt === undefined)).toHaveLength(1)
  })
})
