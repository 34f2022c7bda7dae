import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { ConnectionOptions } from 'node:tls'
import { expect, onTestFinished, test, vi } from 'vitest'
import { listen, type ServerOptions } from '../../../registry/server.ts'
import { namesOf } from '../../../registry/tls/client-certificate.ts'
import type { TlsFiles } from '../../../registry/tls/files.ts'
import { openTls } from '../../../registry/tls/tls.ts'
import { type Certificate, createAuthority, inDays, type Wanted } from '../../support/certificates.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { waitFor } from '../../support/wait-for.ts'
import { temporaryRegistry } from '../temporary.ts'
import { ask, connectTo, mountSecrets, nameShownBy } from './connections.ts'

const authority = createAuthority()
const trusting = { ca: authority.cert }

test('speaks TLS 1.2 and 1.3, and nothing older', async () => {
  const { url } = await serveTls()
  expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
  const versions = await Promise.all([versionOf(url, 'TLSv1.3'), versionOf(url, 'TLSv1.2')])
  expect(versions).toEqual(['TLSv1.3', 'TLSv1.2'])
  await expect(versionOf(url, 'TLSv1.1')).rejects.toMatchObject({ code: expect.stringContaining('ERR_SSL') })
})

test('takes a key that a passphrase opens', async () => {
  const { url } = await serveTls({ passphrase: 'open sesame' }, { passphrase: 'open sesame' })
  expect(await ask(`${url}/health`, trusting)).toMatchObject({ status: 200 })
})

test('shows the whole chain, and takes the end of the first to end', async () => {
  const { cert, key } = issue({ until: inDays(90) })
  const root = createAuthority('Root', { until: inDays(30) })
  const { tls } = await serveTls({}, {}, { cert: cert + root.cert, key })
  expect(new Date(tls.expiresAt()).toDateString()).toBe(inDays(30).toDateString())
})

test('shows a new certificate once the files are others, and drops no connection', async () => {
  const { url, mounted, tls } = await serveTls({ commonName: 'first' })
  using standing = await connectTo(url, trusting)
  await mounted.swap(issue({ commonName: 'second', until: inDays(10) }))
  await waitFor('the new certificate', async () => (await nameShownBy(url, trusting)) === 'second')
  expect(new Date(tls.expiresAt()).toDateString()).toBe(inDays(10).toDateString())
  expect(standing.getPeerCertificate().subject.CN).toBe('first')
  expect(await healthOver(standing)).toContain('HTTP/1.1 200 OK')
})

test('shows a new certificate at once when it is told to read it again', async () => {
  const { url, mounted, tls } = await serveTls({ commonName: 'first' }, { lookMs: 60_000 })
  await mounted.swap(issue({ commonName: 'second' }))
  await tls.reread()
  expect(await nameShownBy(url, trusting)).toBe('second')
})

test.each<[string, (next: Certificate) => Certificate, string]>([
  ['half a certificate', ({ cert, key }) => ({ cert: cert.slice(0, 200), key }), 'TLS_CERT_FILE'],
  ['a certificate that is none', ({ key }) => ({ cert: PEM_OF_NOTHING, key }), 'TLS_CERT_FILE'],
  ['an empty key', ({ cert }) => ({ cert, key: '' }), 'TLS_KEY_FILE'],
  ['the key of another one', ({ cert }) => ({ cert, key: issue().key }), 'TLS_KEY_FILE'],
])('goes on with the old one while there is %s, says so once, and takes the next', async (_what, spoil, setting) => {
  const { url, mounted, said } = await serveTls({ commonName: 'first' })
  const next = issue({ commonName: 'second' })
  await mounted.swap(spoil(next))
  await waitFor('the complaint', () => said.some(({ level }) => level === 'error'))
  expect(await nameShownBy(url, trusting)).toBe('first')
  await mounted.swap(next)
  await waitFor('the new certificate', async () => (await nameShownBy(url, trusting)) === 'second')
  expect(said.filter(({ level }) => level === 'error')).toEqual([
    { level: 'error', sentence: expect.stringContaining(`${setting} names "`) },
  ])
  expect(said[0]?.sentence).toMatch(
    /^TLS_\w+ names ".*", which cannot be used \(.*\)\. What was read before goes on\.$/,
  )
})

