import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { FastifyInstance } from 'fastify'
import { expect, test } from 'vitest'
import { serve } from '../../../producers/index.ts'
import { buildApp, FindVotes, PostVote } from './app.ts'

async function listen(): Promise<{ app: FastifyInstance; port: number }> {
  const { app } = await buildApp([PostVote, FindVotes], {
    routes: (api) => {
      api.route(serve(PostVote, ({ body }) => ({ status: 201, body: { id: 1, option: body.option } })))
      api.route(
        serve(FindVotes, ({ headers }) => ({ status: 200, body: { votes: [headers['X-Request-Id']?.length ?? 0] } })),
      )
    },
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, port: (app.server.address() as AddressInfo).port }
}

async function answerOf(asked: ClientRequest): Promise<{ status: number | undefined; body: string }> {
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  return { status: answer.statusCode, body: await text(answer) }
}

test('over a socket, a header that Node would join or drop is seen twice', async () => {
  const { port } = await listen()
  const get = (headers: string[]) =>
    answerOf(request({ port, path: '/polls/pets/votes', headers: ['host', 'here', ...headers] }).end())
  expect(await get(['X-REQUEST-ID', 'abc'])).toEqual({ status: 200, body: '{"votes":[3]}' })
  expect((await get(['x-request-id', 'abc', 'X-Request-Id', 'd'])).status).toBe(400)
})

test('over a socket, a body in many pieces is read as one', async () => {
  const { port } = await listen()
  const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }
  const asked = request({ port, path: '/polls/pets/votes', method: 'POST', headers })
  for (const byte of Buffer.from('{"option":"dogs"}')) asked.write(Buffer.of(byte))
  expect(await answerOf(asked.end())).toEqual({ status: 201, body: '{"id":1,"option":"dogs"}' })
})
