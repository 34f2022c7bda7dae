import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { securityHeaders } from '../../registry/headers.ts'
import { listen } from '../../registry/server.ts'
import { temporaryRegistry } from './temporary.ts'

const HEADERS = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
}

/** What would tell which software answers, or what is for TLS alone. */
const NOT_SAID = ['server', 'x-powered-by', 'via', 'strict-transport-security']

const QUICK = { headersTimeoutMs: 200, requestTimeoutMs: 300, checkingIntervalMs: 50, bodyBytes: 1000, nameLength: 100 }

describe('every answer carries the headers once', () => {
  let registry: Awaited<ReturnType<typeof temporaryRegistry>>
  let url: string
  beforeAll(async () => {
    registry = await temporaryRegistry({ limits: QUICK })
    url = await listen(registry.app, { host: '127.0.0.1', port: 0 })
  })
  afterAll(() => registry[Symbol.asyncDispose]())

  test.each([
    ['a health check', 'GET /health', 200],
    ['a list', 'GET /subjects', 200],
    ['a problem', 'GET /api/services/none', 404],
    ['a list that is written as it comes', 'GET /schemas', 200],
    ['a route that is not there', 'GET /nowhere', 404],
    ['a route that is not there on /api', 'GET /api/nowhere', 404],
    ['a method that is not there', 'PATCH /subjects', 404],
    ['OPTIONS', 'OPTIONS /subjects', 404],
    ['a path that cannot be decoded', 'GET /subjects/%zz', 400],
    ['a name that is too long', `GET /subjects/${'a'.repeat(101)}/versions`, 414],
    ['HTTP without a host', 'GET /health without', 400],
    ['an expectation that nobody can meet', 'GET /health expecting', 417],
    ['no HTTP', 'nonsense', 400],
    ['huge headers', 'GET /health huge', 431],
    ['headers that never end', 'GET /health slow', 408],
    ['a body that never ends', 'POST /subjects/votes/versions slow', 408],
    ['a body that is too large', 'POST /subjects/votes/versions large', 413],
    ['a body of no known type', 'POST /subjects/votes/versions typed', 415],
    ['a body that is no JSON', 'POST /subjects/votes/versions broken', 400],
  ])('to %s', async (_what, asked, status) => {
    const { head, headers } = await exchange(url, bytesOf(asked))
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(headers).toMatchObject(Object.fromEntries(Object.entries(HEADERS).map(([name, value]) => [name, [value]])))
    expect(NOT_SAID.filter((name) => name in headers)).toEqual([])
  })
})

describe.each([
  ['this release of Node', undefined],
  ['a release that has lost what it never documented', null],
])('in %s', (_release, storeHeader) => {
  test.each<[string, (response: ServerResponse) => void]>([
    ['all at once', (response) => response.writeHead(200, { 'content-security-policy': OF_A_PAGE })],
    ['one by one', (response) => response.setHeader('Content-Security-Policy', OF_A_PAGE)],
  ])('a page that sets its headers %s names its own policy in the place of ours', async (_how, setHeaders) => {
    const { response: ServerResponse } = securityHeaders(false, storeHeader)
    await using server = createServer({ ServerResponse }, (_request, response) => {
      setHeaders(response)
      response.end()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { headers } = await exchange(`http://127.0.0.1:${port}`, bytesOf('GET /'))
    expect(headers).toMatchObject({ 'content-security-policy': [OF_A_PAGE], 'x-frame-options': ['DENY'] })
  })
})

test('over TLS, browsers are told to come that way only', () => {
  expect(securityHeaders(true).lines).toContain('\r\nstrict-transport-security: max-age=31536000\r\n')
})

const OF_A_PAGE = "default-src 'self'"

const POST = 'Host: localhost\r\nContent-Type: application/json\r\n'

/** The request that a line stands for, with what its last word says is wrong with it. */
function bytesOf(asked: string): string {
  const [method = '', path = '', wrong = ''] = asked.split(' ')
  const line = `${method} ${path} HTTP/1.1\r\n`
  const bodies: { readonly [wrong: string]: string } = {
    slow: `${POST}Content-Length: 9\r\n\r\n{`,
    large: `${POST}Content-Length: 2000\r\nConnection: close\r\n\r\n${'a'.repeat(2000)}`,
    typed: `Host: localhost\r\nContent-Type: image/png\r\nContent-Length: 1\r\nConnection: close\r\n\r\n.`,
    broken: `${POST}Content-Length: 1\r\nConnection: close\r\n\r\n{`,
  }
  if (method === 'POST') return line + (bodies[wrong] ?? '')
  const others: { readonly [wrong: string]: string } = {
    without: `${line}\r\n`,
    expecting: `${line}Host: localhost\r\nExpect: the impossible\r\nConnection: close\r\n\r\n`,
    huge: `${line}Host: localhost\r\nA: ${'a'.repeat(20_000)}\r\n\r\n`,
    slow: `${line}Host: localhost\r\n`,
  }
  if (path === '') return `${method}\r\n\r\n`
  return others[wrong] ?? `${line}Host: localhost\r\nConnection: close\r\n\r\n`
}

/** Sends bytes, and tells the head of what is answered: each header with all its values. */
async function exchange(url: string, bytes: string) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => socket.destroy())
  socket.write(bytes)
  const [head = ''] = (await text(socket)).split('\r\n\r\n')
  const headers: Record<string, string[]> = {}
  for (const line of head.split('\r\n').slice(1)) {
    const [name = '', ...value] = line.split(': ')
    ;(headers[name.toLowerCase()] ??= []).push(value.join(': '))
  }
  return { head, headers }
}
