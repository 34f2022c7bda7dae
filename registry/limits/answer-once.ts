import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { registryError } from '../errors.ts'
import type { KeptAnswer, RequestKey } from '../store/access.ts'
import type { Store } from '../store/store.ts'
import { type Claims, createClaims } from './claims.ts'
import { fingerprintOf, idempotencyKeyOf } from './idempotency-key.ts'
import { isAboutTokens, isOnlyAsking, mayWrite } from './routes.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What this request is to give an answer to, when it has an Idempotency-Key and is the first to be carried out. */
    claimed: RequestKey | null
  }
}

export type AnswerOnce = {
  /** The one whose writes take no audit row along. */
  readonly store: Store
  readonly longestWaitMs?: number | undefined
}

/** The header by which an answer tells that it has been given before. */
export const REPLAYED = 'idempotency-replayed'

/** The largest answer that is kept. */
export const LARGEST_ANSWER = 1_048_576

/**
 * Carries a write out once however often it is sent with the same Idempotency-Key, and gives the same answer each time.
 * Failures, and refusals of whoever may not or not now, are no answers: what is sent again is carried out again.
 */
export function answerOnce(app: FastifyInstance, { store, longestWaitMs }: AnswerOnce): void {
  const claims = createClaims({
    store,
    onError: (error) => app.log.error(error, 'What was answered to an Idempotency-Key is not kept yet'),
    ...(longestWaitMs !== undefined && { longestWaitMs }),
  })
  app.decorateRequest('bodyDigest', '')
  app.decorateRequest('claimed', null)
  const before = async (request: FastifyRequest, reply: FastifyReply) => claim(claims, request, reply)
  const after = async (request: FastifyRequest, reply: FastifyReply, payload: unknown) => {
    if (request.claimed) await settle(claims, request.claimed, answerIn(reply, payload))
    return payload
  }
  app.addHook('onRoute', (route) => {
    if (!mayWrite(route)) return
    const hasSecret = isAboutTokens(route) && route.method === 'POST'
    route.preHandler = [...[route.preHandler ?? []].flat(), hasSecret ? refuseKey : before]
    route.onSend = [...[route.onSend ?? []].flat(), after]
  })
}

/** Where the answer has a secret, which is kept nowhere. */
async function refuseKey(request: FastifyRequest): Promise<void> {
  if (idempotencyKeyOf(request) !== undefined) throw registryError('idempotency.secret', undefined)
}

async function claim(claims: Claims, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
  const key = idempotencyKeyOf(request)
  if (key === undefined || isOnlyAsking(request)) return undefined
  const mine = { identity: request.identity.credential, key, fingerprint: fingerprintOf(request) }
  const answer = await claims.claim(mine, () => !reply.raw.destroyed)
  if (answer) return replay(reply, answer)
  request.claimed = mine
  return undefined
}

function replay(reply: FastifyReply, { status, headers, body }: KeptAnswer): FastifyReply {
  reply.code(status).headers(headers).header(REPLAYED, 'true')
  // Bytes, since to text Fastify adds a charset.
  return body === '' ? reply.send() : reply.send(Buffer.from(body))
}

async function settle(claims: Claims, claimed: RequestKey, answer: KeptAnswer | undefined): Promise<void> {
  await (answer ? claims.keep(claimed, answer) : claims.release(claimed))
}

/** The answer as it is kept, or undefined where it is none to be kept. */
function answerIn(reply: FastifyReply, payload: unknown): KeptAnswer | undefined {
  const { statusCode: status } = reply
  if (status >= 500 || status === 401 || status === 403 || status === 429) return undefined
  const body = textIn(payload)
  if (body === undefined || Buffer.byteLength(body) > LARGEST_ANSWER) return undefined
  const type = reply.getHeader('content-type')
  return { status, headers: typeof type === 'string' ? { 'content-type': type } : {}, body }
}

function textIn(payload: unknown): string | undefined {
  if (payload === undefined || payload === null) return ''
  return Buffer.isBuffer(payload) || typeof payload === 'string' ? payload.toString('utf8') : undefined
}
