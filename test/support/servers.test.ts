import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { type GuardedProcess, spawnGuarded } from './guarded-process.ts'
import { createDatabase } from './postgres.ts'
import { findRedis, startRedis } from './redis.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { waitFor } from './wait-for.ts'

describe('the shared servers', () => {
  test('Redis answers and takes stream entries', async () => {
    const redis = client(inject('redisUrl'))
    expect(await redis.ping()).toBe('PONG')
    expect(await redis.xadd('servers.test:votes', '*', 'option', 'dogs')).toMatch(/^\d+-\d+$/)
  })

  test('PostgreSQL answers', async () => {
    expect(await query(inject('postgresUrl'), 'select 1 as one')).toEqual([{ one: 1 }])
  })
})

describe('a Redis of one’s own', () => {
  test('is empty and takes flags', async () => {
    await using server = await startRedis({ args: ['--maxmemory', '64mb'] })
    const redis = client(server.url)
    expect(await redis.dbsize()).toBe(0)
    expect(await redis.config('GET', 'maxmemory')).toEqual(['maxmemory', String(64 * 1024 * 1024)])
  })

  test('comes back on its port after a stop, and with what it kept after a crash', async () => {
    await using server = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] })
    const redis = client(server.url)
    await redis.set('kept', 'yes')
    await server.stop()
    expect(await accepts(server.port)).toBe(false)
    await server.start()
    await server.stop('KILL')
    await server.start()
    expect(await redis.get('kept')).toBe('yes')
  })

  test('that cannot start says its own last lines', async () => {
    await expect(startRedis({ args: ['--maxmemory', 'plenty'] })).rejects.toThrow(/did not start.*argument must be/s)
  })

  test('is not looked for elsewhere when REDIS_SERVER names none', async () => {
    vi.stubEnv('REDIS_SERVER', '/nowhere/redis-server')
    onTestFinished(() => void vi.unstubAllEnvs())
    await expect(findRedis()).rejects.toThrow("REDIS_SERVER names '/nowhere/redis-server', which does not run.")
  })
})

test('a database of one’s own is empty, and gone once disposed of', async () => {
  const database = await createDatabase(inject('postgresUrl'))
  expect(await query(database.url, `select * from pg_tables where schemaname = 'public'`)).toEqual([])
  await database[Symbol.asyncDispose]()
  await expect(query(database.url, 'select 1')).rejects.toThrow('does not exist')
})

test.each([
  ['Redis', './redis.ts', 'startRedis'],
  ['PostgreSQL', './postgres.ts', 'startPostgres'],
])('%s is gone, with its folder, when the process that started it is killed', async (_name, file, start) => {
  const module = new URL(file, import.meta.url).href
  await using starter = await runProgram(
    `import * as m from '${module}'; const s = await m.${start}(); console.log(s.port, s.folder)`,
  )
  const isSaid = () => /^(?<port>\d+) (?<folder>\S+)$/m.exec(starter.output())?.groups
  const { port, folder = '' } = await waitFor('its port and folder', isSaid, 15_000)
  expect(await accepts(Number(port))).toBe(true)
  await starter.stop('KILL')
  const isGone = async () => !(await accepts(Number(port))) && !existsSync(folder)
  await waitFor(`port ${port} and ${folder} to be free`, isGone, 2_000)
})

async function runProgram(text: string): Promise<GuardedProcess> {
  const args = ['--input-type=module', '--eval', text]
  return spawnGuarded({ command: process.execPath, args, folder: await temporaryFolder() })
}

function client(url: string): Redis {
  const redis = new Redis(url)
  // Losing the connection is what some of these tests are about; ioredis connects again by itself.
  redis.on('error', () => {})
  onTestFinished(() => redis.disconnect())
  return redis
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const session = new Client(url)
  try {
    await session.connect()
    return (await session.query(sql)).rows
  } finally {
    await session.end()
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
