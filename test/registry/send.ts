import type { FastifyInstance } from 'fastify'

type Registry = { readonly app: FastifyInstance }
export type SendTo = `${'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS'} /${string}`
export type Sent = {
  readonly status: number
  readonly type: unknown
  readonly headers: { readonly [name: string]: unknown }
  readonly text: string
  /** The text as JSON, or undefined where it is none. */
  readonly body: unknown
}

/** Sends a request without a socket: a value as JSON, text and bytes as they are. */
export async function send({ app }: Registry, to: SendTo, body?: unknown, headers = {}): Promise<Sent> {
  const [method, url] = to.split(' ') as ['GET', string]
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body)
  const response = await app.inject({
    method,
    url,
    headers: { ...(body !== undefined && { 'content-type': 'application/vnd.schemaregistry.v1+json' }), ...headers },
    ...(body !== undefined && { payload: isRaw ? body : JSON.stringify(body) }),
  })
  const { statusCode, payload } = response
  return {
    status: statusCode,
    type: response.headers['content-type'],
    headers: response.headers,
    text: payload,
    body: parse(payload),
  }
}

/** Registers a schema, given as text or as a value. */
export function register(registry: Registry, subject: string, schema: unknown, more = {}): Promise<Sent> {
  return send(registry, `POST /subjects/${encodeURIComponent(subject)}/versions`, sentSchema(schema, more))
}

/** Tests a schema against a subject: against what its level names, or against one version. */
export function testAgainst(registry: Registry, subject: string, schema: unknown, version?: string): Promise<Sent> {
  const path = version === undefined ? '' : `/${version}`
  const to = `POST /compatibility/subjects/${subject}/versions${path}?verbose=true` as const
  return send(registry, to, sentSchema(schema))
}

/** The body in which clients send a schema. */
export function sentSchema(schema: unknown, more = {}): object {
  return { schemaType: 'JSON', schema: typeof schema === 'string' ? schema : JSON.stringify(schema), ...more }
}

/** Sets what holds for a subject, or for all where none is named. */
export function configure(registry: Registry, config: object, subject?: string): Promise<Sent> {
  return send(registry, subject === undefined ? 'PUT /config' : `PUT /config/${subject}`, config)
}

/** Lets every schema follow any other, for tests that are not about compatibility. */
export function allowAll(registry: Registry): Promise<Sent> {
  return configure(registry, { compatibility: 'NONE' })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
