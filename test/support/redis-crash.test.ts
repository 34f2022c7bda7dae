import { globSync } from 'node:fs'
import { readFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startRedis } from './redis.ts'
import { crash, mend } from './redis-crash.ts'
import { redisAt } from './stream.ts'

test('a transaction that the crash of Redis tore in two never comes back', async () => {
  await using server = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] })
  const redis = redisAt(server.url)
  redis.on('error', () => undefined)
  await redis.multi().rpush('list', 'one').rpush('list', 'two').exec()
  expect(await crash(server)).toBe(false)
  await redis.multi().rpush('list', 'lost').rpush('list', 'torn').exec()
  await server.stop('KILL')
  const [file = ''] = globSync('appendonlydir/*.incr.aof', { cwd: server.folder })
  const path = join(server.folder, file)
  await truncate(path, (await readFile(path)).lastIndexOf('torn') + 2)
  expect(await mend(server.folder)).toBe(true)
  await server.start()
  await redis.multi().rpush('list', 'three').rpush('list', 'four').exec()
  await crash(server)
  expect(await redis.lrange('list', 0, -1)).toEqual(['one', 'two', 'three', 'four'])
})
