import type { FastifyError, RouteOptions } from 'fastify'
import type { Finding } from '../../contracts/index.ts'
import { type RefusedStatus, RequestRefused } from './errors.ts'
import { PROBLEM_TYPE, refusedText } from './problem.ts'
import { type Exchange, type Hooked, openState } from './state.ts'
import { giveBack } from './write-response.ts'

/** Answers a refused request; false where the app's error handler is to do so. */
export function refuse(refused: RequestRefused, { request, reply }: Exchange, { guard, settings }: Hooked): boolean {
  const { contract, findings, statusCode: status } = refused
  const state = openState(request, guard)
  state.isRefused = true
  settings.tell({ contract, side: 'request', status, findings }, request)
  if (settings.refusals === 'throw') return false
  state.isOwn = true
  reply.code(status).type(PROBLEM_TYPE).send(refusedText(refused))
  return true
}

/** Errors with which Fastify says that a body is not what was agreed. */
const REFUSALS: { readonly [code: string]: readonly [status: RefusedStatus, ...findings: Finding[]] } = {
  FST_ERR_CTP_EMPTY_JSON_BODY: [400, { code: 'field.missing', at: '/body' }],
  FST_ERR_CTP_INVALID_JSON_BODY: [400, { code: 'field.not-json', at: '/body' }],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415],
  FST_ERR_CTP_BODY_TOO_LARGE: [413],
}

function refusalOf(error: unknown, contract: string): RequestRefused | undefined {
  if (error instanceof RequestRefused) return error
  const code = codeOf(error)
  const [status, ...findings] = (Object.hasOwn(REFUSALS, code) ? REFUSALS[code] : undefined) ?? []
  return status && new RequestRefused(contract, findings, status)
}

/** Anything may be thrown, null too. */
function codeOf(error: unknown): string {
  const { code } = Object(error) as { readonly code?: unknown }
  return typeof code === 'string' ? code : ''
}

type ErrorHandler = NonNullable<RouteOptions['errorHandler']>

/** Answers what refuses a request before the guard has seen its body; all else goes on to the route's or the app's handler. */
export function handleErrors(hooked: Hooked, own: RouteOptions['errorHandler']): ErrorHandler {
  return function (error, request, reply) {
    const state = openState(request, hooked.guard)
    giveBack(state, reply)
    const refused = state.isRefused ? undefined : refusalOf(error, hooked.guard.contract.name)
    if (refused && refuse(refused, { request, reply }, hooked)) return
    state.hasThrown = true
    state.thrownCode = codeOf(error)
    const onward = (refused ?? error) as FastifyError
    if (own === undefined) throw onward
    return own.call(this, onward, request, reply)
  }
}
