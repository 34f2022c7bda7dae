import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { inspect } from 'node:util'
import { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { openRedis } from '../../registry/redis.ts'
import { freePort } from '../support/free-port.ts'
import { startRedis } from '../support/redis.ts'
import { waitFor } from '../support/wait-for.ts'

const QUICK = { timeoutMs: 300 }

describe('a Redis that goes away and comes back', () => {
  test('is found out, and told once for every time', async () => {
    await using server = await startRedis()
    const lost: Error[] = []
    await using redis = await openRedis(server.url, { onLost: (error) => lost.push(error) })
    await redis.settled
    for (const times of [1, 2]) {
      await expect(redis.check()).resolves.toBeUndefined()
      await server.stop()
      await waitFor('the loss', () => lost.length === times)
      await expect(redis.check()).rejects.toMatchObject({
        code: 'redis.unavailable',
        message: expect.stringMatching(/^Redis does not answer \(connect ECONNREFUSED 127\.0\.0\.1:\d+\): /),
      })
      await server.start()
      await waitFor('an answer', () => answers(redis))
    }
    expect(lost).toHaveLength(2)
  })

  test('never sees a command that failed while it was away', async () => {
    await using server = await startRedis()
    await using redis = await openRedis(server.url)
    await redis.settled
    await server.stop('KILL')
    await expect(redis.client.set('late', '1')).rejects.toThrow(/\S/)
    await server.start()
    await waitFor('an answer', () => answers(redis))
    expect(await redis.client.exists('late')).toBe(0)
  })

  test('that falls silent is given up after the time-out, and asked again', async () => {
    await using server = await startRedis()
    await using redis = await openRedis(server.url, QUICK)
    const other = new Redis(server.url)
    await redis.settled
    await other.client('PAUSE', 1000, 'ALL')
    await expect(redis.check()).rejects.toMatchObject({ code: 'redis.unavailable' })
    await waitFor('an answer', () => answers(redis))
    other.disconnect()
  })
})

test('is not there yet, and is found when it comes', async () => {
  await using server = await startRedis()
  await server.stop()
  await using redis = await openRedis(server.url)
  await redis.settled
  await expect(redis.check()).rejects.toMatchObject({ code: 'redis.unavailable' })
  await server.start()
  await waitFor('an answer', () => answers(redis))
})

test('knows its password', async () => {
  await using server = await startRedis({ args: ['--requirepass', 'p@ss word'] })
  await using right = await openRedis(`redis://:p%40ss%20word@127.0.0.1:${server.port}`)
  await right.settled
  await expect(right.check()).resolves.toBeUndefined()
  await using wrong = await openRedis(`redis://:other@127.0.0.1:${server.port}`)
  await wrong.settled
  await expect(wrong.check()).rejects.toMatchObject({ message: expect.stringContaining('(WRONGPASS ') })
})

describe('closing', () => {
  test('ends what stands, and nothing is answered afterwards', async () => {
    await using server = await startRedis()
    const redis = await openRedis(server.url)
    await redis.settled
    await Promise.all([redis.close(), redis.close()])
    await redis.close()
    await expect(redis.check()).rejects.toMatchObject({ code: 'redis.unavailable' })
  })

  test('ends before anything stands', async () => {
    const redis = await openRedis(`redis://127.0.0.1:${await freePort()}`)
    await redis.close()
    await redis.close()
    await expect(redis.settled).resolves.toBeUndefined()
  })

  test('ends where nothing listens', async () => {
    const redis = await openRedis(`redis://127.0.0.1:${await freePort()}`)
    await redis.settled
    await expect(redis.check()).rejects.toThrow('ECONNREFUSED')
    await redis.close()
    await redis.close()
  })

  test('ends where somebody accepts and never answers', async () => {
    await using silent = await listenSilently()
    await using redis = await openRedis(silent.url, QUICK)
    await expect(redis.check()).rejects.toThrow('Redis does not answer')
    await redis.settled
    await expect(redis.check()).rejects.toThrow(/^Redis does not answer \((Command timed out|Socket timeout)/)
    await waitFor('another attempt', () => silent.sockets.length > 1)
    await redis.close()
    await redis.close()
  })
})

async function answers(redis: { check(): Promise<void> }): Promise<boolean> {
  return redis.check().then(
    () => true,
    () => false,
  )
}

async function listenSilently(): Promise<AsyncDisposable & { readonly url: string; readonly sockets: Socket[] }> {
  const sockets: Socket[] = []
  const server = createServer((socket) => sockets.push(socket.on('error', () => {}).resume()))
  const port = await freePort()
  await once(server.listen(port, '127.0.0.1'), 'listening')
  const close = async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
  return { url: `redis://127.0.0.1:${port}`, sockets, [Symbol.asyncDispose]: close }
}

test('a password that Redis refuses is told to nobody', async () => {
  const refusing = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (sent) => {
      for (const _command of String(sent).match(/^\*\d/gm) ?? []) socket.write('-WRONGPASS invalid password\r\n')
    })
  })
  await once(refusing.listen(0, '127.0.0.1'), 'listening')
  const { port } = refusing.address() as AddressInfo
  const lost = Promise.withResolvers<Error>()
  await using redis = await openRedis(`redis://:hush-hush@127.0.0.1:${port}`, { onLost: lost.resolve })
  const errors = [await lost.promise, await redis.check().catch((error: unknown) => error)]
  expect(inspect(errors, { depth: 9 })).toContain('WRONGPASS')
  expect(inspect(errors, { depth: 9, showHidden: true })).not.toContain('hush-hush')
  refusing.close()
})
