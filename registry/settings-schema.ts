import { isIP } from 'node:net'
import { type Static, type TString, Type } from '@sinclair/typebox'
import { DEFAULT_RATES, RATE_PATTERN, WANTED_RATE } from './limits/rates.ts'

/** What a port may be; 0 takes any free one. */
export const PORT_PATTERN = /^(?:\d{1,4}|[0-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5])$/
export const WANTED_PORT = 'a whole number from 0 to 65535 (0 takes any free port)'

const HOST = '^[\\w.:-]+$'
const PEER_PORT = `(?!0+$)${PORT_PATTERN.source}`
const SSL_MODES = ['disable', 'require', 'verify-full'] as const
const APP_ENVIRONMENTS = ['development', 'staging', 'production'] as const
const ACCESS_MODES = ['open', 'tokens'] as const
const CLIENT_MODES = ['optional', 'required'] as const
const SWITCH = ['on', 'off'] as const
const TRUTHS = ['true', 'false'] as const
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** What holds where a variable is not set. */
export const DEFAULTS = {
  PORT: '8081',
  HOST: '127.0.0.1',
  APP_ENV: 'development',
  ANONYMOUS_READS: 'false',
  TLS_CLIENT: 'optional',
  TLS_TERMINATED_BY_MESH: 'false',
  DATABASE_PORT: '5432',
  DATABASE_POOL_SIZE: '10',
  REDIS_PORT: '6379',
  ...DEFAULT_RATES,
  MOST_IN_FLIGHT: '1000',
  SHUTDOWN_GRACE_MS: '9000',
  LOG_LEVEL: 'warn',
} as const

/** Every variable of the environment that the registry reads, as text; its description says what is wanted of it. */
export const Environment = Type.Partial(
  Type.Object({
    PORT: text(WANTED_PORT, PORT_PATTERN.source),
    HOST: text('a host name or an IP address', HOST),
    APP_ENV: oneOf(APP_ENVIRONMENTS),

    ACCESS: oneOf(ACCESS_MODES),
    ANONYMOUS_READS: oneOf(TRUTHS),
    ADMIN_TOKEN: text('32 to 512 visible ASCII characters, without spaces', '^[\\x21-\\x7E]{32,512}$'),
    CORS_ORIGINS: Type.String({
      description: 'origins such as https://console.example.com, separated by commas (* and null are none)',
      format: 'origins',
    }),
    TRUST_PROXY: Type.String({
      description: 'IP addresses and networks such as 10.0.0.0/8, separated by commas',
      format: 'networks',
    }),

    TLS_CERT_FILE: text('the path of a file with the certificate, and the chain above it, in PEM form'),
    TLS_KEY_FILE: text("the path of a file with the certificate's private key in PEM form"),
    TLS_KEY_PASSPHRASE: text('what opens the private key, as it is'),
    TLS_CLIENT_CA_FILE: text("the path of a file with the authorities of clients' certificates in PEM form"),
    TLS_CLIENT: oneOf(CLIENT_MODES),
    TLS_TERMINATED_BY_MESH: oneOf(TRUTHS),

    DATABASE_URL: Type.String({
      description:
        'a URL such as postgres://user:password@host:5432/name?sslmode=verify-full, special characters percent-encoded',
      pattern: '^postgres(?:ql)?://',
      format: 'address',
    }),
    DATABASE_HOST: text('a host name or an IP address', HOST),
    DATABASE_PORT: text('a whole number from 1 to 65535', PEER_PORT),
    // pg decodes a name as a whole URL, which leaves these characters encoded.
    DATABASE_NAME: text('the name of a database, without any of ; / ? : @ & = + $ , # \\', '^[^;/?:@&=+$,#\\\\]+$'),
    DATABASE_USER: text("a user's name"),
    DATABASE_PASSWORD: text("the user's password, as it is"),
    DATABASE_SSLMODE: oneOf(SSL_MODES, ' (require encrypts, verify-full checks the certificate as well)'),
    DATABASE_POOL_SIZE: text('a whole number of connections from 1 to 1000', '^(?:[1-9]\\d{0,2}|1000)$'),

    REDIS_URL: Type.String({
      description: 'a URL such as redis://:password@host:6379 (rediss:// for TLS), special characters percent-encoded',
      pattern: '^rediss?://[^/?#\\s]+(?:/\\d*)?(?:\\?.*)?$',
      format: 'address',
    }),
    REDIS_HOST: text('a host name or an IP address', HOST),
    REDIS_PORT: text('a whole number from 1 to 65535', PEER_PORT),
    REDIS_PASSWORD: text('the password, as it is'),

    RATE_LIMITS: oneOf(SWITCH),
    RATE_LIMIT_TOKENS: text(WANTED_RATE, RATE_PATTERN.source),
    RATE_LIMIT_WRITES: text(WANTED_RATE, RATE_PATTERN.source),
    RATE_LIMIT_ANONYMOUS_READS: text(WANTED_RATE, RATE_PATTERN.source),
    MOST_IN_FLIGHT: text('a whole number of requests from 1 to 100000', '^(?:[1-9]\\d{0,4}|100000)$'),

    SHUTDOWN_GRACE_MS: text('a whole number of milliseconds from 0 to 600000', '^(?:\\d{1,5}|[1-5]\\d{5}|600000)$'),
    LOG_LEVEL: oneOf(LOG_LEVELS),
  }),
)
export type Environment = Static<typeof Environment>
export type Variable = keyof Environment

