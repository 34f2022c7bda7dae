import type { FastifyPluginAsync, FastifyRequest, RouteOptions } from 'fastify'
import { type EndpointContract, templateOf } from '../../contracts/index.ts'
import { checkRequest } from './check-request.ts'
import { checkResponse } from './check-response.ts'
import { type Broken, compileGuard, type Guard, type OnBroken } from './guard.ts'
import { readJsonExactly } from './json-parser.ts'
import { handleErrors } from './refuse.ts'
import { openState, type Settings, STATE } from './state.ts'
import { writeResponse } from './write-response.ts'

export type GuardRoutesOptions = {
  /** The contracts of the routes that are registered after this; each must get its route. */
  readonly serves: readonly EndpointContract[]
  /** What becomes of a response that breaks its contract; `refuse` unless given. */
  readonly responses?: OnBroken
  /** Who answers a refused request: the guard, or, with `throw`, the app's error handler, which is given `RequestRefused`. */
  readonly refusals?: 'answer' | 'throw'
  /** False leaves the JSON parser of the app in its place; see docs/serving-http.md for what it changes. */
  readonly exactJson?: boolean
  /** Told of every request that was refused, and of every response that broke its contract. */
  readonly onFinding?: (broken: Broken, request: FastifyRequest) => void
}

/**
 * Guards the routes of a Fastify app that serve contracts: register it before them. The app is not ready while a contract
 * has no route.
 */
export const guardRoutes: FastifyPluginAsync<GuardRoutesOptions> = Object.assign(
  (async (app, { serves, exactJson = true, ...options }) => {
    const { responses = 'refuse', refusals = 'answer', onFinding } = options
    const settings: Settings = { responses, refusals, tell: telling(onFinding) }
    const guards = new Map(serves.map((contract) => [keyOf(contract.method, contract.path), compileGuard(contract)]))
    if (guards.size < serves.length) throw new TypeError(`Two contracts say the same operation: ${namesOf(serves)}.`)
    const missing = new Set(guards.values())
    if (!app.hasRequestDecorator(STATE)) app.decorateRequest(STATE, null)
    if (exactJson) readJsonExactly(app)
    app.addHook('onRoute', (route) => {
      const guard = guardOf(route, guards)
      if (guard === undefined) return
      if (!isHeadOf(route, guard) && !missing.delete(guard)) throw new TypeError(twice(route, guard))
      guardRoute(route, guard, settings)
    })
    app.addHook('onReady', (ready) => ready(missing.size > 0 ? new Error(withoutRoute([...missing])) : undefined))
  }) satisfies FastifyPluginAsync<GuardRoutesOptions>,
  // the routes beside the plugin are guarded, not those inside
  { [Symbol.for('skip-override')]: true, [Symbol.for('fastify.display-name')]: 'concordat-guard' },
)

/** Whoever is told cannot stop an answer by throwing. */
function telling(onFinding: GuardRoutesOptions['onFinding']): Settings['tell'] {
  return (broken, request) => {
    try {
      onFinding?.(broken, request)
    } catch (error) {
      request.log.error(error, 'onFinding has thrown.')
    }
  }
}

/** Before what else the route does with a request, and behind what else it does with a response. */
function guardRoute(route: RouteOptions, guard: Guard, settings: Settings): void {
  const hooked = { guard, settings }
  // the JSON parser has to know whose body it reads
  if (guard.reads.has('body'))
    route.onRequest = [(request, _reply, next) => next(void openState(request, guard)), ...listOf(route.onRequest)]
  route.preValidation = [checkRequest(hooked, withoutPatterns(route.url)), ...listOf(route.preValidation)]
  // a route with schemas for its responses has Fastify write them
  if (!hasResponseSchema(route)) route.preSerialization = [...listOf(route.preSerialization), writeResponse(hooked)]
  route.onSend = [...listOf(route.onSend), checkResponse(hooked)]
  route.errorHandler = handleErrors(hooked, route.errorHandler)
}

function hasResponseSchema({ schema }: RouteOptions): boolean {
  return typeof schema === 'object' && schema !== null && 'response' in schema && schema.response !== undefined
}

function listOf<T>(hooks: T | T[] | undefined): T[] {
  return hooks === undefined ? [] : Array.isArray(hooks) ? hooks : [hooks]
}

function guardOf({ method, url }: RouteOptions, guards: ReadonlyMap<string, Guard>): Guard | undefined {
  const found = listOf(method).map((name) => guards.get(keyOf(name, url)) ?? headOf(name, url, guards))
  const [guard] = found
  if (new Set(found).size > 1)
    throw new TypeError(
      `Not all methods of the route ${listOf(method).join(', ')} ${url} have the same contract; give each method its own route.`,
    )
  return guard
}

/** A HEAD is answered by what answers the GET. */
function headOf(method: string, url: string, guards: ReadonlyMap<string, Guard>): Guard | undefined {
  return method.toUpperCase() === 'HEAD' ? guards.get(keyOf('GET', url)) : undefined
}

function isHeadOf({ method }: RouteOptions, { contract }: Guard): boolean {
  return method === 'HEAD' && contract.method === 'GET'
}

function keyOf(method: string, path: string): string {
  return `${method.toUpperCase()} ${templateOf(withoutPatterns(path))}`
}

/** Patterns that a route gives for its parameters are its own affair. */
function withoutPatterns(path: string): string {
  return path.replaceAll(/(:\w+)\((?:[^()]|\([^()]*\))*\)/g, '$1')
}

function namesOf(contracts: readonly EndpointContract[]): string {
  return contracts.map(({ name, method, path }) => `${name} (${method} ${path})`).join(', ')
}

function twice({ method, url }: RouteOptions, { contract }: Guard): string {
  return `${contract.name} has a route already; ${listOf(method).join(', ')} ${url} would be a second one.`
}

function withoutRoute(guards: readonly Guard[]): string {
  return `No route was registered, after the guard, for ${namesOf(guards.map(({ contract }) => contract))}; add it, or take the contract out of \`serves\`.`
}
