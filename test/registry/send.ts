import type { FastifyInstance } from 'fastify'

type Registry = { readonly app: FastifyInstance }
export type SendTo = `${'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS'} /${string}`
export type Sent = {
  readonly status: number
  readonly type: unknown
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
  return { status: statusCode, type: response.headers['content-type'], text: payload, body: parse(payload) }
}

export function register(registry: Registry, subject: string, schema: string, more = {}): Promise<Sent> {
  return send(registry, `POST /subjects/${encodeURIComponent(subject)}/versions`, {
    schemaType: 'JSON',
    schema,
    ...more,
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
