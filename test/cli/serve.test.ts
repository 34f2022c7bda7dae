import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, inject, test } from 'vitest'
import { createRegistryClient } from '../../registry/client.ts'
import { freePort } from '../support/free-port.ts'
import { createDatabase } from '../support/postgres.ts'
import { startRedis } from '../support/redis.ts'
import { disposableFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'
import { concordatProcess, serve } from './concordat-process.ts'
import { concordat } from './in-process.ts'

describe('concordat serve', () => {
  test('says where it listens and what to try next, and keeps what it is told', async () => {
    await using folder = await disposableFolder()
    await using first = await serve(['--data', folder.path])
    expect(first.greeting).toContain(`Concordat listens on ${first.url} and keeps its data in ${folder.path}`)
    expect(first.greeting).not.toContain('\u001b')
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

  test('makes one id of one schema, and contiguous versions of many, of what two processes are told at once', async () => {
    await using folder = await disposableFolder()
    await using one = await serve(['--data', folder.path])
    await using other = await serve(['--data', folder.path])
    const clients = [createRegistryClient(one.url), createRegistryClient(other.url)]
    const same = Array.from({ length: 10 }, () => clients.map((client) => client.register('votes', { type: 'object' })))
    const answers = await Promise.all(same.flat())
    expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(new Set(['{"id":1,"version":1}']))
    const others = clients.flatMap((client, c) =>
      Array.from({ length: 5 }, (_, i) => client.register('others', { title: `${c} ${i}` })),
    )
    const ids = (await Promise.all(others)).map(({ id }) => id)
    expect(new Set(ids)).toEqual(new Set(Array.from({ length: 10 }, (_, i) => i + 2)))
    expect(await clients[0]?.versions('others')).toEqual(Array.from({ length: 10 }, (_, i) => i + 1))
  })
})

describe('one sentence and exit code 1', () => {
  test('for a port that is taken', async () => {
    await using folder = await disposableFolder()
    await using running = await serve(['--data', folder.path])
    const { port } = new URL(running.url)
    const { code, stderr } = await concordatProcess(['serve', '--data', folder.path, '--port', port])
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `Port ${port} on 127.0.0.1 is taken: stop what listens there, or choose another with --port or PORT.\n`,
    })
  })

  test('for a folder that cannot be written', async () => {
    await using folder = await disposableFolder()
    const data = join(folder.path, 'data')
    // Root may write everywhere, so it is Node that forbids it here.
    const { code, stderr } = await concordatProcess(['serve', '--data', data], {
      node: ['--permission', '--allow-fs-read=*'],
    })
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^".*data" cannot be opened and written .*\n$/),
    })
  })

  test('for a database that is damaged', async () => {
    await using folder = await disposableFolder()
    await writeFile(join(folder.path, 'concordat.db'), randomBytes(9000))
    const { code, stderr } = await concordat(['serve', '--data', folder.path])
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/^".*concordat.db" is damaged .*\n$/) })
  })

  test('for a database that is not there', async () => {
    const url = new URL(withPassword(inject('postgresUrl')))
    url.pathname = '/none'
    const { code, stderr } = await concordat(['serve'], { env: { DATABASE_URL: url.href } })
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/^The database "none .*" cannot be used .*\n$/),
    })
    expect(stderr).not.toContain('secret')
  })

  test('for a Redis whose driver is not installed', async () => {
    await using folder = await disposableFolder()
    const lacking = `import { registerHooks } from 'node:module'
      const resolve = (name, context, next) => next(name === 'ioredis' ? 'not-installed' : name, context)
      registerHooks({ resolve })`
    const node = ['--import', `data:text/javascript,${encodeURIComponent(lacking)}`]
    const env = { REDIS_HOST: '127.0.0.1' }
    const { code, stderr } = await concordatProcess(['serve', '--data', folder.path], { env, node })
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'REDIS_URL is set, and the package "ioredis" is not installed: run "npm install ioredis".\n',
    })
  })
})

