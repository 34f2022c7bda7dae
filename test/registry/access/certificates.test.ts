import { writeFile } from 'node:fs/promises'
import { type RequestOptions, request } from 'node:https'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createCredential } from '../../../registry/access/tokens.ts'
import { buildServer, listen } from '../../../registry/server.ts'
import { openSqliteStore } from '../../../registry/store/sqlite/open.ts'
import { openTls } from '../../../registry/tls/tls.ts'
import { type Certificate, createAuthority } from '../../support/certificates.ts'
import { disposableFolder } from '../../support/temporary-folder.ts'
import { ADMIN_TOKEN, ANYWHERE, bearing } from './guarded.ts'

const SPIFFE = 'spiffe://mesh.example/ns/votes/sa/tally'

/** A registry that speaks TLS, knows an authority of clients, and wants tokens or certificates. */
async function registryWithTls() {
  const resources = new AsyncDisposableStack()
  const folder = resources.use(await disposableFolder()).path
  const authority = createAuthority()
  const own = authority.issue({ commonName: 'localhost', addresses: ['127.0.0.1'] })
  const [certFile, keyFile, caFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem'), join(folder, 'ca.pem')]
  await Promise.all([writeFile(certFile, own.cert), writeFile(keyFile, own.key), writeFile(caFile, authority.cert)])
  const store = resources.use(await openSqliteStore(folder))
  const tls = resources.use(await openTls({ certFile, keyFile, clients: { caFile, isRequired: false } }, { log }))
  const app = buildServer({ store, tls, access: { mode: 'tokens', adminToken: ADMIN_TOKEN } })
  resources.defer(() => app.close())
  const url = await listen(app, ANYWHERE)
  const port = Number(new URL(url).port)
  const ask = (path: string, client?: Certificate, options: RequestOptions = {}) =>
    statusOf({ host: '127.0.0.1', port, path, ca: authority.cert, ...client, ...options, agent: false })
  return { store, authority, ask, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

const silent = () => {}
const log = () => ({ info: silent, warn: silent, error: silent })

async function statusOf(options: RequestOptions): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
  request(options, (answer) => resolve(answer.resume().statusCode))
    .on('error', reject)
    .end()
  return promise
}

test('a certificate of a client may do what the credentials for its names may', async () => {
  await using registry = await registryWithTls()
  const { store, authority, ask } = registry
  const by = { by: 'the test' }
  await createCredential(store, { name: 'tally-ci', scopes: ['publish:tally'], certificate: 'cn:tally-ci' }, by)
  await createCredential(store, { name: 'tally', scopes: ['read'], certificate: `uri:${SPIFFE}` }, by)
  const put = { method: 'PUT', headers: { 'content-type': 'application/json', 'content-length': 0 } }
  const ci = authority.issue({ commonName: 'tally-ci' })
  const both = authority.issue({ commonName: 'tally-ci', uris: [SPIFFE] })
  const meshed = authority.issue({ commonName: 'whoever', uris: [SPIFFE] })
  expect(await ask('/subjects', ci)).toBe(200)
  // Without a body, once it may: 400.
  expect(await ask('/api/services/tally', ci, put)).toBe(400)
  expect(await ask('/api/services/votes', ci, put)).toBe(403)
  expect(await ask('/subjects', meshed)).toBe(200)
  expect(await ask('/api/services/tally', meshed, put)).toBe(403)
  expect(await ask('/api/services/tally', both, put)).toBe(400)
})

test('a certificate that nobody knows, or that another authority signed, is nobody', async () => {
  await using registry = await registryWithTls()
  const { store, authority, ask } = registry
  await createCredential(store, { name: 'tally-ci', scopes: ['read'], certificate: 'cn:tally-ci' }, { by: 'the test' })
  expect(await ask('/subjects')).toBe(401)
  expect(await ask('/subjects', authority.issue({ commonName: 'someone-else' }))).toBe(401)
  expect(await ask('/subjects', createAuthority().issue({ commonName: 'tally-ci' }))).toBe(401)
  expect(await ask('/subjects', authority.issue({ commonName: 'x\ncn:tally-ci' }))).toBe(401)
  expect(await ask('/subjects', authority.issue({ commonName: 'tally-ci\0' }))).toBe(401)
  expect(await ask('/subjects', authority.issue({ commonName: 'tally-ci' }))).toBe(200)
})

test('a token that is sent wins over a certificate, also where it is bad', async () => {
  await using registry = await registryWithTls()
  const { store, authority, ask } = registry
  await createCredential(store, { name: 'root', scopes: ['admin'], certificate: 'cn:root' }, { by: 'the test' })
  const root = authority.issue({ commonName: 'root' })
  const headers = { ...(await bearing(registry, ['read'])) }
  expect(await ask('/api/tokens', root)).toBe(200)
  expect(await ask('/api/tokens', root, { headers })).toBe(403)
  expect(await ask('/api/tokens', root, { headers: { authorization: 'Bearer x' } })).toBe(401)
})

test('a certificate that a browser adds to what a page asks for does not help the page', async () => {
  await using registry = await registryWithTls()
  const { store, authority, ask } = registry
  await createCredential(store, { name: 'root', scopes: ['admin'], certificate: 'cn:root' }, { by: 'the test' })
  const root = authority.issue({ commonName: 'root' })
  expect(await ask('/subjects', root, { headers: { origin: 'https://evil.example' } })).toBe(403)
  expect(await ask('/subjects', root, { headers: { 'sec-fetch-site': 'cross-site' } })).toBe(403)
})

test('a certificate whose credential is revoked is nobody at once', async () => {
  await using registry = await registryWithTls()
  const { store, authority, ask } = registry
  const wanted = { name: 'root', scopes: ['admin'], certificate: 'cn:root' }
  const { credential } = await createCredential(store, wanted, { by: 'the test' })
  const root = authority.issue({ commonName: 'root' })
  expect(await ask(`/api/tokens/${credential.id}`, root, { method: 'DELETE' })).toBe(200)
  expect(await ask('/subjects', root)).toBe(401)
})
