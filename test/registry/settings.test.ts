import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { expect, test } from 'vitest'
import { RegistryError } from '../../registry/errors.ts'
import { readSettings } from '../../registry/settings.ts'
import { Environment, PARTS } from '../../registry/settings-schema.ts'
import { fc } from '../support/property.ts'

const PLAIN = { host: '127.0.0.1', port: 8081, graceMs: 9000, logLevel: 'warn' }

const PORT = 'a whole number from 0 to 65535 (0 takes any free port)'
const PEER_PORT = 'a whole number from 1 to 65535'
const HOST = 'a host name or an IP address'
const DATABASE_URL =
  'a URL such as postgres://user:password@host:5432/name?sslmode=verify-full, special characters percent-encoded'
const DATABASE_NAME = 'the name of a database, without any of ; / ? : @ & = + $ , # \\'
const REDIS_URL = 'a URL such as redis://:password@host:6379 (rediss:// for TLS), special characters percent-encoded'
const POOL_SIZE = 'a whole number of connections from 1 to 1000'
const GRACE_MS = 'a whole number of milliseconds from 0 to 600000'
const SSL_MODE = 'one of disable, require, verify-full (require encrypts, verify-full checks the certificate as well)'
const LOG_LEVEL = 'one of fatal, error, warn, info, debug, trace, silent'

test.each([
  [{}],
  [Object.fromEntries(Object.keys(Environment.properties).map((name) => [name, '']))],
  [{ HOME: '/', DATABASE: 'x', DATABASE_POOL_SIZE: '20' }],
])('listens on 127.0.0.1, port 8081, with SQLite and without Redis, when told %j', (env) => {
  expect(readSettings(env)).toEqual(PLAIN)
})

test('takes what it is told', () => {
  expect(readSettings({ HOST: '::1', PORT: '0', SHUTDOWN_GRACE_MS: '0', LOG_LEVEL: 'debug' })).toEqual({
    host: '::1',
    port: 0,
    graceMs: 0,
    logLevel: 'debug',
  })
})

test('takes URLs as they are', () => {
  const env = { DATABASE_URL: 'postgresql://me:s%40cret@db/votes?sslmode=require', REDIS_URL: 'rediss://r:6380/2' }
  expect(readSettings({ ...env, DATABASE_POOL_SIZE: '1000' })).toEqual({
    ...PLAIN,
    database: { url: env.DATABASE_URL, poolSize: 1000 },
    redis: { url: env.REDIS_URL },
  })
})

test.each([
  [{ HOST: 'db', NAME: 'votes' }, 'postgres://db:5432/votes'],
  [{ HOST: '::1', PORT: '05433', NAME: 'votes', USER: 'me' }, 'postgres://me@[::1]:5433/votes'],
  [
    { HOST: 'db', NAME: 'vo tes', USER: 'a@b', PASSWORD: 'p:/?#%@ü"' },
    'postgres://a%40b:p%3A%2F%3F%23%25%40%C3%BC%22@db:5432/vo%20tes',
  ],
  [
    { HOST: 'db', NAME: 'votes', SSLMODE: 'verify-full' },
    'postgres://db:5432/votes?sslmode=verify-full&uselibpqcompat=true',
  ],
])("makes a URL of the database's parts %j", (parts, url) => {
  expect(readSettings(prefixed('DATABASE', parts)).database).toEqual({ url, poolSize: 10 })
})

test.each([
  [{ HOST: 'r' }, 'redis://r:6379'],
  [{ HOST: '10.0.0.1', PORT: '6380', PASSWORD: 'p@ss/word' }, 'redis://:p%40ss%2Fword@10.0.0.1:6380'],
])("makes a URL of Redis's parts %j", (parts, url) => {
  expect(readSettings(prefixed('REDIS', parts)).redis).toEqual({ url })
})

