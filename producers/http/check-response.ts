import type { FastifyReply, FastifyRequest, onSendHookHandler } from 'fastify'
import { type Finding, isJsonType } from '../../contracts/index.ts'
import { judgeResponse, type Outgoing, STREAM } from './guard.ts'
import { brokenText, PROBLEM_TYPE } from './problem.ts'
import { type Hooked, openState, type State, stateOf } from './state.ts'

/** Judges a response by its status and by what goes on the wire. */
export function checkResponse({ guard, settings }: Hooked): onSendHookHandler {
  const contract = guard.contract.name
  return (request, reply, payload, done) => {
    const state = stateOf(request)
    if (state?.isOwn || isVouched(state, reply, payload)) return done()
    const sent = outgoing(request, reply, payload)
    const { status } = sent
    const findings = judgeResponse(guard, sent)
    if (findings.length === 0 || isFailure(request, findings, status)) return done()
    settings.tell({ contract, side: 'response', status, findings }, request)
    request.log.error({ contract, status, findings }, 'The response breaks its contract.')
    if (settings.responses === 'report') return done()
    openState(request, guard).isOwn = true
    discard(payload)
    for (const header of ABOUT_THE_BODY) reply.removeHeader(header)
    reply.code(500).type(PROBLEM_TYPE)
    done(null, sent.isHead ? null : brokenText(contract))
  }
}

/** Whether the contract's own writer made this very text for this status, so that nothing is left to judge. */
function isVouched(state: State | undefined, reply: FastifyReply, payload: unknown): boolean {
  if (state?.written === undefined || state.written !== payload || state.writtenStatus !== reply.statusCode)
    return false
  return isJsonType(String(reply.getHeader('content-type'))) && !reply.hasHeader('content-encoding')
}

const ABOUT_THE_BODY = [
  'content-length',
  'content-encoding',
  'content-disposition',
  'content-range',
  'cache-control',
  'etag',
  'last-modified',
]

/**
 * An undeclared status that tells of a failure, and is no answer: of an error that was thrown and is the service's fault or
 * Fastify's own refusal, of a body that broke off, or of a refusal of the guard that the app's error handler answered.
 */
function isFailure(request: FastifyRequest, [first]: readonly Finding[], status: number): boolean {
  const state = stateOf(request)
  if (first?.code !== 'status.undeclared' || state === undefined) return false
  if (state.isRefused) return true
  return state.hasThrown && (status >= 500 || state.thrownCode.startsWith('FST_') || hasBrokenOff(request))
}

function hasBrokenOff({ raw }: FastifyRequest): boolean {
  return raw.destroyed && !raw.complete
}

function outgoing(request: FastifyRequest, reply: FastifyReply, payload: unknown): Outgoing {
  const isHead = request.method === 'HEAD'
  // a Response brings its own status and headers, which Fastify takes over after this
  if (payload instanceof Response) {
    const contentType = payload.headers.get('content-type') ?? ''
    return { status: payload.status, contentType, payload: payload.body ? STREAM : undefined, isHead }
  }
  const contentType = String(reply.getHeader('content-type') ?? '')
  const common = { status: reply.statusCode, contentType, isHead }
  if (payload === undefined || payload === null) return { ...common, payload: undefined }
  const isPlain = (typeof payload === 'string' || payload instanceof Uint8Array) && !reply.hasHeader('content-encoding')
  return { ...common, payload: isPlain ? payload : STREAM }
}

/** Lets go of a stream that is not sent. */
function discard(payload: unknown): void {
  const stream = payload instanceof Response ? payload.body : payload
  if (typeof stream !== 'object' || stream === null) return
  if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy()
  // nobody waits for its end any more, so nobody needs to know that it failed
  else if (stream instanceof ReadableStream) stream.cancel().catch(() => undefined)
}
