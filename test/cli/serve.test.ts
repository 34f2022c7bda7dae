import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createRegistryClient } from '../../registry/client.ts'
import { disposableFolder } from '../support/temporary-folder.ts'
import { concordat, serve } from './concordat-process.ts'

describe('concordat serve', () => {
  test('says where it listens and what to try next, and keeps what it is told', async () => {
    await using folder = await disposableFolder()
    await using first = await serve(['--data', folder.path])
    expect(first.greeting).toContain(`Concordat listens on ${first.url} and keeps its data in ${folder.path}`)
    expect(first.greeting).toMatch(/register a schema {3}curl -s http.*\n {2}read it back {8}curl -s http/)
    await createRegistryClient(first.url).register('votes', { type: 'object' })
    expect(await first.stop('SIGTERM')).toMatchObject({ code: 0, stderr: '' })
    await using second = await serve(['--data', folder.path])
    expect(await createRegistryClient(second.url).version('votes', 'latest')).toMatchObject({ id: 1, version: 1 })
  })

  test('prints one line of JSON with --json', async () => {
    await using folder = await disposableFolder()
    await using running = await serve(['--data', folder.path, '--json'])
    expect(JSON.parse(running.greeting)).toMatchObject({ listening: running.url, data: folder.path })
    expect((await fetch(`${running.url}/ready`)).status).toBe(200)
    expect(await running.stop('SIGINT')).toMatchObject({ code: 0, stdout: running.greeting })
  })

  test('prints no colours where nobody sees them', async () => {
    await using folder = await disposableFolder()
    await using running = await serve(['--data', folder.path])
    expect(running.greeting).not.toContain('\u001b')
  })

  test('answers what is under way before it stops', async () => {
    await using folder = await disposableFolder()
    await using running = await serve(['--data', folder.path])
    const body = JSON.stringify({ schemaType: 'JSON', schema: '{}' })
    const socket = connect(Number(new URL(running.url).port), '127.0.0.1')
    const head = `POST /subjects/votes/versions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n`
    socket.write(`${head}Content-Length: ${body.length}\r\n\r\n`)
    // "100 Continue": the server has the request in hand.
    await once(socket, 'data')
    const ended = running.stop('SIGTERM')
    socket.write(body)
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toContain('HTTP/1.1 200 OK')
    expect(await ended).toMatchObject({ code: 0, stderr: '' })
  })

  test('makes one id and one version of what two processes on one folder are told at once', async () => {
    await using folder = await disposableFolder()
    await using one = await serve(['--data', folder.path])
    await using other = await serve(['--data', folder.path])
    const clients = [createRegistryClient(one.url), createRegistryClient(other.url)]
    const told = Array.from({ length: 25 }, () => clients.map((client) => client.register('votes', { type: 'object' })))
    const answers = await Promise.all(told.flat())
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(new Set(['{"id":1,"version":1}']))
  })

  test('makes contiguous versions of what two processes on one folder are told at once', async () => {
    await using folder = await disposableFolder()
    await using one = await serve(['--data', folder.path])
    await using other = await serve(['--data', folder.path])
    const clients = [createRegistryClient(one.url), createRegistryClient(other.url)]
    const told = clients.flatMap((client, c) =>
      Array.from({ length: 25 }, (_, i) => client.register('votes', { title: `${c} ${i}` })),
    )
    const ids = (await Promise.all(told)).map(({ id }) => id)
    expect(new Set(ids)).toEqual(new Set(Array.from({ length: 50 }, (_, i) => i + 1)))
    expect(await clients[0]?.versions('votes')).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
  })

  test('loses no version that it has acknowledged when it is killed while writing', async () => {
    await using folder = await disposableFolder()
    const acknowledged = new Map<number, string>()
    for (let kill = 0; kill < 5; kill++) {
      await using running = await serve(['--data', folder.path])
      await writeUntilKilled(running, acknowledged, 20 + 30 * kill)
    }
    await using running = await serve(['--data', folder.path])
    const client = createRegistryClient(running.url)
    const kept = await Promise.all([...acknowledged.keys()].map((version) => client.version('votes', version)))
    expect(kept.map(({ schema }) => schema)).toEqual([...acknowledged.values()])
    const versions = await client.versions('votes')
    expect(versions).toEqual(versions.map((_, i) => i + 1))
    expect(acknowledged.size).toBeGreaterThan(100)
  })
})

describe('one sentence and exit code 1', () => {
  test('for a port that is taken', async () => {
    await using folder = await disposableFolder()
    await using running = await serve(['--data', folder.path])
    const { port } = new URL(running.url)
    const { code, stderr } = await concordat(['serve', '--data', folder.path, '--port', port])
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `Port ${port} on 127.0.0.1 is taken: stop what listens there, or choose another with --port or PORT.\n`,
    })
  })

  test('for a folder that cannot be written', async () => {
    await using folder = await disposableFolder()
    const data = join(folder.path, 'data')
    // Root may write everywhere, so it is Node that forbids it here.
    const { code, stderr } = await concordat(['serve', '--data', data], { node: ['--permission', '--allow-fs-read=*'] })
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^".*data" cannot be opened and written .*\n$/),
    })
  })

  test('for a folder that is a file', async () => {
    await using folder = await disposableFolder()
    const data = join(folder.path, 'file')
    await writeFile(data, '')
    const { code, stderr } = await concordat(['serve', '--data', data])
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^The data folder ".*file" is a file .*\n$/),
    })
  })

  test('for a database that is damaged', async () => {
    await using folder = await disposableFolder()
    await writeFile(join(folder.path, 'concordat.db'), randomBytes(9000))
    const { code, stderr } = await concordat(['serve', '--data', folder.path])
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^".*concordat.db" is damaged .*\n$/) })
  })

  test.each([
    [{ PORT: 'abc' }, /^PORT is "abc"; it must be .*\n$/],
    [{ DATABASE_URL: 'postgres://me:secret@db' }, /^DATABASE_URL is set, .*\n$/],
  ])('for the environment %j', async (env, sentence) => {
    const { code, stderr } = await concordat(['serve'], { env })
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(sentence) })
  })
})

describe('usage', () => {
  test.each([
    [['serve', '--prot', '1'], 'Usage: concordat serve'],
    [['serve', '--port', 'x'], 'Usage: concordat serve'],
    [['serve', 'extra'], 'Usage: concordat serve'],
    [['bogus'], 'Usage: concordat '],
    [[], 'Usage: concordat '],
  ])('of %j is wrong: exit code 2 and the right usage', async (args, usage) => {
    const { code, stderr, stdout } = await concordat(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(usage)
  })

  test.each([
    [['--version'], /^\d+\.\d+\.\d+\n$/],
    [['serve', '--help'], /Usage: concordat serve/],
    [['help'], /Usage: concordat/],
  ])('of %j is right: exit code 0', async (args, printed) => {
    const { code, stdout } = await concordat(args)
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(printed) })
  })
})

type Server = Awaited<ReturnType<typeof serve>>

/** Several clients write as fast as they can until the process is gone; it is killed after so many acknowledgements. */
async function writeUntilKilled(running: Server, acknowledged: Map<number, string>, killAfter: number): Promise<void> {
  const client = createRegistryClient(running.url)
  const enough = acknowledged.size + killAfter
  const writers = Array.from({ length: 8 }, async () => {
    for (;;) {
      const schema = JSON.stringify({ title: randomBytes(8).toString('hex') })
      const { version = 0 } = await client.register('votes', schema)
      acknowledged.set(version, schema)
      if (acknowledged.size === enough) void running.stop('SIGKILL')
    }
  })
  await Promise.allSettled(writers)
}