/** The parts that may stand in place of a URL, and those of them that must. */
export const PARTS = [
  {
    url: 'DATABASE_URL',
    parts: [
      'DATABASE_HOST',
      'DATABASE_PORT',
      'DATABASE_NAME',
      'DATABASE_USER',
      'DATABASE_PASSWORD',
      'DATABASE_SSLMODE',
    ],
    needed: ['DATABASE_HOST', 'DATABASE_NAME'],
  },
  { url: 'REDIS_URL', parts: ['REDIS_HOST', 'REDIS_PORT', 'REDIS_PASSWORD'], needed: ['REDIS_HOST'] },
] as const satisfies readonly {
  readonly url: Variable
  readonly parts: readonly Variable[]
  readonly needed: readonly Variable[]
}[]

/** Variables whose value may lie in a file, which their name with `_FILE` behind it names. No message tells their value. */
export const SECRETS = [
  'ADMIN_TOKEN',
  'TLS_KEY_PASSPHRASE',
  'DATABASE_URL',
  'DATABASE_PASSWORD',
  'REDIS_URL',
  'REDIS_PASSWORD',
] as const satisfies readonly Variable[]

/** A variable that says nothing without the others. */
export const COMPANY = [
  { name: 'TLS_CERT_FILE', needs: 'TLS_KEY_FILE' },
  { name: 'TLS_KEY_FILE', needs: 'TLS_CERT_FILE' },
  { name: 'TLS_KEY_PASSPHRASE', needs: 'TLS_KEY_FILE' },
  { name: 'TLS_CLIENT_CA_FILE', needs: 'TLS_CERT_FILE' },
  { name: 'TLS_CLIENT', needs: 'TLS_CLIENT_CA_FILE' },
] as const satisfies readonly { readonly name: Variable; readonly needs: Variable }[]

/** The texts in a list that is separated by commas. */
export function listIn(value = ''): readonly string[] {
  return value.split(',').map((entry) => entry.trim())
}

/** Whether a list names origins, each as a browser sends it. */
export function areOrigins(value: string): boolean {
  return listIn(value).every((entry) => /^https?:/.test(entry) && URL.parse(entry)?.origin === entry)
}

/** Whether a list names IP addresses, or networks of them. */
export function areNetworks(value: string): boolean {
  return listIn(value).every((entry) => {
    const [address = '', bits, ...more] = entry.split('/')
    const version = isIP(address)
    const isPrefix = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
    return version !== 0 && isPrefix && more.length === 0
  })
}

/** Whether a text is a URL whose percent-encoded parts can be decoded. */
export function isAddress(value: string): boolean {
  const url = URL.parse(value)
  return url !== null && [url.username, url.password, url.pathname].every(isDecodable)
}

function isDecodable(value: string): boolean {
  try {
    decodeURIComponent(value)
    return true
  } catch {
    return false
  }
}

function text(description: string, pattern?: string): TString {
  return Type.String(pattern === undefined ? { description } : { description, pattern })
}

function oneOf<const Values extends readonly string[]>(values: Values, remark = '') {
  return Type.Unsafe<Values[number]>({
    type: 'string',
    enum: values,
    description: `one of ${values.join(', ')}${remark}`,
  })
}
