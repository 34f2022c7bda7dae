import { type TObject, type TProperties, type TSchema, Type } from '@sinclair/typebox'
import { type Fields, type SchemaOfFields, schemaOf, schemaOfFields } from './contract.ts'
import { requestLayout } from './http/layout.ts'
import { parameterNames, templateOf } from './http/template.ts'
import type { Schema } from './schema/read.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
export type Method = (typeof METHODS)[number]

/** The parts of a request that a contract may describe. */
export type RequestFields = {
  readonly path?: Fields
  readonly query?: Fields
  readonly headers?: Fields
  readonly body?: Fields
}
/** The body of each response by status; null for a status that comes without JSON: empty, or text, bytes or a stream. */
export type ResponseFields = { readonly [status: number]: Fields | null }

export type ResponseTypes = { readonly [status: number]: TSchema | null }

export type RequestTypeOf<R extends RequestFields> = TObject<{
  -readonly [P in keyof R & keyof RequestFields]: SchemaOfFields<NonNullable<R[P]>>
}>
export type ResponseTypesOf<R extends ResponseFields> = {
  readonly [S in keyof R & number]: R[S] extends Fields ? SchemaOfFields<R[S]> : null
}

/** What is said of one HTTP operation: its request, and its response for each status. */
export type EndpointContract<Request extends TSchema = TSchema, Responses extends ResponseTypes = ResponseTypes> = {
  readonly kind: 'endpoint'
  readonly name: string
  /** The service that answers. Whoever `calls` names it; whoever `serves` is it. */
  readonly provider?: string
  /** Somebody is on the other side whom the registry does not know. */
  readonly external?: boolean
  readonly method: Method
  readonly path: string
  /** One object with a property for each part that is described. */
  readonly requestType: Request
  readonly responseTypes: Responses
  readonly request: Schema
  /** For each status an object with the property `body`, or without any where no JSON comes. */
  readonly responses: { readonly [status: string]: Schema }
}

export type EndpointOptions<R extends RequestFields = RequestFields, S extends ResponseFields = ResponseFields> = {
  readonly provider?: string
  readonly external?: boolean
  readonly method: Method
  readonly path: string
  /** The parts of the request that matter; a part that is left out may be anything. */
  readonly request?: R
  /** The body of each response, by status. */
  readonly responses: S
}

/** Declares an HTTP operation for `serves` or `calls`. Throws `ContractRefused` for parts that have no form in a request. */
// biome-ignore lint/complexity/noBannedTypes: an operation that says nothing of its request has no parts
export function endpoint<const S extends ResponseFields, R extends RequestFields = {}>(
  name: string,
  options: EndpointOptions<R, S>,
): EndpointContract<RequestTypeOf<R>, ResponseTypesOf<S>> {
  const { provider, external, method, path, responses } = options
  const request: RequestFields = options.request ?? {}
  checkOperation(name, options)
  const parts: TProperties = {}
  for (const [part, fields] of Object.entries(request)) parts[part] = schemaOfFields(fields)
  const requestType = Type.Object(parts)
  const responseTypes = Object.fromEntries(
    Object.entries<Fields | null>(responses).map(([status, body]) => [status, body && schemaOfFields(body)]),
  )
  const contract = {
    kind: 'endpoint',
    name,
    ...(provider === undefined ? {} : { provider }),
    ...(external === undefined ? {} : { external }),
    method,
    path,
    // the very schemas that were given, under the names under which they were given
    requestType: requestType as RequestTypeOf<R>,
    responseTypes: responseTypes as ResponseTypesOf<S>,
    request: schemaOf(`The request of ${name}`, requestType),
    responses: Object.fromEntries(
      Object.entries(responseTypes).map(([status, body]) => [
        status,
        schemaOf(`The response ${status} of ${name}`, Type.Object(body ? { body } : {})),
      ]),
    ),
  } as const
  requestLayout(contract)
  return contract
}

function checkOperation(name: string, { method, path, request = {}, responses }: EndpointOptions): void {
  if (!METHODS.includes(method))
    throw new TypeError(`"${method}" is no HTTP method of ${name}: use one of ${METHODS.join(', ')}.`)
  if (!path.startsWith('/')) throw new TypeError(`The path "${path}" of ${name} must begin with "/".`)
  const names = parameterNames(path)
  const twice = names.find((parameter, i) => names.indexOf(parameter) < i)
  if (twice !== undefined)
    throw new TypeError(`The path "${path}" of ${name} has two parameters "${twice}"; name them differently.`)
  if (request.body !== undefined && (method === 'GET' || method === 'HEAD'))
    throw new TypeError(`${name} declares a body for ${method}, which has none; put it into the query.`)
  for (const [status, body] of Object.entries(responses))
    if (body !== null && BODILESS.has(status))
      throw new TypeError(`${name} declares a body for ${status}, which has none; write ${status}: null.`)
}

const BODILESS = new Set(['204', '205', '304'])

/** The channel of one part of an operation; parameter names are erased, since two services may name them differently. */
export function endpointChannel(provider: string, { method, path }: EndpointContract, part: string): string {
  return `http:${provider} ${method} ${templateOf(path)}#${part}`
}
