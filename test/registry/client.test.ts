import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { createRegistryClient, type RegistryClient } from '../../registry/client.ts'
import { listen } from '../../registry/server.ts'
import { freePort } from '../support/free-port.ts'
import { guarded, listening, tokenFor } from './access/guarded.ts'
import { type Temporary, temporaryRegistry } from './temporary.ts'

const VOTES = { type: 'object', required: ['option'] }

test('registers, looks up, reads and lists', async () => {
  await using registry = await listeningRegistry()
  const { client } = registry
  const schema = JSON.stringify(VOTES)
  expect(await client.register('a/b votes', VOTES)).toEqual({ id: 1, version: 1 })
  expect(await client.register('a/b votes', schema)).toEqual({ id: 1, version: 1 })
  const version = { subject: 'a/b votes', version: 1, id: 1, schema }
  expect(await client.lookup('a/b votes', VOTES)).toEqual(version)
  expect(await client.version('a/b votes', 'latest')).toEqual(version)
  expect(await client.version('a/b votes', 1)).toEqual(version)
  expect(await client.schemaById(1)).toEqual({ id: 1, schema })
  expect(await client.versions('a/b votes')).toEqual([1])
  expect(await client.subjects()).toEqual(['a/b votes'])
})

test("throws refusals with the server's code, status and message", async () => {
  await using registry = await listeningRegistry()
  await expect(registry.client.version('nope', 'latest')).rejects.toMatchObject({
    code: 'registry.refused',
    status: 404,
    errorCode: 40401,
    message: "Subject 'nope' not found.",
  })
})

test('says where no registry can be reached, and what to do', async () => {
  const url = `http://127.0.0.1:${await freePort()}`
  await expect(createRegistryClient(url).subjects()).rejects.toMatchObject({
    code: 'registry.unreachable',
    message: expect.stringMatching(/cannot be reached at .*ECONNREFUSED.*concordat serve/),
  })
})

test('gives up on a registry that does not answer, and when its caller does', async () => {
  await using silent = await serverThat(() => {})
  const soon = createRegistryClient(silent.url, { timeoutMs: 50 }).subjects()
  await expect(soon).rejects.toMatchObject({ message: expect.stringContaining('no answer within 50 ms') })
  const given = createRegistryClient(silent.url).subjects({ signal: AbortSignal.timeout(20) })
  await expect(given).rejects.toMatchObject({ name: 'TimeoutError' })
})

test('does not take just any server for a registry', async () => {
  await using other = await serverThat((answer) => answer('<h1>Hello</h1>'))
  await expect(createRegistryClient(other.url).subjects()).rejects.toMatchObject({ code: 'registry.not-understood' })
})

async function listeningRegistry(): Promise<Temporary<{ readonly client: RegistryClient }>> {
  const registry = await temporaryRegistry()
  const url = await listen(registry.app, { host: '127.0.0.1', port: 0 })
  return { client: createRegistryClient(`${url}/`), [Symbol.asyncDispose]: () => registry[Symbol.asyncDispose]() }
}

async function serverThat(
  handle: (answer: (text: string) => void) => void,
): Promise<Temporary<{ readonly url: string }>> {
  const server = createServer((_request, response) => handle((body) => void response.end(body)))
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test.each([
  ['a text', (token: string) => token],
  ['what answers one', (token: string) => () => token],
  ['what promises one', (token: string) => async () => token],
])('sends the token that it is given as %s', async (_form, given) => {
  await using registry = await guarded()
  const url = await listening(registry)
  const token = await tokenFor(registry.store, ['register:votes'])
  const client = createRegistryClient(url, { token: given(token) })
  expect(await client.register('votes', VOTES)).toEqual({ id: 1, version: 1 })
  await expect(client.register('others', VOTES)).rejects.toMatchObject({ status: 403, errorCode: 40301 })
  await expect(createRegistryClient(url).subjects()).rejects.toMatchObject({ status: 401, errorCode: 40101 })
})

test('a token that no header can carry is not told in the error', async () => {
  const client = createRegistryClient('http://127.0.0.1:9', { token: 'secret\nsecret' })
  await expect(client.subjects()).rejects.toMatchObject({
    code: 'client.token-unsendable',
    message: expect.not.stringContaining('secret'),
  })
})
