import { describe, expect, test } from 'vitest'
import { clientOf, deployed, done, FORMS, fields, OPTION, TEXT } from './own-registry.ts'

const VOTE = fields({ vote: TEXT })
const OTHER = fields({ option: OPTION })
const writes = (schema: object, more = {}) => ({ branch: 'main', writes: [{ stream: 'votes', schema, ...more }] })
const reads = (schema: object) => ({ reads: [{ stream: 'votes', schema }] })

describe.each(FORMS)('deleting, on %s', (_form, make) => {
  test('a service that runs nowhere goes with all that was recorded of it, and may come again as another', async () => {
    await using registry = await make()
    const at = clientOf(registry)
    await deployed(at, 'vote-api', '1', writes(VOTE))
    await deployed(at, 'tally', '1', reads(VOTE))
    const override = { environment: 'production', reason: 'agreed', by: 'kim', expiresInSeconds: 60 }
    done(await at.post('/overrides', { ...override, service: 'vote-api', version: '1' }))
    expect(await at.remove('/services/vote-api')).toMatchObject({
      status: 409,
      body: { code: 'service.in-use', detail: expect.stringContaining('it runs in production') },
    })
    done(await at.remove('/environments/production/deployments/vote-api'))
    expect(await at.remove('/services/vote-api')).toMatchObject({ status: 200, body: { name: 'vote-api' } })
    expect(await at.get('/services/vote-api')).toMatchObject({ status: 404, body: { code: 'service.unknown' } })
    expect(await at.remove('/services/vote-api')).toMatchObject({ status: 404 })
    expect((await at.get('/channels')).body).toEqual({
      channels: [{ channel: 'stream:votes', writes: [], reads: ['tally'] }],
    })
    expect((await at.get('/environments/production/history?service=vote-api')).body).toEqual({ deployments: [] })
    expect((await at.get('/overrides?all=true')).body).toEqual({ overrides: [] })
    expect((await at.get('/fields?name=vote')).body).toMatchObject({ fields: [{ service: 'tally' }] })
    expect((await at.get('/services')).body).toMatchObject({ services: [{ name: 'tally' }] })
    expect(await at.publish('vote-api', '1', writes(OTHER))).toMatchObject({ status: 201 })
    expect((await at.ask('vote-api', '1')).body).toMatchObject({ answer: 'no', stops: [{ reason: 'incompatible' }] })
  })

  test('a service that is out, is being rolled out, or whose messages are kept, stays', async () => {
    await using registry = await make()
    const at = clientOf(registry)
    done(await at.publish('vote-api', '1', writes(VOTE, { keepsMs: 3_600_000 })))
    const refusedFor = async (reason: string) =>
      expect(await at.remove('/services/vote-api')).toMatchObject({
        status: 409,
        body: { detail: expect.stringContaining(reason) },
      })
    const version = { service: 'vote-api', version: '1' }
    const started = await at.post('/can-i-deploy', { versions: [version], to: 'test', start: true })
    await refusedFor('it is being rolled out in test')
    done(await at.post('/environments/test/releases', version))
    await refusedFor('it runs in test')
    done(await at.remove('/environments/test/releases/vote-api/latest'))
    const { reservation } = started.body as { reservation: { id: number }[] }
    done(await at.remove(`/reservations/${reservation[0]?.id}`))
    await refusedFor('what it wrote is kept until 20')
  })

  test('an environment in which nothing runs goes with its overrides, and its history comes back with its name', async () => {
    await using registry = await make()
    const at = clientOf(registry)
    done(await at.put('/environments/staging', { policy: 'strict' }))
    await deployed(at, 'tally', '1', reads(VOTE), 'staging')
    const override = { service: 'tally', version: '1', environment: 'staging', reason: 'agreed', by: 'kim' }
    done(await at.post('/overrides', { ...override, expiresInSeconds: 60 }))
    const refused = {
      status: 409,
      body: { code: 'environment.in-use', detail: expect.stringContaining('tally 1 runs') },
    }
    expect(await at.remove('/environments/staging')).toMatchObject(refused)
    done(await at.remove('/environments/staging/deployments/tally'))
    done(await at.post('/can-i-deploy', { versions: [{ service: 'tally', version: '1' }], to: 'staging', start: true }))
    const { reservations } = (await at.get('/environments/staging')).body as { reservations: { id: number }[] }
    expect(await at.remove('/environments/staging')).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('tally 1 is being rolled out') },
    })
    done(await at.remove(`/reservations/${reservations[0]?.id}`))
    expect(await at.remove('/environments/staging')).toMatchObject({ status: 200, body: { policy: 'strict' } })
    expect(await at.ask('tally', '1', 'staging')).toMatchObject({ status: 404, body: { code: 'environment.unknown' } })
    expect(await at.remove('/environments/staging')).toMatchObject({ status: 404 })
    done(await at.put('/environments/staging', {}))
    expect((await at.get('/environments/staging')).body).toMatchObject({ policy: 'as-declared' })
    expect((await at.get('/environments/staging/history')).body).toMatchObject({ deployments: [{ service: 'tally' }] })
    expect((await at.get('/overrides')).body).toEqual({ overrides: [] })
  })

  test('what is there without anybody having made it stays', async () => {
    await using registry = await make()
    const at = clientOf(registry)
    done(await at.put('/environments/test', { policy: 'strict' }))
    expect(await at.remove('/environments/test')).toMatchObject({
      status: 409,
      body: { code: 'environment.built-in', detail: expect.stringContaining('"test"') },
    })
    expect((await at.get('/environments/test')).body).toMatchObject({ policy: 'strict' })
  })
})
