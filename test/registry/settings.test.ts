import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import { describe, expect, test } from 'vitest'
import { RegistryError } from '../../registry/errors.ts'
import { readSettings } from '../../registry/settings.ts'
import { Environment, PARTS, SECRETS } from '../../registry/settings-schema.ts'
import { fc } from '../support/property.ts'
import { disposableFolder } from '../support/temporary-folder.ts'

const PLAIN = {
  host: '127.0.0.1',
  port: 8081,
  appEnv: 'development',
  access: { mode: 'open', anonymousReads: false },
  corsOrigins: [],
  trustProxy: [],
  isTlsTerminated: false,
  rates: {},
  mostInFlight: 1000,
  graceMs: 9000,
  logLevel: 'warn',
}
const TOKEN = 'a-token-of-32-characters-or-more'

const PORT = 'a whole number from 0 to 65535 (0 takes any free port)'
const PEER_PORT = 'a whole number from 1 to 65535'
const HOST = 'a host name or an IP address'
const DATABASE_URL =
  'a URL such as postgres://user:password@host:5432/name?sslmode=verify-full, special characters percent-encoded'
const DATABASE_NAME = 'the name of a database, without any of ; / ? : @ & = + $ , # \\'
const REDIS_URL = 'a URL such as redis://:password@host:6379 (rediss:// for TLS), special characters percent-encoded'
const POOL_SIZE = 'a whole number of connections from 1 to 1000'
const RATE = 'a count up to 99999, a slash and a number of seconds up to 9999, such as 100/60, or off'
const IN_FLIGHT = 'a whole number of requests from 1 to 100000'
const GRACE_MS = 'a whole number of milliseconds from 0 to 600000'
const SSL_MODE = 'one of disable, require, verify-full (require encrypts, verify-full checks the certificate as well)'
const ORIGINS = 'origins such as https://console.example.com, separated by commas (* and null are none)'
const NETWORKS = 'IP addresses and networks such as 10.0.0.0/8, separated by commas'
const WANTED_TOKEN = '32 to 512 visible ASCII characters, without spaces'
const LOG_LEVEL = 'one of fatal, error, warn, info, debug, trace, silent'

test.each([
  [{}],
  [Object.fromEntries(Object.keys(Environment.properties).map((name) => [name, '']))],
  [{ HOME: '/', DATABASE: 'x', DATABASE_POOL_SIZE: '20' }],
])('listens on 127.0.0.1, port 8081, with SQLite and without Redis, when told %j', (env) => {
  expect(readSettings(env)).toEqual(PLAIN)
})

test('takes what it is told', () => {
  expect(
    readSettings({
      HOST: '::1',
      PORT: '0',
      APP_ENV: 'staging',
      ACCESS: 'tokens',
      ANONYMOUS_READS: 'true',
      ADMIN_TOKEN: TOKEN,
      CORS_ORIGINS: 'https://console.example.com, http://localhost:3000',
      TRUST_PROXY: '10.0.0.0/8,::1',
      TLS_TERMINATED_BY_MESH: 'true',
      RATE_LIMIT_WRITES: '7/2',
      RATE_LIMIT_ANONYMOUS_READS: 'off',
      MOST_IN_FLIGHT: '100000',
      SHUTDOWN_GRACE_MS: '0',
      LOG_LEVEL: 'debug',
    }),
  ).toEqual({
    host: '::1',
    port: 0,
    appEnv: 'staging',
    access: { mode: 'tokens', anonymousReads: true, adminToken: TOKEN },
    corsOrigins: ['https://console.example.com', 'http://localhost:3000'],
    trustProxy: ['10.0.0.0/8', '::1'],
    isTlsTerminated: true,
    rates: { token: { most: 5, windowMs: 60_000 }, write: { most: 7, windowMs: 2000 } },
    mostInFlight: 100_000,
    graceMs: 0,
    logLevel: 'debug',
  })
})

test.each([
  [
    { TLS_CERT_FILE: 'c', TLS_KEY_FILE: 'k' },
    { certFile: 'c', keyFile: 'k' },
  ],
  [
    { TLS_CERT_FILE: 'c', TLS_KEY_FILE: 'k', TLS_KEY_PASSPHRASE: 'p', TLS_CLIENT_CA_FILE: 'a' },
    { certFile: 'c', keyFile: 'k', passphrase: 'p', clients: { caFile: 'a', isRequired: false } },
  ],
  [
    { TLS_CERT_FILE: 'c', TLS_KEY_FILE: 'k', TLS_CLIENT_CA_FILE: 'a', TLS_CLIENT: 'required' },
    { certFile: 'c', keyFile: 'k', clients: { caFile: 'a', isRequired: true } },
  ],
])('takes the files of TLS from %j', (env, tls) => {
  expect(readSettings(env)).toEqual({ ...PLAIN, tls })
})

