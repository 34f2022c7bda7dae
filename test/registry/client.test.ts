import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { createRegistryClient, type RegistryClient } from '../../registry/client.ts'
import { listen } from '../../registry/server.ts'
import { freePort } from '../support/free-port.ts'
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
