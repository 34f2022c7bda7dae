import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import { expect, test } from 'vitest'
import { type Broken, serve } from '../../../producers/index.ts'
import { buildApp, FindVotes, PostVote } from './app.ts'

async function listen(
  fastify: FastifyServerOptions = {},
): Promise<{ app: FastifyInstance; port: number; told: Broken[] }> {
  const { app, told } = await buildApp([PostVote, FindVotes], {
    fastify,
    routes: (api) => {
      api.route(serve(PostVote, ({ body }) => ({ status: 201, body: { id: 1, option: body.option } })))
      api.route(
        serve(FindVotes, ({ headers }) => ({ status: 200, body: { votes: [headers['X-Request-Id']?.length ?? 0] } })),
      )
    },
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, port: (app.server.address() as AddressInfo).port, told }
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

test('over a socket, a body that breaks off is no fault of the service', async () => {
  const { app, port, told } = await listen()
  const socket = connect(port, '127.0.0.1')
  socket.write('POST /polls/pets/votes HTTP/1.1\r\nhost: here\r\ncontent-type: application/json\r\n')
  socket.write('transfer-encoding: chunked\r\n\r\n5\r\n{"opt\r\n')
  const [, response] = (await once(app.server, 'request')) as [IncomingMessage, ServerResponse]
  socket.destroy()
  await once(response, 'close')
  expect(told).toEqual([])
})

test.each([
  ['#', '/polls/pets/votes#limit=x', {}],
  ['# before ?', '/polls/pets/votes#tag=a&limit=x?limit=1', {}],
  ['?, and at no later #', '/polls/pets/votes?tag=a#&limit=x', {}],
  [';, where the router does', '/polls/pets/votes;limit=x', { useSemicolonDelimiter: true }],
])('a query begins for the guard where it does for Fastify: at %s', async (_, path, fastify) => {
  const { port, told } = await listen(fastify)
  expect((await answerOf(request({ port, path }).end())).status).toBe(400)
  expect(told).toMatchObject([{ side: 'request', findings: [{ at: '/query/limit' }] }])
})