test.each([
  ['127.0.0.1', 'open'],
  ['127.8.8.8', 'open'],
  ['::1', 'open'],
  ['::ffff:127.0.0.1', 'open'],
  ['localhost', 'open'],
  ['0.0.0.0', 'tokens'],
  ['::', 'tokens'],
  ['10.0.0.1', 'tokens'],
  ['127.0.0.1.example.com', 'tokens'],
])('on %s access is %s unless it is told otherwise', (host, mode) => {
  expect(readSettings({ HOST: host }).access.mode).toBe(mode)
  expect(readSettings({}, { host })).toMatchObject({ host, access: { mode } })
  expect(readSettings({ HOST: host, ACCESS: 'tokens' }).access.mode).toBe('tokens')
})

test.each([
  [{}, false],
  [{ RATE_LIMIT_WRITES: '7/2' }, false],
  [{ RATE_LIMITS: 'on' }, true],
  [{ ACCESS: 'tokens' }, true],
  [{ HOST: '0.0.0.0' }, true],
  [{ HOST: '0.0.0.0', RATE_LIMITS: 'off', RATE_LIMIT_WRITES: '7/2' }, false],
])('there are rate limits or none when it is told %j', (env, isLimited) => {
  expect('write' in readSettings(env).rates).toBe(isLimited)
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
  ...['0/60', '5/0', '5', 'none'].map((value) => ['RATE_LIMIT_WRITES', value, RATE]),
  ...['0', '100001', '-1', 'off'].map((value) => ['MOST_IN_FLIGHT', value, IN_FLIGHT]),
  ...['loud', 'WARN'].map((value) => ['LOG_LEVEL', value, LOG_LEVEL]),
  ...['prod', 'Production'].map((value) => ['APP_ENV', value, 'one of development, staging, production']),
  ...['none', 'true'].map((value) => ['ACCESS', value, 'one of open, tokens']),
  ...['yes', '1'].map((value) => ['ANONYMOUS_READS', value, 'one of true, false']),
  ...['no', 'maybe'].map((value) => ['TLS_TERMINATED_BY_MESH', value, 'one of true, false']),
  ...['always'].map((value) => ['TLS_CLIENT', value, 'one of optional, required']),
  ...['*', 'null', 'https://a.example/', 'https://A.example', 'https://a.example:443', 'a.example', 'https://a.b,'].map(
    (value) => ['CORS_ORIGINS', value, ORIGINS],
  ),
  ...['true', 'loopback', '10.0.0.0/33', '10.0.0.0/8/8', '10.0.0.0/', '::1/129', '10.0.0.1,,::1'].map((value) => [
    'TRUST_PROXY',
    value,
    NETWORKS,
  ]),
])('refuses %s=%j', (name = '', value, wanted) => {
  // The other parts that it needs to stand.
  const tls = { TLS_CERT_FILE: 'c', TLS_KEY_FILE: 'k', TLS_CLIENT_CA_FILE: 'a' }
  const company = { DATABASE_HOST: 'db', DATABASE_NAME: 'votes', REDIS_HOST: 'r', ...tls }
  expect(refusalOf({ ...company, [name]: value })).toBe(`${name} is ${JSON.stringify(value)}; it must be ${wanted}.`)
})

