import { Ajv } from 'ajv'
import { registryError } from './errors.ts'
import { parseRate, RATE_RULES, type Rates } from './limits/rates.ts'
import { isLoopback } from './loopback.ts'
import { findSecret } from './secret-files.ts'
import {
  areNetworks,
  areOrigins,
  COMPANY,
  DEFAULTS,
  Environment,
  isAddress,
  listIn,
  PARTS,
  PORT_PATTERN,
  SECRETS,
  type Variable,
  WANTED_PORT,
} from './settings-schema.ts'
import { databaseUrl, redisUrl } from './settings-urls.ts'
import type { TlsFiles } from './tls/files.ts'

export { WANTED_PORT }

/** What the registry's environment may set. */
export type Settings = {
  readonly host: string
  readonly port: number
  readonly appEnv: NonNullable<Environment['APP_ENV']>
  readonly access: AccessSettings
  /** The origins of pages in browsers that may ask; without any, none may. */
  readonly corsOrigins: readonly string[]
  /** The proxies whose word is taken for who has asked. */
  readonly trustProxy: readonly string[]
  /** Where it is not set, the registry speaks without TLS. */
  readonly tls?: TlsFiles
  /** Something in front of the registry takes TLS off. */
  readonly isTlsTerminated: boolean
  /** PostgreSQL; without it the data lies in SQLite. */
  readonly database?: { readonly url: string; readonly poolSize: number }
  readonly redis?: { readonly url: string }
  /** How many requests may come; none of them is limited where this is empty. */
  readonly rates: Rates
  /** How many requests may be under way before others are turned away. */
  readonly mostInFlight: number
  /** How long stopping may take. */
  readonly graceMs: number
  readonly logLevel: NonNullable<Environment['LOG_LEVEL']>
}

export type AccessSettings = {
  /** Whether nobody needs a token, or everybody. */
  readonly mode: 'open' | 'tokens'
  /** Whether reading needs none although the rest does. */
  readonly anonymousReads: boolean
  /** The token of an administrator whom no store knows. */
  readonly adminToken?: string
}

/** What a command's flags say in the place of the environment. */
export type SettingFlags = Partial<Pick<Settings, 'host' | 'port'>>

/** Reads the registry's settings from the environment; wrong ones stop the start, all named at once. */
export function readSettings(env: NodeJS.ProcessEnv = process.env, flags: SettingFlags = {}): Settings {
  const given = checked(ownVariables(env))
  const { PORT, HOST, APP_ENV, DATABASE_POOL_SIZE, SHUTDOWN_GRACE_MS, LOG_LEVEL, ...others } = { ...DEFAULTS, ...given }
  const [database, redis, tls] = [databaseUrl(given), redisUrl(given), tlsFiles(given)]
  const host = flags.host ?? HOST
  const access = accessSettings(given, host)
  return {
    host,
    port: flags.port ?? Number(PORT),
    appEnv: APP_ENV,
    access,
    corsOrigins: given.CORS_ORIGINS === undefined ? [] : listIn(given.CORS_ORIGINS),
    trustProxy: given.TRUST_PROXY === undefined ? [] : listIn(given.TRUST_PROXY),
    ...(tls && { tls }),
    isTlsTerminated: others.TLS_TERMINATED_BY_MESH === 'true',
    ...(database !== undefined && { database: { url: database, poolSize: Number(DATABASE_POOL_SIZE) } }),
    ...(redis !== undefined && { redis: { url: redis } }),
    rates: ratesOf(given, access),
    mostInFlight: Number(others.MOST_IN_FLIGHT),
    graceMs: Number(SHUTDOWN_GRACE_MS),
    logLevel: LOG_LEVEL,
  }
}

/** The port that a text names, or undefined where it names none. */
export function parsePort(value: string): number | undefined {
  return PORT_PATTERN.test(value) ? Number(value) : undefined
}

function accessSettings(given: Environment, host: string): AccessSettings {
  const { ACCESS, ANONYMOUS_READS, ADMIN_TOKEN, TRUST_PROXY, TLS_TERMINATED_BY_MESH } = given
  const isAlone = isLoopback(host) && TRUST_PROXY === undefined && TLS_TERMINATED_BY_MESH !== 'true'
  return {
    mode: ACCESS ?? (isAlone ? 'open' : 'tokens'),
    anonymousReads: ANONYMOUS_READS === 'true',
    ...(ADMIN_TOKEN !== undefined && { adminToken: ADMIN_TOKEN }),
  }
}

/** Whoever is alone on a machine is in nobody's way, unless it is set otherwise. */
function ratesOf(given: Environment, { mode }: AccessSettings): Rates {
  const isOn = (given.RATE_LIMITS ?? (mode === 'open' ? 'off' : 'on')) === 'on'
  if (!isOn) return {}
  const texts = { ...DEFAULTS, ...given }
  const rates = Object.entries(RATE_RULES).map(([name, { setting }]) => [name, parseRate(texts[setting])])
  return Object.fromEntries(rates.filter(([, rate]) => rate !== undefined))
}

function tlsFiles(given: Environment): TlsFiles | undefined {
  const { TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile, TLS_KEY_PASSPHRASE: passphrase } = given
  if (certFile === undefined || keyFile === undefined) return undefined
  const { TLS_CLIENT_CA_FILE: caFile, TLS_CLIENT } = given
  return {
    certFile,
    keyFile,
    ...(passphrase !== undefined && { passphrase }),
    ...(caFile !== undefined && { clients: { caFile, isRequired: TLS_CLIENT === 'required' } }),
  }
}

type Given = { readonly [name in Variable]?: string }
type Found = { readonly given: Given; readonly problems: readonly string[] }

/** An empty variable counts as not set: Docker Compose and many a shell cannot unset one. */
function ownVariables(env: NodeJS.ProcessEnv): Found {
  const found = SECRETS.map((name) => ({ name, ...findSecret(env, name) }))
  const hidden = found.map(({ name, value }) => [name, value])
  const values = [...variables.map((name) => [name, env[name]]), ...hidden]
  return {
    given: Object.fromEntries(values.filter(([, value]) => value)),
    problems: found.flatMap(({ problem }) => (problem === undefined ? [] : [problem])),
  }
}

const variables = Object.keys(Environment.properties) as Variable[]

const FORMATS = { address: isAddress, origins: areOrigins, networks: areNetworks }

function checked({ given, problems }: Found): Environment {
  const ajv = new Ajv({ allErrors: true, formats: FORMATS })
  const isRight = ajv.compile<Environment>(Environment)
  const right = isRight(given)
  const wrong = new Set((isRight.errors ?? []).map(({ instancePath }) => instancePath.slice(1)))
  const named = variables.filter((name) => wrong.has(name)).map((name) => nameWrong(name, given[name]))
  const clashes = PARTS.flatMap((choice) => nameClash(choice, given))
  const alone = COMPANY.filter(({ name, needs }) => given[name] !== undefined && given[needs] === undefined)
  const lacking = alone.map(({ name, needs }) => `${name} is set, and ${needs} is not: set it too, or neither.`)
  const reasons = [...problems, ...named, ...clashes, ...lacking]
  if (!right || reasons.length > 0) throw registryError('setting.invalid', { reasons: reasons.join('\n') })
  return given
}

const SECRET: ReadonlySet<string> = new Set(SECRETS)

function nameWrong(name: Variable, value = ''): string {
  const told = SECRET.has(name) ? 'set to something else (not shown here)' : JSON.stringify(value)
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
