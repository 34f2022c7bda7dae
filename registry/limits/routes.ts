import type { FastifyRequest, RouteOptions } from 'fastify'
import type { RateClass } from './rates.ts'

/** What a route says of itself when it is added. */
export type AddedRoute = Pick<RouteOptions, 'method' | 'url' | 'config'>

const TOKENS = /^\/api\/tokens(?:\/|$)/

/** Whether a route's answers may hold a secret. */
export function isAboutTokens({ url }: Pick<AddedRoute, 'url'>): boolean {
  return TOKENS.test(url)
}

/** Whether some requests to a route change something. */
export function mayWrite(route: AddedRoute): boolean {
  return isWriting(route) || isGate(route)
}

/** Whether a route needs no more than reading, and some requests to it write all the same: their bodies say so. */
export function isGate({ method, url }: Pick<AddedRoute, 'method' | 'url'>): boolean {
  return method === 'POST' && url === GATE
}

/** Whether a request to a route that may write only asks: a gate writes when something is to start. */
export function isOnlyAsking({ routeOptions, body }: Pick<FastifyRequest, 'routeOptions' | 'body'>): boolean {
  return routeOptions.url === GATE && !(typeof body === 'object' && body !== null && 'start' in body && body.start)
}

const GATE = '/api/can-i-deploy'

function isWriting({ method, config }: AddedRoute): boolean {
  return method !== 'GET' && method !== 'HEAD' && config?.need !== 'nothing' && config?.need !== 'read'
}

/** The class of a route; one that whoever runs the process needs has none. */
export function rateClassOf(route: AddedRoute): RateClass | undefined {
  if (isAboutTokens(route)) return 'token'
  if (isWriting(route)) return 'write'
  return route.config?.need === 'nothing' ? undefined : 'anonymous-read'
}
