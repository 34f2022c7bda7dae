import type { FastifyInstance, FastifyRequest, onRequestHookHandler, RouteOptions } from 'fastify'
import { registryError } from '../errors.ts'
import { shown } from '../unicode.ts'
import { needOf, type RouteNeed } from './needs.ts'
import { hasAny, isAllowed, type Need } from './scopes.ts'

declare module 'fastify' {
  interface FastifyContextConfig extends Partial<RouteNeed> {}
}

/** Notes at every route what it needs. One that is in no table stops the start: nobody would guard it. */
export function requireNeeds(app: FastifyInstance): void {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, ...needFor(route) }
  })
}

function needFor({ method, url }: Pick<RouteOptions, 'method' | 'url'>): RouteNeed {
  const found = [method].flat().map((one) => needOf(one, url))
  const [need] = found
  if (need === undefined || found.some((one) => one?.need !== need.need || one.neededFor !== need.neededFor))
    throw new Error(
      `The route ${String(method)} ${url} has no one need: say in registry/access/needs.ts what it needs.`,
    )
  if (need.neededFor !== undefined && !url.split('/').includes(`:${need.neededFor}`))
    throw new Error(`The route ${String(method)} ${url} has no parameter ":${need.neededFor}", which its need names.`)
  return need
}

/**
 * Lets through who may do what a route needs, as far as its path tells; the rest is demanded by its handler. It comes after
 * whatever finds out who asks, and stands at each route, after what else has been put there.
 */
export function authorise(app: FastifyInstance): void {
  const hooks = new WeakSet<object>()
  app.addHook('onRoute', (route) => {
    const { need = 'admin', neededFor } = route.config ?? {}
    const before = [route.onRequest ?? []].flat()
    // The HEAD of a GET has it already.
    if (need === 'nothing' || before.some((one) => hooks.has(one))) return
    const hook = hookFor({ need, ...(neededFor !== undefined && { neededFor }) })
    hooks.add(hook)
    route.onRequest = [...before, hook]
  })
}

type WithParams = FastifyRequest<{ Params: Readonly<Record<string, string>> }>

function hookFor({ need, neededFor }: RouteNeed): onRequestHookHandler {
  if (neededFor === undefined)
    return (request, _reply, done) =>
      done(hasAny(request.identity.scopes, need) ? undefined : refusal(request, need, '<name>'))
  return (request, _reply, done) => {
    const target = (request as WithParams).params[neededFor] ?? ''
    done(isAllowed(request.identity.scopes, need, target) ? undefined : refusal(request, need, target))
  }
}

/** Refuses a request whose sender may not do what it turned out to need; `*` asks for the right to do it to all. */
export function demand(request: FastifyRequest, need: Need, target: string): void {
  if (!isAllowed(request.identity.scopes, need, target)) throw refusal(request, need, target)
}

function refusal({ identity: { kind, name, scopes } }: FastifyRequest, need: Need, target: string): Error {
  const needed = need === 'read' || need === 'admin' ? need : `${need}:${shown(target)}`
  if (kind === 'anonymous') return registryError('access.unauthenticated', { needed })
  return registryError('access.denied', { who: name, needed, scopes })
}
