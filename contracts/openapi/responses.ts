import { isObject, type JsonObject } from '../json.ts'
import type { JsonSchema } from '../schema/keywords.ts'
import type { Components } from './components.ts'
import { type Endpoint, partNames, partOf } from './parts.ts'

type Responses = { readonly [status: string]: JsonObject }

/** The answers of a contract, by status. */
export function declaredResponses(endpoint: Endpoint, components: Components): Responses {
  const { name, method, responses } = endpoint
  const told = Object.entries(responses).map(([status, response]): [string, JsonObject] => {
    if (!/^[1-5]\d\d$/.test(status))
      throw new TypeError(`${name} answers with status ${status}, which is none: use 100 to 599.`)
    const hasBody = partNames(response, endpoint).includes('body') && method !== 'HEAD' && !isBodiless(status)
    if (!hasBody) return [status, { description: `The answer ${status}.` }]
    const body = partOf(response, 'body')
    const schema = components.embed(response, body, `${name}.${status}.body`)
    return [status, { description: describe(body.schema, status), content: { 'application/json': { schema } } }]
  })
  return Object.fromEntries(told)
}

/** A status that HTTP sends without a body. */
function isBodiless(status: string): boolean {
  return status.startsWith('1') || ['204', '205', '304'].includes(status)
}

function describe(body: JsonSchema, status: string): string {
  const told = isObject(body) ? (body.description ?? body.title) : undefined
  return typeof told === 'string' ? told : `The answer ${status}.`
}

/** Where the contract has an answer of the same status, both are told. OpenAPI asks for one answer at least. */
export function withProblems(declared: Responses, problems: Responses): JsonObject {
  const both = Object.entries(problems).map(([status, problem]) => [status, merged(declared[status], problem)])
  const all: JsonObject = { ...declared, ...Object.fromEntries(both) }
  return Object.keys(all).length > 0 ? all : { default: { description: 'The contract names no answer.' } }
}

function merged(declared: JsonObject | undefined, problem: JsonObject): JsonObject {
  if (declared === undefined) return problem
  const content = { ...contentOf(declared), ...contentOf(problem) }
  return { ...declared, ...(Object.keys(content).length > 0 ? { content } : {}) }
}

function contentOf({ content }: JsonObject): JsonObject {
  return isObject(content) ? content : {}
}
