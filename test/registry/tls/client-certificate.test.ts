import { once } from 'node:events'
import { Socket } from 'node:net'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { expect, onTestFinished, test, vi } from 'vitest'
import { namesOf } from '../../../registry/tls/client-certificate.ts'
import { type Certificate, createAuthority, inDays, type Wanted } from '../../support/certificates.ts'

const authority = createAuthority()
const other = createAuthority('Others')

test.each<[string, Wanted, readonly string[]]>([
  ['a common name alone', { commonName: 'vote-api' }, ['cn:vote-api']],
  [
    'all kinds of names, the surest first',
    {
      commonName: 'vote-api',
      dns: ['vote-api.svc', 'votes.example.com'],
      addresses: ['10.0.0.1'],
      uris: ['spiffe://cluster/ns/voting/sa/vote-api'],
    },
    ['uri:spiffe://cluster/ns/voting/sa/vote-api', 'dns:vote-api.svc', 'dns:votes.example.com', 'cn:vote-api'],
  ],
  ['a name that looks like two', { dns: ['a, DNS:admin', 'b'], uris: ['x", URI:y'] }, ['dns:b', 'cn:someone']],
  ['a name with an end in it', { dns: ['admin\0.example.com'], commonName: 'x' }, ['cn:x']],
  ['a name beyond ASCII', { uris: ['spiffe://c/é'], commonName: 'é' }, ['cn:é']],
])('answers for %s what the certificate says', async (_what, wanted, names) => {
  await using shown = await show(authority.issue(wanted))
  expect(namesOf(shown.socket)).toEqual(names)
})

test('answers the same list for each request of a connection', async () => {
  await using shown = await show(authority.issue({ commonName: 'vote-api' }))
  expect(namesOf(shown.socket)).toBe(namesOf(shown.socket))
})

test('knows no names of a client whose certificate has ended while its connection stood', async () => {
  await using shown = await show(authority.issue({ commonName: 'vote-api', until: inDays(2) }))
  expect(namesOf(shown.socket)).toEqual(['cn:vote-api'])
  vi.useFakeTimers({ toFake: ['Date'], now: inDays(3) })
  onTestFinished(() => void vi.useRealTimers())
  expect(namesOf(shown.socket)).toEqual([])
})

test.each<[string, Certificate | undefined]>([
  ['who shows no certificate', undefined],
  ['who has one from somebody else', other.issue({ commonName: 'admin' })],
  ['whose certificate has ended', authority.issue({ commonName: 'admin', from: inDays(-9), until: inDays(-1) })],
  ['whose certificate does not hold yet', authority.issue({ commonName: 'admin', from: inDays(1) })],
  ['who signed it alone', createAuthority('Tests').issue({ commonName: 'admin' })],
])('knows no names of a client %s', async (_who, certificate) => {
  await using shown = await show(certificate)
  expect(namesOf(shown.socket)).toEqual([])
})

test('knows a client by the same names when it takes up its session again', async () => {
  await using server = await serve()
  const certificate = authority.issue({ commonName: 'vote-api', uris: ['spiffe://c/vote-api'] })
  const first = await server.connect(certificate)
  const [session] = await once(first.client, 'session')
  first.client.destroy()
  const second = await server.connect(certificate, session)
  expect(second.client.isSessionReused()).toBe(true)
  expect(namesOf(second.socket)).toEqual(['uri:spiffe://c/vote-api', 'cn:vote-api'])
})

test('knows a client that it did not trust no better when it takes up its session again', async () => {
  await using server = await serve()
  const certificate = other.issue({ commonName: 'admin' })
  const first = await server.connect(certificate)
  const [session] = await once(first.client, 'session')
  const second = await server.connect(certificate, session)
  expect(second.client.isSessionReused()).toBe(true)
  expect(namesOf(second.socket)).toEqual([])
})

test('knows no names of a connection without TLS', () => {
  expect(namesOf(new Socket())).toEqual([])
})

type Shown = AsyncDisposable & { readonly socket: TLSSocket }

async function show(certificate: Certificate | undefined): Promise<Shown> {
  const server = await serve()
  const { socket } = await server.connect(certificate)
  return { socket, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

/** A TLS server that asks for certificates and lets everybody in. */
async function serve() {
  const own = authority.issue({ dns: ['localhost'] })
  const server = createServer({ ...own, ca: authority.cert, requestCert: true, rejectUnauthorized: false })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const sockets = new DisposableStack()
  return {
    connect: async (certificate: Certificate | undefined, session?: Buffer) => {
      const accepted = once(server, 'secureConnection')
      const options = { port, host: '127.0.0.1', servername: 'localhost', ca: authority.cert }
      const client = connect({ ...options, ...certificate, ...(session && { session }) })
      sockets.defer(() => client.destroy())
      const [socket] = (await accepted) as [TLSSocket]
      sockets.defer(() => socket.destroy())
      socket.write('.')
      client.resume()
      return { client, socket }
    },
    [Symbol.asyncDispose]: async () => {
      sockets.dispose()
      await server[Symbol.asyncDispose]()
    },
  }
}
