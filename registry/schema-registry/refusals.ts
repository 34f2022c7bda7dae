import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { CHALLENGE, comeBackAfter, RegistryError, type RegistryErrorCode } from '../errors.ts'
import { IncompatibleSchema } from '../subjects/compatibility.ts'
import { answer } from './answers.ts'
import { describeRefusal } from './messages.ts'

type Refusal = { readonly status: number; readonly errorCode: number; readonly message: string }

/** The HTTP status and this API's own number for the errors that it foresees. */
const NUMBERS: { readonly [code in RegistryErrorCode]?: readonly [status: number, errorCode: number] } = {
  'request.malformed': [400, 400],
  'idempotency.invalid-key': [400, 400],
  'schema.ambiguous': [400, 400],
  'access.unauthenticated': [401, 40101],
  'access.token-refused': [401, 40101],
  'access.denied': [403, 40301],
  'access.foreign-host': [403, 40301],
  'access.foreign-origin': [403, 40301],
  'access.too-many-bad-tokens': [429, 42901],
  'subject.unknown': [404, 40401],
  'version.unknown': [404, 40402],
  'schema.unknown': [404, 40403],
  'subject.soft-deleted': [404, 40404],
  'subject.not-soft-deleted': [404, 40405],
  'version.soft-deleted': [404, 40406],
  'version.not-soft-deleted': [404, 40407],
  'config.not-set': [404, 40408],
  'mode.not-set': [404, 40409],
  'schema.incompatible': [409, 409],
  'idempotency.under-way': [409, 40901],
  'schema.refused': [422, 42201],
  'schema.missing': [422, 42201],
  'schema.type-unsupported': [422, 42201],
  'reference.invalid-name': [422, 42201],
  'reference.unknown': [422, 42201],
  'reference.ambiguous': [422, 42201],
  'reference.too-many': [422, 42201],
  'reference.other-dialect': [422, 42201],
  'version.not-next': [422, 42201],
  'version.invalid': [422, 42202],
  'level.invalid': [422, 42203],
  'policy.invalid': [422, 42203],
  'config.unsupported': [422, 42203],
  'mode.invalid': [422, 42204],
  'mode.read-only': [422, 42205],
  'id.not-allowed': [422, 42205],
  'reference.exists': [422, 42206],
  'subject.invalid': [422, 42208],
  'subject.context': [422, 42208],
  'idempotency.different': [422, 42290],
  'rate.limited': [429, 42901],
  'store.closed': [503, 50001],
  'store.unavailable': [503, 50001],
  'store.busy': [503, 50002],
  'decider.busy': [503, 50002],
  'subject.contended': [503, 50002],
  'server.crowded': [503, 50002],
  'rate.unknown': [503, 50001],
}

const RETRY_AFTER_SECONDS = 1

/** Answers an error in this API's form. What nobody foresaw is logged, and told without its insides. */
export function refuse(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, errorCode, message } = refusalOf(error, request)
  const seconds = comeBackAfter(error)
  if (status >= 500 && seconds === undefined) request.log.error(error)
  if (status === 503 || seconds !== undefined) reply.header('retry-after', seconds ?? RETRY_AFTER_SECONDS)
  if (status === 401) reply.header('www-authenticate', CHALLENGE)
  // Fastify would cut the connection, and a client that is still sending would see that instead of the answer. So the
  // rest of the body is let in and thrown away, for as long as a request may take.
  reply.removeHeader('connection')
  return answer(request, reply.code(status), { error_code: errorCode, message })
}

/** Unknown routes are 404 whatever the method: clients take a 405, and any 5xx, for a broken registry. */
export function refuseUnknownRoute(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return answer(request, reply.code(404), { error_code: 404, message: 'HTTP 404 Not Found' })
}

/** Answers what is no HTTP request, or not in time, on a connection that has no request yet. */
export function connectionRefusal(code: string, headers = ''): { readonly status: number; readonly bytes: string } {
  const status = code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : code === 'HPE_HEADER_OVERFLOW' ? 431 : 400
  const body = JSON.stringify({ error_code: status, message: CONNECTION_MESSAGES[status] })
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `${headers}Content-Type: application/json`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ]
  return { status, bytes: lines.join('\r\n') }
}

const CONNECTION_MESSAGES = {
  400: 'The request is no HTTP request.',
  408: 'The request did not arrive in time.',
  431: 'The request headers are too large.',
} as const

class UnsupportedMediaType extends Error {
  readonly statusCode = 415
}

export function unsupportedMediaType({ headers }: FastifyRequest): Error {
  const sent = [headers['content-type'], headers['content-encoding']].filter(Boolean).join(', ')
  return new UnsupportedMediaType(`"${sent}" is not supported: send JSON, uncompressed, as application/json.`)
}

function refusalOf(error: FastifyError, request: FastifyRequest): Refusal {
  if (error instanceof IncompatibleSchema) return refusal(409, describeRefusal(error))
  if (error instanceof RegistryError) {
    const [status, errorCode] = NUMBERS[error.code] ?? [500, 500]
    return { status, errorCode, message: status === 500 ? INTERNAL : error.message }
  }
  const status = error.statusCode ?? 500
  if (status === 413)
    return refusal(413, `The request body is larger than the limit bodyBytes (${request.routeOptions.bodyLimit}).`)
  if (status === 414) return refusal(414, 'A name in the path is longer than the limit nameLength.')
  return status >= 400 && status < 500 ? refusal(status, error.message) : refusal(500, INTERNAL)
}

function refusal(status: number, message: string): Refusal {
  return { status, errorCode: status, message }
}

const INTERNAL = 'Internal Server Error'
