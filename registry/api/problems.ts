import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { explain } from '../../contracts/index.ts'
import { CHALLENGE, comeBackAfter, RegistryError, type RegistryErrorCode } from '../errors.ts'
import { IncompatibleSchema } from '../subjects/compatibility.ts'

type Problem = { readonly status: number; readonly code: string; readonly detail: string } & {
  readonly [member: string]: unknown
}

/** The HTTP status of each error that this API foresees. */
const STATUSES: { readonly [code in RegistryErrorCode]?: number } = {
  'request.malformed': 400,
  'idempotency.invalid-key': 400,
  'idempotency.secret': 400,
  'name.invalid': 400,
  'schema.ambiguous': 400,
  'contract.disagrees': 400,
  'contracts.too-many': 400,
  'openapi.refused': 400,
  'token.refused': 400,
  'access.unauthenticated': 401,
  'access.token-refused': 401,
  'access.denied': 403,
  'access.foreign-host': 403,
  'access.foreign-origin': 403,
  'access.too-many-bad-tokens': 429,
  'token.unknown': 404,
  'service.unknown': 404,
  'service-version.unknown': 404,
  'environment.unknown': 404,
  'channel.unknown': 404,
  'deployment.unknown': 404,
  'reservation.unknown': 404,
  'override.unknown': 404,
  'contracts.published-otherwise': 409,
  'service.in-use': 409,
  'environment.in-use': 409,
  'environment.built-in': 409,
  'schema.incompatible': 409,
  'idempotency.under-way': 409,
  'schema.refused': 422,
  'contract.refused': 422,
  'subject.invalid': 422,
  'subject.context': 422,
  'mode.read-only': 422,
  'idempotency.different': 422,
  'rate.limited': 429,
  'store.closed': 503,
  'store.unavailable': 503,
  'store.busy': 503,
  'decider.busy': 503,
  'subject.contended': 503,
  'environment.contended': 503,
  'server.crowded': 503,
  'rate.unknown': 503,
}

const RETRY_AFTER_SECONDS = 1

/** Answers an error as a problem (RFC 9457). What nobody foresaw is logged, and told without its insides. */
export function refuseAsProblem(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = problemOf(error, request)
  const seconds = comeBackAfter(error)
  if (problem.status >= 500 && seconds === undefined) request.log.error(error)
  if (problem.status === 503 || seconds !== undefined) reply.header('retry-after', seconds ?? RETRY_AFTER_SECONDS)
  if (problem.status === 401) reply.header('www-authenticate', CHALLENGE)
  // Fastify would cut the connection of a client that is still sending, which would see that instead of the answer.
  reply.removeHeader('connection')
  return send(reply, problem)
}

export function refuseRouteAsProblem({ method, url }: FastifyRequest, reply: FastifyReply): FastifyReply {
  const detail = `There is no ${method} ${url.split('?')[0]?.slice(0, 200)}: docs/api.md lists what there is.`
  return send(reply, { status: 404, code: 'route.unknown', detail })
}

function send(reply: FastifyReply, { status, code, detail, ...more }: Problem): FastifyReply {
  const body = { type: `urn:concordat:${code}`, title: STATUS_CODES[status], status, detail, code, ...more }
  return reply
    .code(status)
    .header('content-type', 'application/problem+json')
    .send(Buffer.from(JSON.stringify(body)))
}

function problemOf(error: FastifyError, request: FastifyRequest): Problem {
  if (error instanceof RegistryError) {
    const status = STATUSES[error.code] ?? 500
    if (status === 500) return internal()
    const incompatible = error.cause instanceof IncompatibleSchema ? describeIncompatible(error.cause) : {}
    return { ...membersOf(error), status, code: error.code, detail: error.message, ...incompatible }
  }
  if (error.validation) return malformed(error.validation[0])
  const status = error.statusCode ?? 500
  if (status === 413) {
    const detail = `The request body is larger than the limit bodyBytes (${request.routeOptions.bodyLimit}).`
    return { status, code: 'request.too-large', detail }
  }
  if (status === 414)
    return { status, code: 'name.too-long', detail: 'A name in the path is longer than the limit nameLength.' }
  if (status === 415) return { status, code: 'request.unsupported-type', detail: error.message }
  return status >= 400 && status < 500 ? { status, code: 'request.malformed', detail: error.message } : internal()
}

function internal(): Problem {
  return { status: 500, code: 'internal', detail: 'Something failed that nobody foresaw; the registry has logged it.' }
}

/** Members that say where, what was meant, and what differs; the rest of an error is in its words. */
const TOLD = ['at', 'near', 'differences', 'findings'] as const

function membersOf({ details }: RegistryError): object {
  const told = new Map<string, unknown>(Object.entries(details))
  return Object.fromEntries(TOLD.flatMap((name) => (told.has(name) ? [[name, told.get(name)]] : [])))
}

/** What a contract that names a subject would break there, in the words in which a gate would tell it. */
function describeIncompatible({ message, compatibility }: IncompatibleSchema): object {
  const last = compatibility.comparisons.at(-1)
  if (!last) return {}
  const { findings, witness, reason } = last.verdict
  const words = reason === undefined ? findings.map(explain).join('; ') : `nobody can prove otherwise, reason ${reason}`
  const detail = `${message} (version ${last.version.version}): ${words}`
  return { detail, findings, ...(witness !== undefined && { witness }) }
}

type Invalid = NonNullable<FastifyError['validation']>[number]

function malformed(invalid: Invalid | undefined): Problem {
  const { instancePath = '', message = 'is not as it should be', params = {} } = invalid ?? {}
  const extra: unknown = params.additionalProperty
  const allowed: unknown = params.allowedValue ?? params.allowedValues
  const what = [
    message,
    ...(typeof extra === 'string' ? [`"${extra.slice(0, 100)}" is unknown`] : []),
    ...(allowed === undefined ? [] : [JSON.stringify(allowed)]),
  ].join(': ')
  const detail = `The request is refused: ${instancePath === '' ? 'it' : instancePath.slice(0, 200)} ${what}.`
  return { status: 400, code: 'request.malformed', detail, at: instancePath }
}
