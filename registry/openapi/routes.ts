import type { Body, Operation, Parameter, Surface } from './operation.ts'
import { refusalsOf, responseOf } from './responses.ts'
import { isGuarded, securityOf, takesKey } from './security.ts'

export type Route = {
  readonly surface: Surface
  readonly method: string
  /** As the server writes it: `/subjects/:subject`. */
  readonly path: string
  readonly operation: Operation
}

/** A path as OpenAPI writes it. */
export function templateOf(path: string): string {
  return path.replaceAll(/:(\w+)/g, '{$1}')
}

/** An operation as OpenAPI writes it, with what it has because of its method, its path and what it needs. */
export function tellRoute(route: Route): object {
  const { surface, path, operation } = route
  const { id, summary, query = [], body, answers } = operation
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name)
  const isOnce = takesKey(route)
  const own = Object.entries(answers).map(([status, answer]) => [
    status,
    responseOf(surface, answer, isOnce ? ['idempotency-replayed'] : []),
  ])
  return {
    operationId: id,
    tags: [surface.name],
    summary,
    security: securityOf(route),
    parameters: [
      ...names.map((name) => ({ $ref: `#/components/parameters/${surface.name}-${name}` })),
      ...query.map((parameter) => tellParameter(parameter, 'query')),
      ...(isOnce ? [{ $ref: '#/components/parameters/idempotency-key' }] : []),
    ],
    ...(body && { requestBody: tellBody(surface, body) }),
    responses: { ...refusalsOf(surface, refusedWith(route)), ...Object.fromEntries(own) },
  }
}

function refusedWith(route: Route): number[] {
  const { surface, method, path, operation } = route
  return [
    400,
    ...(isGuarded(route) ? [401, 403, 429, 503] : []),
    ...(operation.refusals ?? []),
    ...(takesKey(route) ? [409, 422] : []),
    ...(method === 'GET' ? [] : [413]),
    ...(path.includes(':') ? [414] : []),
    ...(surface.readsBodies ? [415] : []),
    500,
  ]
}

function tellBody({ types }: Surface, { schema, examples }: Body): object {
  const [first = '', ...others] = types
  const told = { schema: { $ref: `#/components/schemas/${schema}` } }
  const values = Object.entries(examples).map(([name, value]) => [name, { value }])
  const content = [[first, { ...told, examples: Object.fromEntries(values) }], ...others.map((type) => [type, told])]
  return { required: true, content: Object.fromEntries(content) }
}

export function tellParameter(
  { name, description, schema, example, required }: Parameter,
  place: 'path' | 'query' | 'header',
): object {
  return {
    name,
    in: place,
    description,
    ...(required && { required }),
    schema,
    ...(example !== undefined && { example }),
  }
}
