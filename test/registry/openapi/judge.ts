import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { document, follow, listOperations, type Operation, type Response, type Schema } from './described.ts'

export type Answer = {
  readonly status: number
  readonly type: string | undefined
  readonly headers: { readonly [name: string]: unknown }
  readonly body: Buffer
  /** What the server took it for, such as `GET /subjects/:subject`; undefined where it is no route. */
  readonly route: string | undefined
}

/** Says what is wrong with an answer by the document, or nothing. */
export type Judge = (answer: Answer, url: string) => string | undefined

/** Judges answers by the document: statuses, media types, and bodies, which have no member that it does not name. */
export function createJudge(): Judge {
  const ajv = new Ajv2020({ strict: false, validateFormats: true, allErrors: false })
  formats.default(ajv)
  ajv.addSchema({ $id: DOCUMENT, ...(closed(document) as object) })
  const operations = new Map(listOperations().map((one) => [`${one.method} ${one.path}`, one]))
  const compiled = new Map<Schema, ValidateFunction>()
  const validatorOf = (schema: Schema) => {
    const known =
      compiled.get(schema) ?? ajv.compile({ ...(closed(schema) as Schema), $id: `${DOCUMENT}/${compiled.size}` })
    compiled.set(schema, known)
    return known
  }
  return (answer, url) => {
    const name = answer.route?.replaceAll(/:(\w+)/g, '{$1}')
    const operation = name === undefined ? undefined : operations.get(name)
    if (name !== undefined && !operation) return `the route ${name} is not described`
    return operation ? judgeDescribed(operation, answer, validatorOf) : judgeUnknown(answer, url, validatorOf)
  }
}

const DOCUMENT = 'http://concordat.test/openapi'

function judgeDescribed(
  { responses }: Operation,
  { status, type, headers, body }: Answer,
  validatorOf: (schema: Schema) => ValidateFunction,
): string | undefined {
  const response = responses.get(status)
  if (!response) return `the status ${status} is not described: ${body.toString().slice(0, 200)}`
  const missing = requiredHeaders(response).find((name) => headers[name] === undefined)
  if (missing !== undefined) return `the status ${status} has no header ${missing}`
  const { content } = response
  if (!content) return body.length > 0 ? `the status ${status} has a body` : undefined
  const media = content[type?.split(';')[0] ?? '']
  if (!media) return `the media type ${type} is not described for the status ${status}`
  return type?.includes('json') ? judgeJson(body, validatorOf(absolute(media.schema))) : undefined
}

function requiredHeaders({ headers = {} }: Response): string[] {
  return Object.keys(headers).filter((name) => follow(headers[name] ?? {}).required === true)
}

/** What is answered where no route is: who may not come in is told that first. */
const UNKNOWN = new Set([400, 401, 403, 404, 414, 429])

/** No route, so a refusal in the form of the surface below which it would be. */
function judgeUnknown(
  { status, type, body }: Answer,
  url: string,
  validatorOf: (schema: Schema) => ValidateFunction,
): string | undefined {
  if (!UNKNOWN.has(status)) return `no route, and the status ${status}: ${body.toString().slice(0, 200)}`
  const isOwn = /^\/api(?:\/|\?|$)/.test(url)
  if ((type === 'application/problem+json') !== isOwn) return `no route, and the media type ${type}`
  return judgeJson(body, validatorOf(isOwn ? PROBLEM : REFUSAL))
}

const PROBLEM = { $ref: `${DOCUMENT}#/components/schemas/Problem` }
const REFUSAL = { $ref: `${DOCUMENT}#/components/schemas/Refusal` }

function judgeJson(body: Buffer, validate: ValidateFunction): string | undefined {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(body)
  if (validate(JSON.parse(text))) return undefined
  const [{ instancePath, message, params } = {}] = validate.errors ?? []
  return `the body is not as described: ${instancePath} ${message} ${JSON.stringify(params)} in ${text.slice(0, 300)}`
}

const absolutes = new WeakMap<Schema, Schema>()

/** A schema of the document by itself; the same one each time, so that it is compiled once. */
function absolute(schema: Schema): Schema {
  const known =
    absolutes.get(schema) ??
    (JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', `"${DOCUMENT}#/components/`)) as Schema)
  absolutes.set(schema, known)
  return known
}

/** Objects whose members are named have no others: what is answered beside them is not described. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, closed(member)]))
  const isNamed = members.type === 'object' && members.properties !== undefined
  return isNamed && members.additionalProperties === undefined ? { ...members, additionalProperties: false } : members
}
