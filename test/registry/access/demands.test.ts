import { expect, test } from 'vitest'
import { fields, TEXT } from '../api/own-registry.ts'
import { register, type Sent, send, sentSchema } from '../send.ts'
import { ADMIN, bearing, guarded } from './guarded.ts'

const OPTION = fields({ option: TEXT })
const contracts = (subject?: string) => ({
  writes: [{ stream: 'votes', schema: OPTION, ...(subject !== undefined && { subject }) }],
})

test("no service's CI can publish as another", async () => {
  await using registry = await guarded()
  const tally = await bearing(registry, ['publish:tally', 'deploy:*'], { name: 'tally-ci' })
  const own = 'POST /api/services/tally/versions/1/contracts'
  const others = 'POST /api/services/vote-api/versions/1/contracts'
  expect((await send(registry, own, contracts(), tally)).status).toBe(201)
  expect(await send(registry, others, contracts(), tally)).toMatchObject({
    status: 403,
    type: 'application/problem+json',
    body: {
      code: 'access.denied',
      detail:
        '"tally-ci" may not do this: it needs the scope publish:vote-api, and has publish:tally, deploy:*: send a token that has it.',
    },
  })
  for (const way of ['PUT /api/services/vote-api', 'PUT /api/services/vote-api/versions/1'] as const)
    expect((await send(registry, way, {}, tally)).status).toBe(403)
  // Neither as one that is named almost so, or that its path names in other letters.
  for (const name of ['tally2', 'Tally', 'tall%79-', 'tally%2F', '%74ally%00'])
    expect(await send(registry, `PUT /api/services/${name}/versions/1`, {}, tally)).toMatchObject({ status: 403 })
  expect((await send(registry, 'GET /api/services', undefined, tally)).body).toMatchObject({
    services: [{ name: 'tally' }],
  })
})

test("no service's CI can say that its service serves what another one's name stands for", async () => {
  await using registry = await guarded()
  const tally = await bearing(registry, ['publish:tally'])
  const says = (channel: string, direction: string) =>
    send(
      registry,
      'POST /api/services/tally/versions/1/contracts',
      { contracts: [{ channel, direction, schema: { type: 'object' } }] },
      tally,
    )
  for (const [part, direction] of [
    ['request', 'reads'],
    ['200', 'writes'],
  ] as const)
    expect(await says(`http:vote-api POST /vote#${part}`, direction)).toMatchObject({
      status: 400,
      body: {
        at: '/contracts/0',
        detail:
          'The request is refused: it says that "tally" serves an operation of "vote-api": only "vote-api" itself says so.',
      },
    })
  expect((await says('http:tally POST /vote#request', 'reads')).status).toBe(201)
})

test('a contract that is to become a version of a subject needs the right to register there', async () => {
  await using registry = await guarded()
  const publish = 'POST /api/services/tally/versions/1/contracts'
  const tally = await bearing(registry, ['publish:tally', 'register:tally.*'])
  expect(await send(registry, publish, contracts('votes'), tally)).toMatchObject({
    status: 403,
    body: { detail: expect.stringContaining('it needs the scope register:votes,') },
  })
  expect((await send(registry, 'GET /api/services', undefined, tally)).body).toEqual({ services: [] })
  expect((await send(registry, publish, contracts('tally.votes'), tally)).status).toBe(201)
})

test('a read token writing is refused in the form of each surface', async () => {
  await using registry = await guarded()
  const reading = await bearing(registry, ['read'])
  expect(await send(registry, 'POST /subjects/votes/versions', sentSchema({}), reading)).toMatchObject({
    status: 403,
    type: 'application/vnd.schemaregistry.v1+json',
    body: { error_code: 40301, message: expect.stringContaining('register:votes') },
  })
  expect((await send(registry, 'GET /subjects', undefined, reading)).body).toEqual([])
  expect((await send(registry, 'PUT /config', { compatibility: 'NONE' }, reading)).status).toBe(403)
})

test('to register by force needs the right to override everything', async () => {
  await using registry = await guarded()
  const force = async (scopes: readonly string[]) => {
    const headers = await bearing(registry, scopes)
    const text = JSON.stringify({ type: 'string', title: scopes.join() })
    return (await send(registry, 'POST /subjects/votes/versions?force=true', sentSchema(text), headers)).status
  }
  expect(await force(['register:votes'])).toBe(403)
  expect(await force(['register:votes', 'override:production'])).toBe(403)
  expect(await force(['override:*'])).toBe(403)
  expect(await force(['register:votes', 'override:*'])).toBe(200)
  expect(await force(['admin'])).toBe(200)
})

test('to start, to give up and to wave through is for who may do so in that environment', async () => {
  await using registry = await guarded()
  for (const environment of ['staging', 'production'])
    await send(registry, `PUT /api/environments/${environment}`, {}, ADMIN)
  await send(registry, 'POST /api/services/tally/versions/1/contracts', contracts(), ADMIN)
  const staging = await bearing(registry, ['deploy:staging', 'override:staging'])

  expect((await send(registry, 'POST /api/can-i-deploy', start('production'), staging)).status).toBe(200)
  const refused = await send(registry, 'POST /api/can-i-deploy', start('production', { start: true }), staging)
  expect(refused).toMatchObject({ status: 403, body: { detail: expect.stringContaining('deploy:production') } })
  const here = reservationIn(await send(registry, 'POST /api/can-i-deploy', start('staging', { start: true }), staging))
  const there = reservationIn(
    await send(registry, 'POST /api/can-i-deploy', start('production', { start: true }), ADMIN),
  )
  const giveUp = async (id: number, headers: object) =>
    (await send(registry, `DELETE /api/reservations/${id}`, undefined, headers)).status
  expect([await giveUp(there, staging), await giveUp(here, staging)]).toEqual([403, 200])
  // The refusal has changed nothing.
  expect(await giveUp(there, ADMIN)).toBe(200)

  const override = { service: 'tally', version: '1', reason: 'now', by: 'kim', expiresInSeconds: 60 }
  const wave = (environment: string, headers: object) =>
    send(registry, 'POST /api/overrides', { ...override, environment }, headers)
  expect((await wave('production', staging)).status).toBe(403)
  const [away, near] = [idIn(await wave('production', ADMIN)), idIn(await wave('staging', staging))]
  const end = async (id: number, headers: object) =>
    (await send(registry, `DELETE /api/overrides/${id}`, undefined, headers)).status
  expect([await end(away, staging), await end(near, staging), await end(away, ADMIN)]).toEqual([403, 200, 200])
})

function start(to: string, more = {}): object {
  return { versions: [{ service: 'tally', version: '1' }], to, ...more }
}

function idIn({ body }: Sent): number {
  return (body as { readonly id: number }).id
}

function reservationIn({ body }: Sent): number {
  const [reservation] = (body as { readonly reservation: readonly { readonly id: number }[] }).reservation
  return reservation?.id ?? 0
}

test('who may read without a token may not do more, and is told that a token is missing', async () => {
  await using registry = await guarded({ anonymousReads: true })
  expect((await register({ app: registry.app }, 'votes', {})).status).toBe(401)
  expect((await send(registry, 'GET /subjects')).status).toBe(200)
  expect((await send(registry, 'GET /api/audit')).status).toBe(401)
  const starting = { versions: [{ service: 'tally', version: '1' }], to: 'staging', start: true }
  expect(await send(registry, 'POST /api/can-i-deploy', starting)).toMatchObject({
    status: 401,
    headers: { 'www-authenticate': 'Bearer realm="concordat"' },
    body: { code: 'access.unauthenticated', detail: expect.stringContaining('deploy:staging') },
  })
})
