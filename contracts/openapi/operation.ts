import { isObject, type JsonObject } from '../json.ts'
import type { Components } from './components.ts'
import { parametersOf } from './parameters.ts'
import { type Endpoint, partNames, partOf } from './parts.ts'
import type { PathParameter } from './paths.ts'
import { problemResponses } from './problem.ts'
import { declaredResponses, withProblems } from './responses.ts'

export type Operation = {
  readonly endpoint: Endpoint
  readonly operationId: string
  readonly inPath: readonly PathParameter[]
  readonly components: Components
  /** Whether to tell what the guard answers by itself. */
  readonly isGuarded: boolean
}

/** One operation, as its contract says it. */
export function describeOperation({ endpoint, operationId, inPath, components, isGuarded }: Operation): JsonObject {
  const parts = partNames(endpoint.request, endpoint)
  const parameters = parametersOf(endpoint, inPath, components)
  const isHead = endpoint.method === 'HEAD'
  const problems = isGuarded ? problemResponses(parts, isHead) : {}
  return {
    operationId,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(parts.includes('body') ? { requestBody: requestBody(endpoint, components) } : {}),
    responses: withProblems(declaredResponses(endpoint, components), problems),
  }
}

function requestBody(endpoint: Endpoint, components: Components): JsonObject {
  const { name, request } = endpoint
  const schema = components.embed(request, partOf(request, 'body'), `${name}.request.body`)
  const required = isObject(request.root) ? request.root.required : undefined
  const isRequired = Array.isArray(required) && required.includes('body')
  return { ...(isRequired ? { required: true } : {}), content: { 'application/json': { schema } } }
}
