import { type Static, type TString, Type } from '@sinclair/typebox'

/** What a port may be; 0 takes any free one. */
export const PORT_PATTERN = /^(?:\d{1,4}|[0-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5])$/
export const WANTED_PORT = 'a whole number from 0 to 65535 (0 takes any free port)'

const HOST = '^[\\w.:-]+$'
const PEER_PORT = `(?!0+$)${PORT_PATTERN.source}`
const SSL_MODES = ['disable', 'require', 'verify-full'] as const
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

/** What holds where a variable is not set. */
export const DEFAULTS = {
  PORT: '8081',
  HOST: '127.0.0.1',
  DATABASE_PORT: '5432',
  DATABASE_POOL_SIZE: '10',
  REDIS_PORT: '6379',
  SHUTDOWN_GRACE_MS: '9000',
  LOG_LEVEL: 'warn',
} as const

/** Every variable of the environment that the registry reads, as text; its description says what is wanted of it. */
export const Environment = Type.Partial(
  Type.Object({
    PORT: text(WANTED_PORT, PORT_PATTERN.source),
    HOST: text('a host name or an IP address', HOST),

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
