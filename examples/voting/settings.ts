import { isIP } from 'node:net'
import type { DatabasePlace } from './database/open.ts'
import { StartFailed } from './start-failed.ts'

/** What the environment may set for the vote API. */
export type VoteApiSettings = Listening & {
  readonly redisUrl: string
  readonly database: DatabasePlace
  /** The origins of pages that may ask from a browser. */
  readonly corsOrigins: readonly string[]
  /** How many requests of one address are answered in a minute; all of them where it is undefined. */
  readonly requestsPerMinute: number | undefined
  /** The proxies whose word is taken for the address of who asks. */
  readonly trustProxy: readonly string[]
}

/** What it may set for the tally. */
export type TallySettings = {
  readonly redisUrl: string
  readonly database: DatabasePlace
  /** Its name in the group; that of the host unless given. */
  readonly name: string | undefined
  /** Where it answers for its health; nowhere where it is undefined. */
  readonly listening: Listening | undefined
}

/** What it may set for the web page. */
export type WebSettings = Listening & { readonly apiUrl: string }

/** Where a server listens, and which variable says so. */
export type Listening = { readonly host: string; readonly port: number; readonly setting: string }

type Env = NodeJS.ProcessEnv

/** Reads the vote API's settings; a wrong value stops the start. */
export function readVoteApiSettings(env: Env = process.env): VoteApiSettings {
  return {
    ...listening(env, 'VOTES_PORT', '3000'),
    redisUrl: redisUrl(env),
    database: databasePlace(env),
    corsOrigins: corsOrigins(env),
    requestsPerMinute: requestsPerMinute(env),
    trustProxy: trustProxy(env),
  }
}

/** Reads the tally's settings; a wrong value stops the start. */
export function readTallySettings(env: Env = process.env): TallySettings {
  return {
    redisUrl: redisUrl(env),
    database: databasePlace(env),
    name: env.TALLY_NAME || undefined,
    listening: env.TALLY_PORT === 'off' ? undefined : listening(env, 'TALLY_PORT', '3001'),
  }
}

/** Reads the web page's settings; a wrong value stops the start. The vote API is at `usualApiUrl` unless another is set. */
export function readWebSettings(env: Env = process.env, usualApiUrl?: string): WebSettings {
  const { port } = listening(env, 'VOTES_PORT', '3000')
  const given = env.VOTES_API_URL || (usualApiUrl ?? `http://127.0.0.1:${port}`)
  return { ...listening(env, 'WEB_PORT', '3002'), apiUrl: apiUrl(given) }
}

/** Reads how long a program waits at its start for a Redis or a PostgreSQL that is not there; a wrong value stops the start. */
export function readPatienceMs({ VOTES_WAIT_SECONDS: value = '' }: Env = process.env): number {
  if (value === '') return 30_000
  if (/^\d{1,5}$/.test(value)) return Number(value) * 1000
  throw new StartFailed(`VOTES_WAIT_SECONDS is "${value}"; it must be a number of seconds (0 waits for nobody).`)
}

function listening(env: Env, setting: string, usual: string): Listening {
  const value = env[setting] || usual
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535)
    return { host: env.VOTES_HOST || '127.0.0.1', port: Number(value), setting }
  throw new StartFailed(`${setting} is "${value}"; it must be a whole number from 0 to 65535 (0 takes any free port).`)
}

/** The value is not told: it may hold a password. */
function redisUrl({ REDIS_URL: value = '' }: Env): string {
  if (value === '') return 'redis://127.0.0.1:6379'
  if (/^rediss?:$/.test(URL.parse(value)?.protocol ?? '')) return value
  throw new StartFailed('REDIS_URL is no address of a Redis: write redis://host:port.')
}

/** The value is not told: it may hold a password. */
function databasePlace({ VOTES_DATABASE_URL: url = '', VOTES_DATA: folder }: Env): DatabasePlace {
  if (url === '') return { folder: folder || '.concordat/voting' }
  if (/^postgres(ql)?:$/.test(URL.parse(url)?.protocol ?? '')) return { url }
  throw new StartFailed(
    'VOTES_DATABASE_URL is no address of a PostgreSQL: write postgres://user:password@host:port/name.',
  )
}

/** Those of the web page on this machine, unless others are named. */
function corsOrigins(env: Env): readonly string[] {
  const given = env.VOTES_CORS_ORIGINS
  if (!given) {
    const { port } = listening(env, 'WEB_PORT', '3002')
    return [`http://127.0.0.1:${port}`, `http://localhost:${port}`]
  }
  const origins = listIn(given)
  const wrong = origins.find((origin) => URL.parse(origin)?.origin !== origin)
  if (wrong === undefined) return origins
  throw new StartFailed(
    `VOTES_CORS_ORIGINS has "${wrong}", which is no origin: write http://host:port, and commas between several.`,
  )
}

function requestsPerMinute({ VOTES_RATE_LIMIT: value = '' }: Env): number | undefined {
  if (value === 'off') return undefined
  if (value === '') return 600
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value)
  throw new StartFailed(`VOTES_RATE_LIMIT is "${value}"; it must be a number of requests for a minute, or off.`)
}

function trustProxy({ VOTES_TRUST_PROXY: given }: Env): readonly string[] {
  const proxies = listIn(given)
  const wrong = proxies.find((proxy) => !isProxy(proxy))
  if (wrong === undefined) return proxies
  throw new StartFailed(
    `VOTES_TRUST_PROXY has "${wrong}", which is no address: write 192.0.2.1, 10.0.0.0/8, loopback, linklocal or uniquelocal, and commas between several.`,
  )
}

function isProxy(value: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(value)) return true
  const [, address = value, bits = '1'] = /^([^/]+)\/([1-9]\d{0,2})$/.exec(value) ?? []
  return isIP(address) !== 0 && Number(bits) <= (isIP(address) === 4 ? 32 : 128)
}

function apiUrl(value: string): string {
  const url = URL.parse(value)
  if (url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/') return url.origin
  throw new StartFailed(
    `VOTES_API_URL is "${value}"; it must be the address of the vote API, such as http://host:3000.`,
  )
}

function listIn(value = ''): readonly string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}