test('takes a certificate whose parts come one after the other', async () => {
  const { url, mounted, said } = await serveTls({ commonName: 'first' })
  const next = issue({ commonName: 'second' })
  await writeFile(mounted.certFile, next.cert)
  await waitFor('the complaint', () => said.length > 0)
  expect(await nameShownBy(url, trusting)).toBe('first')
  await writeFile(mounted.keyFile, next.key)
  await waitFor('the new certificate', async () => (await nameShownBy(url, trusting)) === 'second')
})

test('says when the certificate ends soon', async () => {
  const { said } = await serveTls({ until: inDays(5) })
  const reminder = await waitFor('the reminder', () => said[0])
  expect(reminder).toEqual({
    level: 'error',
    sentence: expect.stringMatching(/ ends in 4 days .*put a new one there\.$/),
  })
})

test.each<[string, Partial<TlsFiles>, string]>([
  [
    'no certificate there',
    { certFile: '/nowhere/tls.crt' },
    'TLS_CERT_FILE names "/nowhere/tls.crt", which cannot be used (ENOENT).',
  ],
  ['a folder for a certificate', { certFile: '/' }, 'TLS_CERT_FILE names "/", which cannot be used (it is no file).'],
  [
    'no key there',
    { keyFile: '/nowhere/tls.key' },
    'TLS_KEY_FILE names "/nowhere/tls.key", which cannot be used (ENOENT).',
  ],
  [
    'no client CA there',
    { clients: { caFile: '/nowhere/ca.crt', isRequired: true } },
    'TLS_CLIENT_CA_FILE names "/nowhere/ca.crt", which cannot be used (ENOENT).',
  ],
])('does not start with %s', async (_what, wrong, sentence) => {
  const mounted = await mountSecrets(await temporaryFolder(), issue())
  const opening = openTls({ ...mounted, ...wrong }, { log: () => silent })
  await expect(opening).rejects.toMatchObject({ code: 'setting.invalid', message: sentence })
})

test('shows in the metrics when the certificate ends', async () => {
  const { url, tls } = await serveTls()
  const { text: metrics } = await ask(`${url}/metrics`, trusting)
  expect(metrics).toContain(`\ntls_certificate_expiry_timestamp_seconds ${tls.expiresAt() / 1000}\n`)
})

test('does not start with a key that its passphrase does not open, and does not tell it', async () => {
  const mounted = await mountSecrets(await temporaryFolder(), issue({ passphrase: 'open sesame' }))
  const opening = openTls({ ...mounted, passphrase: 'something else' }, { log: () => silent })
  await expect(opening).rejects.toThrow(
    /^TLS_KEY_FILE names .* or TLS_KEY_PASSPHRASE does not open it: ERR_OSSL_\w+\)\.$/,
  )
})

const client = authority.issue({ commonName: 'vote-api', uris: ['spiffe://cluster/vote-api'] })
const stranger = createAuthority('Strangers').issue({ commonName: 'admin' })

test.each([
  ['its names', client, ['uri:spiffe://cluster/vote-api', 'cn:vote-api']],
  ['nobody without one', {}, []],
  ['nobody with one that nobody vouches for', stranger, []],
])('knows a client by %s where certificates are optional', async (_whom, shown, names) => {
  const { url, accepted } = await serveMutualTls(false)
  expect(await ask(`${url}/health`, { ...trusting, ...shown })).toMatchObject({ status: 200 })
  expect(accepted.flatMap(namesOf)).toEqual(names)
})

test.each([
  ['without a certificate', {}],
  ['with one that nobody vouches for', stranger],
])('refuses a client %s where they are required', async (_who, shown) => {
  const { url } = await serveMutualTls(true)
  await expect(ask(`${url}/health`, { ...trusting, ...shown })).rejects.toMatchObject({
    code: expect.stringMatching(/^(?:ERR_SSL_|ECONNRESET|UND_ERR_SOCKET)/),
  })
  expect(await ask(`${url}/health`, { ...trusting, ...client })).toMatchObject({ status: 200 })
})

test('tells the log whose handshake has failed, and why', async () => {
  const { url, said } = await serveMutualTls(true)
  await expect(ask(`${url}/health`, trusting)).rejects.toMatchObject({ code: expect.any(String) })
  const { level, sentence } = await waitFor('the log', () => said[0])
  expect(level).toBe('info')
  expect(sentence).toMatch(/^A handshake with 127\.0\.0\.1 failed \(ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE\)\.$/)
})

