import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { checkServer } from '../../streams/server-checks.ts'
import { startRedis } from '../support/redis.ts'
import { redisAt } from '../support/stream.ts'

test.each([
  ['nothing on disk', [], ['redis.keeps-nothing']],
  ['a snapshot now and then', ['--save', '60', '1'], ['redis.may-lose-seconds']],
  ['an append-only file', ['--appendonly', 'yes'], []],
  ['one that is never flushed', ['--appendonly', 'yes', '--appendfsync', 'no'], ['redis.may-lose-seconds']],
  [
    'eviction of any key',
    ['--appendonly', 'yes', '--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'],
    ['redis.may-evict'],
  ],
  [
    'eviction of what expires',
    ['--appendonly', 'yes', '--maxmemory', '100mb', '--maxmemory-policy', 'volatile-lru'],
    [],
  ],
])('of a server with %s it warns of %j', async (_what, args, codes) => {
  await using server = await startRedis({ args })
  expect((await checkServer(redisAt(server.url))).map(({ code }) => code)).toEqual(codes)
})

test.each([2, 3] as const)('reads the settings over RESP%i', async (protocol) => {
  await using server = await startRedis()
  const redis = new Redis(server.url, { protocol })
  const warnings = await checkServer(redis)
  redis.disconnect()
  expect(warnings).toHaveLength(1)
})

test('says nothing of a server that does not let its settings be read', async () => {
  await using server = await startRedis({ args: ['--rename-command', 'CONFIG', ''] })
  expect(await checkServer(redisAt(server.url))).toEqual([])
})