test.each([
  ...['db', 'mysql://me:secret@db/x', 'postgres://me:sec/ret@db/x', 'postgres://me:secret%zz@db/x', 'postgres:db'].map(
    (value) => ['DATABASE_URL', value, DATABASE_URL],
  ),
  ...['r', 'http://:secret@r', 'redis://:sec#ret@r', 'redis://r/votes', 'redis://:secret%@r', 'redis://r:x'].map(
    (value) => ['REDIS_URL', value, REDIS_URL],
  ),
  ...['short', `${TOKEN} `, 'a'.repeat(513), `${TOKEN}é`].map((value) => ['ADMIN_TOKEN', value, WANTED_TOKEN]),
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
  [{ TLS_CERT_FILE: 'c' }, 'TLS_CERT_FILE is set, and TLS_KEY_FILE is not: set it too, or neither.'],
  [{ TLS_KEY_FILE: 'k' }, 'TLS_KEY_FILE is set, and TLS_CERT_FILE is not: set it too, or neither.'],
  [{ TLS_KEY_PASSPHRASE: 'p' }, 'TLS_KEY_PASSPHRASE is set, and TLS_KEY_FILE is not: set it too, or neither.'],
  [{ TLS_CLIENT_CA_FILE: 'a' }, 'TLS_CLIENT_CA_FILE is set, and TLS_CERT_FILE is not: set it too, or neither.'],
  [{ TLS_CLIENT: 'required' }, 'TLS_CLIENT is set, and TLS_CLIENT_CA_FILE is not: set it too, or neither.'],
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

describe('a secret in a file', () => {
  test.each(SECRETS.map((name) => ({ name })))(
    '$name is read from there, without the line break at its end',
    async ({ name }) => {
      await using folder = await disposableFolder()
      const value =
        { ADMIN_TOKEN: TOKEN, DATABASE_URL: 'postgres://db/x', REDIS_URL: 'redis://r' }[name as string] ?? 'pass word'
      const env = { ...COMPANY_OF[name], [`${name}_FILE`]: await fileWith(folder, `${value}\r\n`) }
      expect(readSettings(env)).toEqual(readSettings({ ...COMPANY_OF[name], [name]: value }))
      expect(refusalOf({ ...env, [name]: value })).toBe(`${name} and ${name}_FILE are both set: set one of them.`)
    },
  )

  test.each([
    ['that is missing', undefined, 'ENOENT'],
    ['that is empty', '\n', 'it is empty'],
    ['that is no text', Buffer.of(0xff, 0xfe), 'it is no text in UTF-8'],
    ['with a zero in it', 'a\0b', 'it is no text'],
    ['that is too large', 'a'.repeat(65_537), 'it has more than 65536 bytes'],
  ])('%s is refused with its path and the reason', async (_what, content, reason) => {
    await using folder = await disposableFolder()
    const file = content === undefined ? join(folder.path, 'none') : await fileWith(folder, content)
    expect(refusalOf({ ADMIN_TOKEN_FILE: file })).toBe(
      `ADMIN_TOKEN_FILE names "${file}", which cannot be read (${reason}).`,
    )
  })

  test.each(['/', '/dev/zero'])('%s is refused, being no file', (file) => {
    expect(refusalOf({ REDIS_PASSWORD_FILE: file, REDIS_HOST: 'r' })).toBe(
      `REDIS_PASSWORD_FILE names "${file}", which cannot be read (it is no file).`,
    )
  })

  test('is not told when it is wrong', async () => {
    await using folder = await disposableFolder()
    const file = await fileWith(folder, 'too-short')
    expect(refusalOf({ ADMIN_TOKEN_FILE: file })).toBe(
      `ADMIN_TOKEN is set to something else (not shown here); it must be ${WANTED_TOKEN}.`,
    )
  })
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
    rates: readSettings({ RATE_LIMITS: 'on' }).rates,
    access: { mode: 'tokens', anonymousReads: false, adminToken: expect.any(String) },
    corsOrigins: ['https://console.example.com'],
    trustProxy: ['10.0.0.0/8'],
    tls: {
      certFile: '/run/secrets/tls.crt',
      keyFile: '/run/secrets/tls.key',
      passphrase: 'passphrase',
      clients: { caFile: '/run/secrets/clients.crt', isRequired: false },
    },
    database: {
      url: expect.stringContaining('//user:password@db.example.com:5432/name?sslmode=verify-full'),
      poolSize: 10,
    },
    redis: { url: 'redis://:password@redis.example.com:6379' },
  })
})

/** What a secret is no good without. */
const COMPANY_OF: { readonly [name: string]: NodeJS.ProcessEnv } = {
  TLS_KEY_PASSPHRASE: { TLS_CERT_FILE: 'c', TLS_KEY_FILE: 'k' },
  DATABASE_PASSWORD: { DATABASE_HOST: 'db', DATABASE_NAME: 'votes' },
  REDIS_PASSWORD: { REDIS_HOST: 'r' },
}

async function fileWith({ path }: { readonly path: string }, content: string | Buffer): Promise<string> {
  const file = join(path, 'secret')
  await writeFile(file, content)
  return file
}

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
