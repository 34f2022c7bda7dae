import type {
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  onRequestHookHandler,
  preHandlerHookHandler,
} from 'fastify'
import { registryError } from '../errors.ts'
import type { RegistryMetrics } from '../operations/metrics.ts'
import { addressKey } from './address.ts'
import type { Limiter } from './limiter.ts'
import { RATE_RULES, type Rate, type RateClass, type Rates } from './rates.ts'
import { isGate, isOnlyAsking, rateClassOf } from './routes.ts'
import type { Taken } from './windows.ts'

export type RateLimits = {
  readonly rates: Rates
  readonly limiter: Limiter
  readonly metrics?: RegistryMetrics['rateLimits'] | undefined
}

/**
 * Holds requests against the rate of their route's class, and tells in the headers of the answer what is left of it. Only
 * routes whose class has a rate are given anything to do. It comes after whatever finds out who asks.
 */
export function limitRates(app: FastifyInstance, { rates, limiter, metrics }: RateLimits): void {
  const hooks = new Map<RateClass, onRequestHookHandler>()
  for (const name of ['token', 'write', 'anonymous-read'] as const) {
    const rate = rates[name]
    if (rate) hooks.set(name, hookFor(name, rate, { limiter, metrics }))
  }
  app.addHook('onRoute', (route) => {
    const name = rateClassOf(route)
    const hook = name && hooks.get(name)
    const before = [route.onRequest ?? []].flat()
    // The HEAD of a GET has it already.
    if (hook && !before.includes(hook)) route.onRequest = [...before, hook]
    const ofWrites = hooks.get('write')
    if (ofWrites && isGate(route)) route.preHandler = [unlessOnlyAsking(ofWrites), ...[route.preHandler ?? []].flat()]
  })
}

/** What such a request is to do stands in its body, which comes later. */
function unlessOnlyAsking(hook: onRequestHookHandler): preHandlerHookHandler {
  return function holdAgainstRate(request, reply, done) {
    if (isOnlyAsking(request)) done()
    else hook.call(this, request, reply, done)
  }
}

function hookFor(name: RateClass, rate: Rate, { limiter, metrics }: Omit<RateLimits, 'rates'>): onRequestHookHandler {
  const requests = metrics?.requests.of({ class: name })
  const rejections = metrics?.rejections.of({ class: name })
  const policy = `"${name}";q=${rate.most};w=${rate.windowMs / 1000}`
  return (request, reply, done) => {
    const key = keyOf(name, request)
    if (key === undefined) return done()
    requests?.add(1)
    const judge = (taken: Taken): Error | undefined => {
      tell(reply, { name, policy, taken })
      if (taken.isAllowed) return undefined
      rejections?.add(1)
      return refusal(name, rate, taken)
    }
    const taken = limiter.take(name, key, rate)
    if (!('then' in taken)) return done(judge(taken))
    void judgeLater(taken, judge, done)
  }
}

/** It never rejects: what fails is told to `done`. */
async function judgeLater(
  taken: Promise<Taken>,
  judge: (taken: Taken) => Error | undefined,
  done: (error?: Error) => void,
): Promise<void> {
  let refused: unknown
  try {
    refused = judge(await taken)
  } catch (error) {
    refused = error
  }
  done(refused instanceof Error ? refused : undefined)
}

/** Whose requests are counted together, or undefined where this request counts for nobody. */
function keyOf(name: RateClass, request: FastifyRequest): string | undefined {
  const { identity } = request
  const isNobody = identity.kind === 'anonymous' || identity.kind === 'local'
  if (name === 'anonymous-read' && !isNobody) return undefined
  return name === 'write' && !isNobody ? `id:${identity.credential}` : addressKey(request.ip)
}

/** In the form of draft-ietf-httpapi-ratelimit-headers-10. */
function tell(reply: FastifyReply, told: { name: RateClass; policy: string; taken: Taken }): void {
  const { name, policy, taken } = told
  reply.header('ratelimit-policy', policy)
  reply.header('ratelimit', `"${name}";r=${taken.left};t=${secondsOf(taken.freeInMs)}`)
}

function refusal(name: RateClass, { most, windowMs }: Rate, { freeInMs }: Taken): Error {
  const { of, setting } = RATE_RULES[name]
  return registryError('rate.limited', { of, most, within: windowMs / 1000, setting, seconds: secondsOf(freeInMs) })
}

function secondsOf(ms: number): number {
  return Math.max(1, Math.ceil(ms / 1000))
}