test('makes URLs in which pg and ioredis find the parts as they were', () => {
  const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => !value.includes('\0'))
  const name = text.filter((value) => !/^\.+$|[;/?:@&=+$,#\\]/.test(value))
  fc.assert(
    fc.property(name, text, text, (NAME, USER, PASSWORD) => {
      const parts = prefixed('DATABASE', { HOST: '::1', NAME, USER, PASSWORD })
      const { database, redis } = readSettings({ ...parts, ...prefixed('REDIS', { HOST: '::1', PASSWORD }) })
      const client = new Client(database?.url)
      expect([client.host, client.port, client.database, client.user]).toEqual(['::1', 5432, NAME, USER])
      expect(client.password).toBe(PASSWORD)
      const { options } = new Redis(redis?.url ?? '', { lazyConnect: true })
      expect(options).toMatchObject({ host: '::1', port: 6379, password: PASSWORD })
    }),
  )
})

test.each([
  ...['abc', '-1', '65536', '80.5', '0x50', ' 80', '1e3', '123456', '80\n'].map((value) => ['PORT', value, PORT]),
  ...['a b', 'http://x', 'a/b'].map((value) => ['HOST', value, HOST]),
  ...['a b', '/var/run/postgresql'].map((value) => ['DATABASE_HOST', value, HOST]),
  ...['0', '000', '65536', 'x'].map((value) => ['DATABASE_PORT', value, PEER_PORT]),
  ...['a/b', 'a?b', 'a#b', 'a@b', 'a\\b'].map((value) => ['DATABASE_NAME', value, DATABASE_NAME]),
  ...['on', 'REQUIRE', 'prefer'].map((value) => ['DATABASE_SSLMODE', value, SSL_MODE]),
  ...['0', '1001', '-5', '10.5', 'many'].map((value) => ['DATABASE_POOL_SIZE', value, POOL_SIZE]),
  ...['a b', 'redis://r'].map((value) => ['REDIS_HOST', value, HOST]),
  ...['0', '70000'].map((value) => ['REDIS_PORT', value, PEER_PORT]),
  ...['-1', '600001', '9s', '1000000'].map((value) => ['SHUTDOWN_GRACE_MS', value, GRACE_MS]),
  ...['loud', 'WARN'].map((value) => ['LOG_LEVEL', value, LOG_LEVEL]),
])('refuses %s=%j', (name = '', value, wanted) => {
  // The other parts that it needs to stand.
  const company = { DATABASE_HOST: 'db', DATABASE_NAME: 'votes', REDIS_HOST: 'r' }
  expect(refusalOf({ ...company, [name]: value })).toBe(`${name} is ${JSON.stringify(value)}; it must be ${wanted}.`)
})

test.each([
  ...['db', 'mysql://me:secret@db/x', 'postgres://me:sec/ret@db/x', 'postgres://me:secret%zz@db/x', 'postgres:db'].map(
    (value) => ['DATABASE_URL', value, DATABASE_URL],
  ),
  ...['r', 'http://:secret@r', 'redis://:sec#ret@r', 'redis://r/votes', 'redis://:secret%@r', 'redis://r:x'].map(
    (value) => ['REDIS_URL', value, REDIS_URL],
  ),
])('refuses %s=%j without telling it', (name = '', value, wanted) => {
  expect(refusalOf({ [name]: value })).toBe(`${name} is set to something else (not shown here); it must be ${wanted}.`)
})

test.each([
  [
    { DATABASE_URL: 'postgres://db/x', DATABASE_PORT: '1', DATABASE_PASSWORD: 'secret' },
    'DATABASE_URL is set, and so are parts of it (DATABASE_PORT, DATABASE_PASSWORD): set the one or the others, not both.',
  ],
  [
    { DATABASE_HOST: 'db', DATABASE_USER: 'me' },
    'DATABASE_NAME is not set, though others are (DATABASE_HOST, DATABASE_USER): set it too, or DATABASE_URL in place of them.',
  ],
  [
    { DATABASE_PASSWORD: 'secret' },
    [
      'DATABASE_HOST is not set, though others are (DATABASE_PASSWORD): set it too, or DATABASE_URL in place of them.',
      'DATABASE_NAME is not set, though others are (DATABASE_PASSWORD): set it too, or DATABASE_URL in place of them.',
    ].join('\n'),
  ],
  [
    { REDIS_URL: 'redis://r', REDIS_HOST: 'r' },
    'REDIS_URL is set, and so are parts of it (REDIS_HOST): set the one or the others, not both.',
  ],
  [
    { REDIS_PASSWORD: 'secret' },
    'REDIS_HOST is not set, though others are (REDIS_PASSWORD): set it too, or REDIS_URL in place of them.',
  ],
])('refuses %j', (env, sentences) => {
  expect(refusalOf(env)).toBe(sentences)
})

test('names all that is wrong at once, in the order of the schema', () => {
  const env = { LOG_LEVEL: 'loud', PORT: 'x', REDIS_URL: 'secret', DATABASE_URL: 'secret', DATABASE_PORT: '0' }
  expect(
    refusalOf(env)
      .split('\n')
      .map((line) => line.slice(0, line.indexOf(' is '))),
  ).toEqual(['PORT', 'DATABASE_URL', 'DATABASE_PORT', 'REDIS_URL', 'LOG_LEVEL', 'DATABASE_URL'])
  expect(refusalOf(env)).not.toContain('secret')
})

const example = readFileSync(join(import.meta.dirname, '../../.env.example'), 'utf8')
const lines = [...example.matchAll(/^# (?<description>.*)\n(?:# )?(?<name>[A-Z_]+)=(?<value>.*)$/gm)].map(
  ({ groups: { name = '', value = '', description = '' } = {} }) => ({ name, value, description }),
)

test('.env.example has every variable of the schema, in its order, with what is wanted of it', () => {
  expect(lines.map(({ name, description }) => [name, description])).toEqual(
    Object.entries(Environment.properties).map(([name, { description }]) => [name, description]),
  )
})

test('.env.example can be used as it is: SQLite and no Redis', () => {
  expect(readSettings(parseEnv(example))).toEqual(PLAIN)
})

test.each([
  ['URLs', PARTS.flatMap(({ parts }): string[] => [...parts])],
  ['parts', PARTS.map(({ url }): string => url)],
])('.env.example with its %s passes the schema', (_what, without) => {
  const kept = lines.filter(({ name }) => !without.includes(name))
  expect(readSettings(Object.fromEntries(kept.map(({ name, value }) => [name, value])))).toEqual({
    ...PLAIN,
    database: {
      url: expect.stringContaining('//user:password@db.example.com:5432/name?sslmode=verify-full'),
      poolSize: 10,
    },
    redis: { url: 'redis://:password@redis.example.com:6379' },
  })
})

function prefixed(prefix: string, parts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(parts).map(([name, value]) => [`${prefix}_${name}`, value]))
}

function refusalOf(env: NodeJS.ProcessEnv): string {
  try {
    readSettings(env)
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'setting.invalid') return error.message
    throw error
  }
  return 'nothing was refused'
}
