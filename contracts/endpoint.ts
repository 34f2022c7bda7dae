import { type TProperties, type TSchema, Type } from '@sinclair/typebox'
import { type Fields, schemaOf, schemaOfFields } from './contract.ts'
import type { Schema } from './schema/read.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
export type Method = (typeof METHODS)[number]

/** What is said of one HTTP operation: its request, and its response for each status. */
export type EndpointContract = {
  readonly kind: 'endpoint'
  readonly name: string
  /** The service that answers. Whoever `calls` names it; whoever `serves` is it. */
  readonly provider?: string
  readonly method: Method
  readonly path: string
  readonly request: Schema
  readonly responses: { readonly [status: string]: Schema }
}

export type EndpointOptions = {
  readonly provider?: string
  readonly method: Method
  readonly path: string
  /** The parts of the request that matter; a part that is left out may be anything. */
  readonly request?: {
    readonly path?: TProperties
    readonly query?: TProperties
    readonly headers?: TProperties
    readonly body?: Fields
  }
  /** The body of each response, by status. */
  readonly responses: { readonly [status: number]: Fields }
}

/** Declares an HTTP operation for `serves` or `calls`. */
export function endpoint(
  name: string,
  { provider, method, path, request = {}, responses }: EndpointOptions,
): EndpointContract {
  if (!METHODS.includes(method))
    throw new TypeError(`"${method}" is no HTTP method of ${name}: use one of ${METHODS.join(', ')}.`)
  if (!path.startsWith('/')) throw new TypeError(`The path "${path}" of ${name} must begin with "/".`)
  const parts: TProperties = {}
  for (const [part, fields] of Object.entries(request)) parts[part] = schemaOfFields(fields)
  const bodies = Object.entries(responses).map(([status, body]): [string, TSchema] => [
    status,
    Type.Object({ body: schemaOfFields(body) }),
  ])
  return {
    kind: 'endpoint',
    name,
    ...(provider === undefined ? {} : { provider }),
    method,
    path,
    request: schemaOf(`The request of ${name}`, Type.Object(parts)),
    responses: Object.fromEntries(
      bodies.map(([status, body]) => [status, schemaOf(`The response ${status} of ${name}`, body)]),
    ),
  }
}

/** The channel of one part of an operation; parameter names are erased, since two services may name them differently. */
export function endpointChannel(provider: string, { method, path }: EndpointContract, part: string): string {
  const template = path.replaceAll(/\{[^/}]*\}|:[A-Za-z_]\w*/g, '{}')
  return `http:${provider} ${method} ${template}#${part}`
}