describe('one sentence and exit code 2', () => {
  test('for a folder that is a file', async () => {
    await using folder = await disposableFolder()
    const data = join(folder.path, 'file')
    await writeFile(data, '')
    const { code, stderr } = await concordat(['serve', '--data', data])
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^The data folder ".*file" is a file .*\n$/),
    })
  })

  test.each([
    [{ PORT: 'abc' }, /^PORT is "abc"; it must be .*\n$/],
    [{ DATABASE_URL: 'db', REDIS_URL: 'r' }, /^DATABASE_URL is set .*\nREDIS_URL is set .*\n$/],
    [{ DATABASE_HOST: 'db' }, /^DATABASE_NAME is not set, .*\n$/],
  ])('for each wrong setting in the environment %j', async (env, sentence) => {
    const { code, stderr } = await concordat(['serve'], { env })
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(sentence) })
  })

  test('and an object with --json', async () => {
    const { code, stdout, stderr } = await concordat(['serve', '--json'], { env: { PORT: 'abc' } })
    expect({ code, told: JSON.parse(stdout) }).toEqual({
      code: 2,
      told: { error: 'setting.invalid', message: stderr.trimEnd() },
    })
  })
})

describe('with Redis', () => {
  test('is ready exactly while Redis answers, and lives all the while', async () => {
    await using folder = await disposableFolder()
    await using redis = await startRedis()
    await using running = await serve(['--data', folder.path], { env: { REDIS_URL: redis.url } })
    expect(await ask(running, '/ready')).toEqual({ status: 200, text: '{"status":"ready"}' })
    await redis.stop()
    expect(await ask(running, '/ready')).toEqual(REDIS_AWAY)
    expect(await ask(running, '/health')).toEqual({ status: 200, text: '{"status":"ok"}' })
    await redis.start()
    await waitFor('readiness', async () => (await ask(running, '/ready')).status === 200)
    expect(await running.stop('SIGTERM')).toMatchObject({ code: 0 })
  })

  test('starts without it, warns, and is ready when it comes', async () => {
    await using folder = await disposableFolder()
    await using redis = await startRedis()
    await redis.stop()
    const env = { REDIS_HOST: '127.0.0.1', REDIS_PORT: String(redis.port) }
    await using running = await serve(['--data', folder.path], { env })
    expect(await ask(running, '/ready')).toEqual(REDIS_AWAY)
    await createRegistryClient(running.url).register('votes', { type: 'object' })
    await redis.start()
    await waitFor('readiness', async () => (await ask(running, '/ready')).status === 200)
    const { code, stderr } = await running.stop('SIGTERM')
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('"msg":"Redis does not answer"') })
  })

  test('stops at once when it never answers', async () => {
    await using folder = await disposableFolder()
    await using silent = await startProxy('redis://127.0.0.1:1')
    silent.freeze()
    await using running = await serve(['--data', folder.path], { env: { REDIS_URL: silent.url } })
    expect(await ask(running, '/ready')).toEqual(REDIS_AWAY)
    const { code, stderr } = await running.stop('SIGTERM')
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringContaining('Stopping took longer') })
  })
})