test('takes new authorities for clients without a restart', async () => {
  const { url, caFile } = await serveMutualTls(true)
  const added = createAuthority('Added')
  await writeFile(caFile, authority.cert + added.cert)
  const newcomer = { ...trusting, ...added.issue({ commonName: 'newcomer' }) }
  const letIn = () =>
    ask(`${url}/health`, newcomer).then(
      ({ status }) => status,
      () => undefined,
    )
  expect(await waitFor('the newcomer to be let in', letIn)).toBe(200)
})

test('ends what is no TLS, and goes on', async () => {
  const { url } = await serveTls()
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n')
  expect(await text(socket)).not.toContain('HTTP/1.1 200')
  expect(await ask(`${url}/health`, trusting)).toMatchObject({ status: 200 })
})

test('cuts a handshake that never ends, and headers that never end', async () => {
  const limits = { headersTimeoutMs: 200, requestTimeoutMs: 300, checkingIntervalMs: 50 }
  const { url } = await serveTls({}, {}, issue(), { limits })
  const silentOne = connect(Number(new URL(url).port), '127.0.0.1').resume()
  using slow = await connectTo(url, trusting)
  slow.write('GET /health HTTP/1.1\r\nHost: localhost\r\n')
  const [, answer] = await Promise.all([once(silentOne, 'close'), text(slow)])
  expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/)
  expect(answer).toContain('strict-transport-security: max-age=31536000\r\n')
})

test('answers what is under way when it closes, however long that takes', async () => {
  const answering = Promise.withResolvers<void>()
  const redis = { check: () => answering.promise }
  const { url, app } = await serveTls({}, {}, issue(), { redis })
  using socket = await connectTo(url, trusting)
  const asked = once(app.server, 'request')
  socket.write('GET /ready HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await asked
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const closed = app.close()
  // Until then, half a request would have been waited for.
  await vi.advanceTimersByTimeAsync(5000)
  answering.resolve()
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 OK/)
  await closed
})

const PEM_OF_NOTHING = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'

const silent = { info: () => {}, warn: () => {}, error: () => {} }

type More = Partial<Pick<TlsFiles, 'passphrase' | 'clients'>> & { readonly lookMs?: number }

/** A registry over TLS that listens until the test is over, and what it has said. */
async function serveTls(
  wanted: Wanted = {},
  { lookMs = 20, ...files }: More = {},
  first = issue(wanted),
  options: Omit<ServerOptions, 'store'> = {},
) {
  const mounted = await mountSecrets(await temporaryFolder(), first)
  const said: { readonly level: string; readonly sentence: string }[] = []
  const say = (level: string) => (sentence: string) => void said.push({ level, sentence })
  const log = { info: say('info'), warn: say('warn'), error: say('error') }
  const tls = await openTls({ ...mounted, ...files }, { log: () => log, lookMs })
  const registry = await temporaryRegistry({ ...options, tls })
  onTestFinished(async () => {
    tls[Symbol.dispose]()
    await registry[Symbol.asyncDispose]()
  })
  const url = await listen(registry.app, { host: '127.0.0.1', port: 0 })
  return { url, app: registry.app, mounted, tls, said }
}

async function serveMutualTls(isRequired: boolean) {
  const caFile = join(await temporaryFolder(), 'ca.crt')
  await writeFile(caFile, authority.cert)
  const serving = await serveTls({}, { clients: { caFile, isRequired } })
  const accepted: Socket[] = []
  serving.app.server.on('request', ({ socket }) => accepted.push(socket))
  return { ...serving, caFile, accepted }
}

function issue(wanted: Wanted = {}): Certificate {
  return authority.issue({ dns: ['localhost'], ...wanted })
}

async function versionOf(url: string, version: NonNullable<ConnectionOptions['minVersion']>): Promise<string | null> {
  const ciphers = 'DEFAULT:@SECLEVEL=0'
  using socket = await connectTo(url, { ...trusting, minVersion: version, maxVersion: version, ciphers })
  return socket.getProtocol()
}

async function healthOver(socket: Socket): Promise<string> {
  socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const [chunk] = await once(socket, 'data')
  return String(chunk)
}
