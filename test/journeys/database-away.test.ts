import { expect, test } from 'vitest'
import { createCredential } from '../../registry/access/tokens.ts'
import { buildServer } from '../../registry/server.ts'
import { openPostgresStore } from '../../registry/store/postgres/open.ts'
import { register, send } from '../registry/send.ts'
import { startPostgres } from '../support/postgres.ts'
import { waitFor } from '../support/wait-for.ts'

test('a registry whose database goes away refuses politely, answers what it remembers to whom it remembers, and comes back by itself', async () => {
  await using postgres = await startPostgres()
  await using store = await openPostgresStore({ url: postgres.url, acquireTimeoutMs: 2000 })
  const app = buildServer({ store })
  await using _ = { [Symbol.asyncDispose]: () => app.close() }
  await register({ app }, 'votes', '{"type":"object"}')
  // As if what it knows of the token were too old to go by.
  let elapsed = 0
  const guarded = buildServer({ store, access: { mode: 'tokens', now: () => performance.now() + elapsed } })
  await using __ = { [Symbol.asyncDispose]: () => guarded.close() }
  const { token } = await createCredential(store, { name: 'tally', scopes: ['read'] }, { by: 'the test' })
  const bearer = { authorization: `Bearer ${token}` }
  expect((await send({ app: guarded }, 'GET /schemas/ids/1', undefined, bearer)).status).toBe(200)
  const known = await send({ app }, 'GET /schemas/ids/1')

  await postgres.stop('KILL')
  const refused = await register({ app }, 'votes', '{"type":"object","title":"more"}')
  expect(refused).toMatchObject({ status: 503, body: { error_code: 50001 } })
  expect(refused.headers['retry-after']).toMatch(/^\d+$/)
  expect(await send({ app }, 'GET /schemas/ids/1')).toMatchObject({ status: 200, text: known.text })
  elapsed = 6000
  expect((await send({ app: guarded }, 'GET /schemas/ids/1', undefined, bearer)).status).toBe(200)
  elapsed = 400_000
  expect((await send({ app: guarded }, 'GET /schemas/ids/1', undefined, bearer)).status).toBe(503)
  expect((await send({ app }, 'GET /health')).status).toBe(200)
  expect(await send({ app }, 'GET /ready')).toMatchObject({ status: 503, body: { error: 'Database unavailable' } })

  await postgres.start()
  await waitFor('the registry to be ready', async () => (await send({ app }, 'GET /ready')).status === 200, 10_000)
  expect(await register({ app }, 'votes', '{"type":"object","title":"more"}')).toMatchObject({
    status: 200,
    body: { id: 2, version: 2 },
  })
  expect((await send({ app }, 'GET /subjects/votes/versions')).body).toEqual([1, 2])
})
