import type { OpenApiDocument } from '../../contracts/index.ts'
import type { Surface } from './operation.ts'
import { OPERATIONS } from './operations-surface.ts'
import { OWN_API } from './own-api.ts'
import { HEADERS, sharedResponses } from './responses.ts'
import { type Route, tellParameter, tellRoute, templateOf } from './routes.ts'
import { SCHEMA_REGISTRY } from './schema-registry.ts'
import { IDEMPOTENCY_KEY, SECURITY_SCHEMES } from './security.ts'

/** The APIs that the registry speaks. */
export const SURFACES: readonly Surface[] = [SCHEMA_REGISTRY, OWN_API, OPERATIONS]

/** Describes every route of the registry in OpenAPI 3.1. It stands beside the routes, which nothing in it changes. */
export function describeRegistry(): OpenApiDocument {
  const document = {
    openapi: '3.1.1',
    info: {
      title: 'Concordat',
      description: 'A schema registry, and what services agree on.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      // The version of the API. Which release answers is nobody's business.
      version: '1',
    },
    tags: SURFACES.map(({ name, description }) => ({ name, description })),
    paths: pathsOf(SURFACES.flatMap(routesOf)),
    components: {
      securitySchemes: SECURITY_SCHEMES,
      schemas: Object.assign({}, ...SURFACES.map(({ schemas }) => schemas)),
      parameters: Object.assign({ 'idempotency-key': IDEMPOTENCY_KEY }, ...SURFACES.map(sharedParameters)),
      headers: HEADERS,
      responses: Object.assign({}, ...SURFACES.map(sharedResponses)),
    },
  }
  // What is left is JSON, without what TypeBox writes beside it.
  return JSON.parse(JSON.stringify(document)) as OpenApiDocument
}

function routesOf(surface: Surface): Route[] {
  return Object.entries(surface.operations).map(([request, operation]) => {
    const [method = '', path = ''] = request.split(' ')
    return { surface, method, path, operation }
  })
}

function pathsOf(routes: readonly Route[]): object {
  const paths = [...Map.groupBy(routes, ({ path }) => templateOf(path))]
  return Object.fromEntries(
    paths.map(([path, some]) => [
      path,
      Object.fromEntries(some.map((route) => [route.method.toLowerCase(), tellRoute(route)])),
    ]),
  )
}

function sharedParameters({ name: surface, path }: Surface): object {
  return Object.fromEntries(
    Object.entries(path).map(([name, parameter]) => [
      `${surface}-${name}`,
      tellParameter({ ...parameter, name, required: true }, 'path'),
    ]),
  )
}