describe('with PostgreSQL', () => {
  test('says where it keeps its data, and keeps it there', async () => {
    await using database = await createDatabase(inject('postgresUrl'))
    const env = { DATABASE_URL: withPassword(database.url), DATABASE_POOL_SIZE: '2' }
    await using first = await serve([], { env })
    expect(first.greeting).toContain(`keeps its data in ${database.url}\n`)
    expect(await ask(first, '/ready')).toEqual({ status: 200, text: '{"status":"ready"}' })
    await createRegistryClient(first.url).register('votes', { type: 'object' })
    expect(await first.stop('SIGTERM')).toMatchObject({ code: 0, stderr: '' })
    const { hostname, port, pathname, username } = new URL(database.url)
    const parts = { HOST: hostname, PORT: port, NAME: pathname.slice(1), USER: username, PASSWORD: 'secret' }
    const named = Object.fromEntries(Object.entries(parts).map(([name, value]) => [`DATABASE_${name}`, value]))
    await using second = await serve(['--json'], { env: named })
    expect(JSON.parse(second.greeting)).toMatchObject({ data: database.url })
    expect(await createRegistryClient(second.url).version('votes', 'latest')).toMatchObject({ id: 1, version: 1 })
    expect(await second.stop('SIGTERM')).toMatchObject({ code: 0, stderr: '' })
  })

  test('that falls silent is not ready, and is cut off after the grace period', async () => {
    await using database = await createDatabase(inject('postgresUrl'))
    await using proxy = await startProxy(database.url)
    await using running = await serve([], { env: { DATABASE_URL: proxy.url, SHUTDOWN_GRACE_MS: '300' } })
    expect(await ask(running, '/ready')).toMatchObject({ status: 200 })
    proxy.freeze()
    expect(await ask(running, '/ready')).toEqual({
      status: 503,
      text: '{"status":"not_ready","error":"Database unavailable"}',
    })
    const { code, stderr } = await running.stop('SIGTERM')
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining(cutOff('the database')) })
  })

  test('refuses a folder beside it as wrong usage', async () => {
    const { code, stderr } = await concordat(['serve', '--data', 'x'], {
      env: { DATABASE_URL: 'postgres://db/votes' },
    })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^error: --data names a folder, and the environment a database .*\n\nUsage: concordat serve/)
  })
})

