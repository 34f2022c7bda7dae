import type { FastifyInstance, FastifyRequest } from 'fastify'
import { registryError } from '../errors.ts'
import type { RegistryMetrics } from '../operations/metrics.ts'
import { type Crowding, Load } from './load.ts'

export type Shedding = {
  readonly mostInFlight?: number | undefined
  readonly metrics?: RegistryMetrics['shed'] | undefined
}

/** Refuses requests before there are too many to answer any of them in time, but for those that ask how the process is. */
export function shedLoad(app: FastifyInstance, { mostInFlight, metrics }: Shedding): void {
  const load = new Load(mostInFlight)
  const leave = () => load.leave()
  const refuse = (reason: Crowding) => {
    metrics?.of({ reason }).add(1)
    return registryError('server.crowded', { reason: REASONS[reason], seconds: retryAfter() })
  }
  app.addHook('onRequest', (request, _reply, done) => {
    const reason = load.crowding()
    done(reason === undefined || isAboutTheProcess(request) ? undefined : refuse(reason))
  })
  // Not before the body is there: whoever sends it slowly would be in everybody's way.
  app.addHook('preValidation', (request, reply, done) => {
    // Whoever has gone meanwhile is told of no more, and would be under way for ever; the others are answered to everybody.
    if (reply.raw.closed || request.is404 || isAboutTheProcess(request)) return done()
    load.enter()
    // It comes once for every answer, given or cut off.
    reply.raw.on('close', leave)
    done()
  })
  let stop: (() => void) | undefined
  app.addHook('onListen', (done) => {
    stop = load.watch()
    done()
  })
  app.addHook('onClose', async () => stop?.())
}

const REASONS: { readonly [reason in Crowding]: string } = {
  'in-flight': 'as many requests are under way as MOST_IN_FLIGHT allows',
  'event-loop': 'the process is late with what it has to do',
}

const OPERATIONS = /^\/(?:health|ready|metrics)\/?(?:\?|$)/

function isAboutTheProcess({ raw }: FastifyRequest): boolean {
  return OPERATIONS.test(raw.url ?? '')
}

/** From 1 to 3 seconds, so that those who were refused together do not come back together. */
function retryAfter(): number {
  return 1 + Math.floor(Math.random() * 3)
}
