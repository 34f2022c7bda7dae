import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { type Api, createApi, pathTo } from '../../cli/api/client.ts'
import { Refused } from '../../cli/refused.ts'

/** A client for somebody who answers in any way. */
async function clientOf(answer: RequestListener, options: { timeoutMs?: number; token?: string } = {}): Promise<Api> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => server.close().closeAllConnections())
  const { port } = server.address() as AddressInfo
  return createApi({ url: `http://127.0.0.1:${port}`, timeoutMs: 5000, ...options })
}

async function refusalOf(api: Api): Promise<Refused> {
  const error: unknown = await api.get<{ answer: string }>('/api/x', 'answer').catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(Refused)
  return error as Refused
}

test('an answer is what stands in it, and a token is sent along', async () => {
  const api = await clientOf(
    ({ headers, url, method }, reply) =>
      void reply.end(JSON.stringify({ answer: [method, url, headers.authorization] })),
    { token: 'secret' },
  )
  expect(await api.get('/api/x', 'answer', { a: 'b&c', d: undefined })).toEqual({
    answer: ['GET', '/api/x?a=b%26c', 'Bearer secret'],
  })
})

test.each([
  [404, 'wrongUsage'],
  [422, 'wrongUsage'],
  [409, 'no'],
  [401, 'failed'],
  [503, 'failed'],
])('a problem with the status %i ends a command as %s, with its sentence', async (status, exit) => {
  const problem = { type: 'urn:x', title: 'X', status, detail: 'It is not there.', code: 'x.unknown', near: ['y'] }
  const api = await clientOf((_, reply) => void reply.writeHead(status).end(JSON.stringify(problem)))
  const refusal = await refusalOf(api)
  expect(refusal).toMatchObject({ exit, code: 'x.unknown', message: 'It is not there. Did you mean "y"?' })
  expect(JSON.parse(JSON.stringify(refusal))).toEqual({ error: 'x.unknown', message: refusal.message, near: ['y'] })
})

test.each([
  ['HTML', 200, '<html>'],
  ['another answer', 200, '{"other":1}'],
  ['a list', 200, '[]'],
  ['another error', 500, '{"error":"x"}'],
])('%s is nothing that a registry says', async (_, status, text) => {
  const api = await clientOf((__, reply) => void reply.writeHead(status).end(text))
  expect(await refusalOf(api)).toMatchObject({
    exit: 'failed',
    code: 'registry.not-understood',
    message: expect.stringContaining(`answered ${status} with something that no schema registry says`),
  })
})

test('an answer that does not come is not waited for', async () => {
  const api = await clientOf(() => {}, { timeoutMs: 100 })
  expect(await refusalOf(api)).toMatchObject({
    code: 'registry.unreachable',
    message: expect.stringContaining('(no answer within 0.1 s)'),
  })
})

test('an answer that never ends is not read to its end', async () => {
  const chunk = Buffer.alloc(4 * 1024 * 1024, ' ')
  const api = await clientOf((_, reply) => {
    const pour = (): void => {
      while (reply.write(chunk)) if (reply.destroyed) return
    }
    reply.on('drain', pour)
    pour()
  })
  expect(await refusalOf(api)).toMatchObject({ message: expect.stringMatching(/answers with more than \d+ bytes/) })
})

test('a token follows nobody elsewhere', async () => {
  const seen: string[] = []
  const api = await clientOf(
    ({ url }, reply) => {
      seen.push(url ?? '')
      reply.writeHead(302, { location: '/elsewhere' }).end()
    },
    { token: 'secret' },
  )
  expect(await refusalOf(api)).toMatchObject({ code: 'registry.unreachable' })
  expect(seen).toEqual(['/api/x'])
})

test('a name from outside is one step of a path, whatever it says', () => {
  expect(pathTo('channels', 'http:a GET /b/{}#200')).toBe('/api/channels/http%3Aa%20GET%20%2Fb%2F%7B%7D%23200')
  for (const step of ['', '.', '..']) expect(() => pathTo('services', step)).toThrow(Refused)
})
