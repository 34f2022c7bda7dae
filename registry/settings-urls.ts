import { DEFAULTS, type Environment } from './settings-schema.ts'

/** The URL of the database, as it is given or made of its parts. */
export function databaseUrl(given: Environment): string | undefined {
  if (given.DATABASE_URL !== undefined) return given.DATABASE_URL
  const { DATABASE_HOST, DATABASE_PORT, DATABASE_NAME } = { ...DEFAULTS, ...given }
  if (DATABASE_HOST === undefined || DATABASE_NAME === undefined) return undefined
  const user = userInfo(given.DATABASE_USER, given.DATABASE_PASSWORD)
  const place = `${hostInUrl(DATABASE_HOST)}:${Number(DATABASE_PORT)}`
  return `postgres://${user}${place}/${encodeURIComponent(DATABASE_NAME)}${sslQuery(given)}`
}

/** The URL of Redis, as it is given or made of its parts. */
export function redisUrl(given: Environment): string | undefined {
  if (given.REDIS_URL !== undefined) return given.REDIS_URL
  const { REDIS_HOST, REDIS_PORT, REDIS_PASSWORD } = { ...DEFAULTS, ...given }
  if (REDIS_HOST === undefined) return undefined
  return `redis://${userInfo(undefined, REDIS_PASSWORD)}${hostInUrl(REDIS_HOST)}:${Number(REDIS_PORT)}`
}

/** Without the second parameter, pg takes `require` for `verify-full`, and warns of it. */
function sslQuery({ DATABASE_SSLMODE }: Environment): string {
  return DATABASE_SSLMODE === undefined ? '' : `?sslmode=${DATABASE_SSLMODE}&uselibpqcompat=true`
}

function userInfo(user = '', password = ''): string {
  if (user === '' && password === '') return ''
  return `${encodeURIComponent(user)}${password && `:${encodeURIComponent(password)}`}@`
}

function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
