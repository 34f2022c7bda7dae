import { expect, test } from 'vitest'
import { buildServer } from '../../registry/server.ts'
import { openPostgresStore } from '../../registry/store/postgres/open.ts'
import { register, send } from '../registry/send.ts'
import { startPostgres } from '../support/postgres.ts'
import { waitFor } from '../support/wait-for.ts'

test('a registry whose database goes away refuses politely, answers what it remembers, and comes back by itself', async () => {
  await using postgres = await startPostgres()
  await using store = await openPostgresStore({ url: postgres.url, acquireTimeoutMs: 2000 })
  const app = buildServer({ store })
  await using _ = { [Symbol.asyncDispose]: () => app.close() }
  await register({ app }, 'votes', '{"type":"object"}')
  const known = await send({ app }, 'GET /schemas/ids/1')

  await postgres.stop('KILL')
  const refused = await register({ app }, 'votes', '{"type":"object","title":"more"}')
  expect(refused).toMatchObject({ status: 503, body: { error_code: 50001 } })
  expect(refused.headers['retry-after']).toMatch(/^\d+$/)
  expect(await send({ app }, 'GET /schemas/ids/1')).toMatchObject({ status: 200, text: known.text })
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
