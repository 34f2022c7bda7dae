import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { Type } from '@sinclair/typebox'
import { endpoint } from '../../../contracts/index.ts'

/** One request as it came. */
export type Seen = {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export type TestServer = AsyncDisposable & {
  readonly url: string
  readonly port: number
  /** All requests that have come whole, in their order. */
  readonly seen: readonly Seen[]
}

export type Answering = (response: ServerResponse, request: Seen, nth: number) => unknown

/** A real server on loopback that answers as it is told. */
export async function startServer(answer: Answering): Promise<TestServer> {
  const seen: Seen[] = []
  const server = createServer((request, response) => {
    // what a client that went away leaves behind is nobody's failure here
    response.on('error', () => undefined)
    void readBody(request).then((body) => {
      const { method = '', url = '', headers } = request
      const one = { method, url, headers, body }
      seen.push(one)
      return answer(response, one, seen.length)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stop = async (): Promise<void> => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  return { url: `http://127.0.0.1:${port}`, port, seen, [Symbol.asyncDispose]: stop }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** A server that does with a socket, once a request has come, what no HTTP server would. */
export async function startRawServer(answer: (socket: Socket) => unknown): Promise<TestServer> {
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    socket.once('data', () => answer(socket))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stop = async (): Promise<void> => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  return { url: `http://127.0.0.1:${port}`, port, seen: [], [Symbol.asyncDispose]: stop }
}

/** The voting example's operation, and one that only reads. */
export const PostVote = endpoint('PostVote', {
  provider: 'vote-api',
  method: 'POST',
  path: '/polls/{poll}/votes',
  request: {
    path: { poll: Type.String() },
    query: { dry: Type.Optional(Type.Boolean()), tag: Type.Optional(Type.Array(Type.String())) },
    headers: { 'X-Request': Type.Optional(Type.String()), 'x-tag': Type.Optional(Type.Array(Type.String())) },
    body: { option: Type.Union([Type.Literal('cats'), Type.Literal('dogs')]), weight: Type.Optional(Type.Integer()) },
  },
  responses: { 201: { id: Type.Integer() }, 409: { why: Type.String() } },
})

export const GetPoll = endpoint('GetPoll', {
  provider: 'vote-api',
  method: 'GET',
  path: '/polls/:poll',
  request: { path: { poll: Type.String() } },
  responses: { 200: { votes: Type.Integer() }, 304: null },
})

export const poll = { path: { poll: '12' } }
export const vote = { ...poll, query: {}, headers: {}, body: { option: 'dogs' } } as const