describe('stopping', () => {
  test('answers two hundred requests that are under way', async () => {
    await using folder = await disposableFolder()
    await using running = await serve(['--data', folder.path])
    const held = await Promise.all(Array.from({ length: 200 }, () => holdRequest(running)))
    const ended = running.stop('SIGTERM')
    await waitFor('the port to be closed', () => refusesConnections(running))
    const answers = await Promise.all(held.map((request) => request.finish()))
    expect(answers.filter((answer) => !answer.startsWith('HTTP/1.1 200 OK\r\n'))).toEqual([])
    expect(await ended).toMatchObject({ code: 0, stderr: '' })
  })

  test('is not ready while it drains, and says so', async () => {
    await using folder = await disposableFolder()
    await using running = await serve(['--data', folder.path])
    using socket = connectTo(running)
    socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /ready HTTP/1.1\r\n')
    // What came with it has been read, too.
    await once(socket, 'data')
    const ended = running.stop('SIGTERM')
    await waitFor('the port to be closed', () => refusesConnections(running))
    socket.write('Host: localhost\r\n\r\n')
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1\.1 503 [^]*\r\n\r\n\{"status":"not_ready","error":"stopping"\}$/)
    expect(await ended).toMatchObject({ code: 0, stderr: '' })
  })

  test('stops when it is told in the very moment in which it says that it listens', async () => {
    await using folder = await disposableFolder()
    const script =
      "const { log } = console; console.log = (line) => { log(line); process.kill(process.pid, 'SIGTERM') }"
    const node = ['--import', `data:text/javascript,${encodeURIComponent(script)}`]
    expect(await concordatProcess(['serve', '--port', '0', '--data', folder.path], { node })).toMatchObject({ code: 0 })
  })

  test('ends at once while it still waits for its database', async () => {
    await using silent = await startProxy('postgres://me@127.0.0.1:1/votes')
    silent.freeze()
    const env = { PATH: process.env.PATH, DATABASE_URL: silent.url }
    const starting = spawn(process.execPath, ['cli/main.ts', 'serve'], { env, stdio: 'ignore' })
    await waitFor('a connection to the database', () => silent.hasConnections())
    starting.kill('SIGTERM')
    expect(await once(starting, 'close')).toEqual([0, null])
  })

  test('cuts off what takes longer than the grace period, and says so', async () => {
    await using folder = await disposableFolder()
    await using running = await serve(['--data', folder.path], { env: { SHUTDOWN_GRACE_MS: '200' } })
    await holdRequest(running)
    expect(await running.stop('SIGTERM')).toMatchObject({
      code: 0,
      stderr: `Stopping took longer than 200 ms: ${cutOff('requests under way')}`,
    })
  })

  test('does not wait for a request of which only a part has come', async () => {
    await using folder = await disposableFolder()
    await using running = await serve(['--data', folder.path])
    using half = connectTo(running)
    half.write('GET /subjects HTTP/1.1\r\nHost: localhost\r\n')
    await ask(running, '/health')
    const started = performance.now()
    expect(await running.stop('SIGTERM')).toMatchObject({ code: 0, stderr: '' })
    expect(performance.now() - started).toBeLessThan(6000)
  })

  test('ends at once when it is told again', async () => {
    await using folder = await disposableFolder()
    await using running = await serve(['--data', folder.path], { env: { SHUTDOWN_GRACE_MS: '600000' } })
    await holdRequest(running)
    const ended = running.stop('SIGTERM')
    await waitFor('its end', () => Promise.race([running.stop('SIGINT'), wait(20, false)]))
    expect(await ended).toMatchObject({ code: 1, stderr: '' })
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

const REDIS_AWAY = { status: 503, text: '{"status":"not_ready","error":"Redis unavailable"}' }

async function ask({ url }: Server, path: string): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(url + path)
  return { status: response.status, text: await response.text() }
}

function cutOff(what: string): string {
  return `it was cut off while it waited for ${what}.\n`
}

function withPassword(url: string): string {
  return Object.assign(new URL(url), { password: 'secret' }).href
}

function connectTo({ url }: Server): Socket & Disposable {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  // The process may be gone before the socket is.
  socket.on('error', () => socket.destroy())
  return Object.assign(socket, { [Symbol.dispose]: () => void socket.destroy() })
}

/** Begins a request, and resolves when the server has it in hand: it has said "100 Continue". */
async function holdRequest(running: Server): Promise<{ finish(): Promise<string> }> {
  const body = JSON.stringify({ schemaType: 'JSON', schema: '{}' })
  const socket = connectTo(running)
  const head = `POST /subjects/votes/versions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n`
  socket.write(`${head}Content-Length: ${body.length}\r\n\r\n`)
  await once(socket, 'data')
  return {
    finish: async () => {
      socket.write(body)
      const [answer] = await once(socket, 'data')
      return String(answer)
    },
  }
}

async function refusesConnections(running: Server): Promise<boolean> {
  using socket = connectTo(running)
  const connected = once(socket, 'connect').then(
    () => true,
    () => false,
  )
  return !(await connected)
}

type Proxy = AsyncDisposable & { readonly url: string; freeze(): void; hasConnections(): boolean }

/** Passes bytes on to a server until it is frozen: then it keeps all connections, and passes on nothing any more. */
async function startProxy(target: string): Promise<Proxy> {
  const url = new URL(target)
  const port = Number(url.port)
  const sockets: Socket[] = []
  let isFrozen = false
  const passOn = (from: Socket, to: Socket) => from.on('data', (bytes) => isFrozen || to.write(bytes))
  const server = createServer((inner) => {
    sockets.push(inner.on('error', () => {}).on('data', () => {}))
    if (isFrozen) return
    const outer = connect(port, url.hostname).on('error', () => {})
    sockets.push(outer)
    passOn(inner, outer)
    passOn(outer, inner)
  })
  url.port = String(await freePort())
  await once(server.listen(Number(url.port), '127.0.0.1'), 'listening')
  return {
    url: url.href,
    freeze: () => {
      isFrozen = true
    },
    hasConnections: () => sockets.length > 0,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
