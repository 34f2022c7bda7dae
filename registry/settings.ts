import { Ajv } from 'ajv'
import { registryError } from './errors.ts'
import { DEFAULTS, Environment, isAddress, PARTS, PORT_PATTERN, type Variable, WANTED_PORT } from './settings-schema.ts'

export { WANTED_PORT }

/** What the registry's environment may set. */
export type Settings = {
  readonly host: string
  readonly port: number
  /** PostgreSQL; without it the data lies in SQLite. */
  readonly database?: { readonly url: string; readonly poolSize: number }
  readonly redis?: { readonly url: string }
  /** How long stopping may take. */
  readonly graceMs: number
  readonly logLevel: NonNullable<Environment['LOG_LEVEL']>
}

/** Reads the registry's settings from the environment; wrong ones stop the start, all named at once. */
export function readSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const given = checked(ownVariables(env))
  const { PORT, HOST, DATABASE_POOL_SIZE, SHUTDOWN_GRACE_MS, LOG_LEVEL } = { ...DEFAULTS, ...given }
  const database = given.DATABASE_URL ?? databaseUrl(given)
  const redis = given.REDIS_URL ?? redisUrl(given)
  return {
    host: HOST,
    port: Number(PORT),
    ...(database !== undefined && { database: { url: database, poolSize: Number(DATABASE_POOL_SIZE) } }),
    ...(redis !== undefined && { redis: { url: redis } }),
    graceMs: Number(SHUTDOWN_GRACE_MS),
    logLevel: LOG_LEVEL,
  }
}

/** The port that a text names, or undefined where it names none. */
export function parsePort(value: string): number | undefined {
  return PORT_PATTERN.test(value) ? Number(value) : undefined
}

type Given = { readonly [name in Variable]?: string }

/** An empty variable counts as not set: Docker Compose and many a shell cannot unset one. */
function ownVariables(env: NodeJS.ProcessEnv): Given {
  return Object.fromEntries(variables.map((name) => [name, env[name]]).filter(([, value]) => value))
}

const variables = Object.keys(Environment.properties) as Variable[]

function checked(given: Given): Environment {
  const ajv = new Ajv({ allErrors: true, formats: { address: isAddress } })
  const isRight = ajv.compile<Environment>(Environment)
  const right = isRight(given)
  const wrong = new Set((isRight.errors ?? []).map(({ instancePath }) => instancePath.slice(1)))
  const named = variables.filter((name) => wrong.has(name)).map((name) => nameWrong(name, given[name]))
  const reasons = [...named, ...PARTS.flatMap((choice) => nameClash(choice, given))]
  if (!right || reasons.length > 0) throw registryError('setting.invalid', { reasons: reasons.join('\n') })
  return given
}

function nameWrong(name: Variable, value = ''): string {
  // Both may hold a password.
  const told = /_(?:URL|PASSWORD)$/.test(name) ? 'set to something else (not shown here)' : JSON.stringify(value)
  return `${name} is ${told}; it must be ${Environment.properties[name].description}.`
}

function nameClash({ url, parts, needed }: (typeof PARTS)[number], given: Given): string[] {
  const set = parts.filter((name) => given[name] !== undefined)
  if (set.length === 0) return []
  if (given[url] !== undefined)
    return [`${url} is set, and so are parts of it (${set.join(', ')}): set the one or the others, not both.`]
  return needed
    .filter((name) => given[name] === undefined)
    .map((name) => `${name} is not set, though others are (${set.join(', ')}): set it too, or ${url} in place of them.`)
}

function databaseUrl(given: Environment): string | undefined {
  const { DATABASE_HOST, DATABASE_PORT, DATABASE_NAME } = { ...DEFAULTS, ...given }
  if (DATABASE_HOST === undefined || DATABASE_NAME === undefined) return undefined
  const user = userInfo(given.DATABASE_USER, given.DATABASE_PASSWORD)
  const place = `${hostInUrl(DATABASE_HOST)}:${Number(DATABASE_PORT)}`
  return `postgres://${user}${place}/${encodeURIComponent(DATABASE_NAME)}${sslQuery(given)}`
}

/** Without the second parameter, pg takes `require` for `verify-full`, and warns of it. */
function sslQuery({ DATABASE_SSLMODE }: Environment): string {
  return DATABASE_SSLMODE === undefined ? '' : `?sslmode=${DATABASE_SSLMODE}&uselibpqcompat=true`
}

function redisUrl(given: Environment): string | undefined {
  const { REDIS_HOST, REDIS_PORT, REDIS_PASSWORD } = { ...DEFAULTS, ...given }
  if (REDIS_HOST === undefined) return undefined
  return `redis://${userInfo(undefined, REDIS_PASSWORD)}${hostInUrl(REDIS_HOST)}:${Number(REDIS_PORT)}`
}

function userInfo(user = '', password = ''): string {
  if (user === '' && password === '') return ''
  return `${encodeURIComponent(user)}${password && `:${encodeURIComponent(password)}`}@`
}

function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
