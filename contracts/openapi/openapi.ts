import type { JsonObject } from '../json.ts'
import { type Components, createComponents } from './components.ts'
import { describeOperation } from './operation.ts'
import type { Endpoint } from './parts.ts'
import { type PathTemplate, readPath } from './paths.ts'
import { PROBLEM, PROBLEM_SCHEMA } from './problem.ts'

/** What is described: a service's operations, as it declares them for `serves`. */
export type Described = {
  readonly title: string
  readonly version: string
  readonly serves: readonly Endpoint[]
}

export type OpenApiOptions = {
  readonly description?: string
  /** Where the service can be reached. */
  readonly servers?: readonly { readonly url: string; readonly description?: string }[]
  /** Whether to tell what our guards answer by themselves: 400, 413, 415 and 500. True unless told otherwise. */
  readonly guarded?: boolean
}

/** An OpenAPI 3.1 document, as JSON. */
export type OpenApiDocument = {
  readonly openapi: string
  readonly info: JsonObject
  readonly paths: { readonly [path: string]: { readonly [method: string]: JsonObject } }
  readonly servers?: readonly JsonObject[]
  readonly components?: { readonly schemas: JsonObject }
}

/**
 * Describes operations in OpenAPI 3.1, as their contracts say them: equal contracts make equal documents. Throws a
 * TypeError for what such a document cannot tell.
 */
export function openapi({ title, version, serves }: Described, options: OpenApiOptions = {}): OpenApiDocument {
  const { description, servers, guarded: isGuarded = true } = options
  const components = createComponents(isGuarded ? { [PROBLEM]: PROBLEM_SCHEMA } : {})
  const paths = pathsOf(serves, components, isGuarded)
  const schemas = components.schemas()
  return {
    openapi: '3.1.1',
    info: { title, version, ...(description === undefined ? {} : { description }) },
    ...(servers === undefined ? {} : { servers }),
    paths,
    ...(Object.keys(schemas).length > 0 ? { components: { schemas } } : {}),
  }
}

type Draft = { readonly template: PathTemplate; readonly operations: Map<string, JsonObject> }

/** Operations on paths that differ in the names of their parameters only stand together, under the first one's names. */
function pathsOf(serves: readonly Endpoint[], components: Components, isGuarded: boolean): OpenApiDocument['paths'] {
  const paths = new Map<string, Draft>()
  const ids = new Set<string>()
  for (const endpoint of serves) {
    const own = readPath(endpoint.path)
    const { template, operations } = paths.get(own.shape) ?? { template: own, operations: new Map() }
    const method = endpoint.method.toLowerCase()
    if (operations.has(method))
      throw new TypeError(`${endpoint.method} ${endpoint.path} is served twice: say all of it in one contract.`)
    const inPath = own.parameters.map(({ name }, i) => ({ name, shown: template.parameters[i]?.shown ?? name }))
    const operationId = freeId(endpoint.name, ids)
    operations.set(method, describeOperation({ endpoint, operationId, inPath, components, isGuarded }))
    paths.set(own.shape, { template, operations })
  }
  return Object.fromEntries(
    [...paths.values()].map(({ template, operations }) => [template.path, Object.fromEntries(operations)]),
  )
}

/** Operations may share a name, and no id. */
function freeId(name: string, taken: Set<string>): string {
  let id = name
  for (let n = 2; taken.has(id); n++) id = `${name}-${n}`
  taken.add(id)
  return id
}
