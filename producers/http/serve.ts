import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { type EndpointContract, mapParameters, type RequestParts } from '../../contracts/index.ts'
import type { Answer, Handle } from './answer.ts'
import { stateOf } from './state.ts'

/** The route of a contract, for `app.route`: method and path are the contract's, and the handler is typed by it. */
export function serve<
  C extends EndpointContract,
  S extends number,
  T extends string,
  N extends number,
  B extends boolean,
>(contract: C, handle: Handle<C, [request: FastifyRequest, reply: FastifyReply], Answer<C, S, T, N, B>>): RouteOptions {
  return {
    method: contract.method,
    url: urlOf(contract),
    handler: async (request, reply) => {
      const { status, body, headers } = await handle(partsOf(contract, request), request, reply)
      if (headers) reply.headers(headers)
      reply.code(status)
      return body === undefined ? reply.send() : body
    },
  }
}

/** Parameters may have any name in a contract; in a route their place tells them apart. */
function urlOf({ name, method, path }: EndpointContract): string {
  if (/\0[^/.-]/.test(mapParameters(path, () => '\0')))
    throw new TypeError(
      `No route can be made of ${name} (${method} ${path}): Fastify takes what follows a parameter for its name, unless it is "/", "-" or ".". Give the contract another path, or register a route of your own with a pattern for the parameter.`,
    )
  let place = 0
  return mapParameters(path, (parameter) => {
    place++
    return /^[A-Za-z_]\w*$/.test(parameter) ? `:${parameter}` : `:parameter${place}`
  })
}

/** The decoded, typed parts of a request that the guard has let through. */
export function partsOf<C extends EndpointContract>(contract: C, request: FastifyRequest): RequestParts<C> {
  const state = stateOf(request)
  if (state?.guard.contract !== contract)
    throw new TypeError(
      `${request.method} ${request.routeOptions.url} is not guarded by ${contract.name}: register guardRoutes with this contract before the route.`,
    )
  // decoded by the guard, and checked against this contract
  return state.parts as RequestParts<C>
}
