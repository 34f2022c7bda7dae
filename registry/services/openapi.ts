import { explain, type Json, type JsonObject, parseJson, SCHEMA_LIMITS } from '../../contracts/index.ts'
import { errorAt, registryError } from '../errors.ts'
import { type Converter, createConverter, isObject } from './openapi-schemas.ts'

/** An operation as a contract says it: one schema for the parts of its request, and one for each response. */
export type OpenApiOperation = {
  readonly method: string
  readonly path: string
  readonly request: Json
  readonly responses: { readonly [status: string]: Json }
}

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options']

/** The operations of an OpenAPI 3.0 or 3.1 document, which may come as JSON text. `at` is its place in the request. */
export function readOpenApi(sent: Json, at: string): OpenApiOperation[] {
  const document = typeof sent === 'string' ? parse(sent, at) : sent
  if (!isObject(document)) throw refused('it is no object', at)
  const version = typeof document.openapi === 'string' ? document.openapi : ''
  if (!/^3\.[01](?:\.|$)/.test(version))
    throw refused(
      `its version is ${JSON.stringify(document.openapi ?? null).slice(0, 60)}, and 3.0 and 3.1 are read`,
      at,
    )
  const paths = document.paths ?? {}
  if (!isObject(paths)) throw refused('its paths are no object', `${at}/paths`)
  const reading = {
    document,
    at,
    ofRequests: createConverter(document, { version, drops: 'readOnly' }),
    ofResponses: createConverter(document, { version, drops: 'writeOnly' }),
  }
  return Object.entries(paths).flatMap(([path, item]) => operationsAt(reading, path, item))
}

type Reading = {
  readonly document: JsonObject
  readonly at: string
  readonly ofRequests: Converter
  readonly ofResponses: Converter
}

function operationsAt(reading: Reading, path: string, item: Json): OpenApiOperation[] {
  const at = `${reading.at}/paths/${escaped(path)}`
  const found = resolve(reading, item, at)
  return METHODS.filter((method) => Object.hasOwn(found, method)).map((method) => {
    const place = `${at}/${method}`
    const operation = found[method]
    if (!isObject(operation)) throw refused('it is no operation', place)
    const parameters = [...parametersOf(reading, operation, place), ...parametersOf(reading, found, at)]
    return {
      method: method.toUpperCase(),
      path,
      request: requestOf(reading, { operation, parameters, place }),
      responses: responsesOf(reading, operation, place),
    }
  })
}

type Parameter = { readonly name: string; readonly part: string; readonly required: boolean; readonly schema: Json }

/** Of two of one name and place, the operation's own comes first. */
function parametersOf(reading: Reading, { parameters = [] }: JsonObject, at: string): Parameter[] {
  if (!Array.isArray(parameters)) throw refused('its parameters are no list', `${at}/parameters`)
  return parameters.flatMap((sent, i): Parameter[] => {
    const place = `${at}/parameters/${i}`
    const parameter = resolve(reading, sent, place)
    const { name, in: where, required } = parameter
    if (typeof name !== 'string') throw refused('a parameter has no name', place)
    const part = typeof where === 'string' ? PARTS.get(where) : undefined
    const isIgnored = part === undefined || (part === 'headers' && RESERVED_HEADERS.has(name.toLowerCase()))
    return isIgnored ? [] : [{ name, part, required: required === true, schema: schemaOf(parameter) }]
  })
}

const PARTS = new Map([
  ['path', 'path'],
  ['query', 'query'],
  ['header', 'headers'],
])

/** As the specification has it, these are told elsewhere. */
const RESERVED_HEADERS = new Set(['accept', 'content-type', 'authorization'])

/** A list in one text, or an object in several, has no form here: then anything goes. */
function schemaOf({ schema, style, explode, in: where }: JsonObject): Json {
  const isPlain = style === undefined || style === 'form' || style === 'simple'
  const isList = isObject(schema) && schema.type === 'array' && (where !== 'query' || explode === false)
  return isPlain && !isList && schema !== undefined ? schema : { type: 'string' }
}

type Asking = { readonly operation: JsonObject; readonly parameters: readonly Parameter[]; readonly place: string }

function requestOf(reading: Reading, { operation, parameters, place }: Asking): Json {
  const uses = new Set<string>()
  const convert = (schema: Json, at: string) => convertAt(reading.ofRequests, { schema, uses }, at)
  const properties: { [part: string]: Json } = {}
  for (const part of ['path', 'query', 'headers']) {
    const own = parameters.filter(
      (one, i) => one.part === part && parameters.findIndex((other) => isSame(one, other)) === i,
    )
    if (own.length > 0) properties[part] = partOf(own, (schema) => convert(schema, place))
  }
  const body =
    operation.requestBody === undefined ? {} : resolve(reading, operation.requestBody, `${place}/requestBody`)
  const schema = jsonSchemaOf(body)
  if (schema !== undefined) properties.body = convert(schema, `${place}/requestBody`)
  const isNeeded = schema !== undefined && body.required === true
  return withDefinitions(
    { type: 'object', properties, required: isNeeded ? ['body'] : [] },
    reading.ofRequests.definitions(uses),
  )
}

function partOf(parameters: readonly Parameter[], convert: (schema: Json) => Json): Json {
  return {
    type: 'object',
    properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, convert(schema)])),
    required: parameters.filter(({ part, required }) => required || part === 'path').map(({ name }) => name),
  }
}

function isSame(a: Parameter, b: Parameter): boolean {
  return a.name === b.name && a.part === b.part
}

function responsesOf(reading: Reading, { responses = {} }: JsonObject, place: string): OpenApiOperation['responses'] {
  if (!isObject(responses)) throw refused('its responses are no object', `${place}/responses`)
  const statuses = Object.entries(responses).filter(([status]) => !status.startsWith('x-'))
  return Object.fromEntries(
    statuses.map(([status, sent]) => {
      const at = `${place}/responses/${status}`
      const uses = new Set<string>()
      const schema = jsonSchemaOf(resolve(reading, sent, at))
      const body = schema === undefined ? undefined : convertAt(reading.ofResponses, { schema, uses }, at)
      const parts = body === undefined ? { properties: {}, required: [] } : { properties: { body }, required: ['body'] }
      return [status, withDefinitions({ type: 'object', ...parts }, reading.ofResponses.definitions(uses))]
    }),
  )
}

/** The schema of a body that is JSON; undefined for every other. */
function jsonSchemaOf({ content }: JsonObject): Json | undefined {
  if (!isObject(content)) return undefined
  const types = Object.entries(content)
  const [, media] =
    types.find(([type]) => /^application\/(?:[\w.+-]+\+)?json\b/i.test(type)) ??
    types.find(([type]) => type === '*/*') ??
    []
  return isObject(media) ? (media.schema ?? true) : undefined
}

function withDefinitions(schema: JsonObject, definitions: JsonObject): Json {
  return Object.keys(definitions).length > 0 ? { ...schema, $defs: definitions } : schema
}

type Converting = { readonly schema: Json; readonly uses: Set<string> }

/** What it refers to is looked at here, too, so that the place of what is wrong there is told. */
function convertAt({ convert, definitions }: Converter, { schema, uses }: Converting, at: string): Json {
  try {
    const converted = convert(schema, uses)
    definitions(uses)
    return converted
  } catch (error) {
    throw errorAt(error, at)
  }
}

/** Follows a reference to a part of the document, such as a parameter that several operations share. */
function resolve({ document }: Reading, value: Json, at: string): JsonObject {
  let found: Json | undefined = value
  for (let i = 0; i < MOST_STEPS && isObject(found) && typeof found.$ref === 'string'; i++)
    found = lookUp(document, found.$ref)
  if (!isObject(found) || typeof found.$ref === 'string') throw refused('it refers to nothing in the document', at)
  return found
}

/** More references in a row than this are a circle. */
const MOST_STEPS = 20

function lookUp(document: JsonObject, reference: string): Json | undefined {
  if (!reference.startsWith('#/')) return undefined
  const steps = reference
    .slice(2)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  return steps.reduce<Json | undefined>(
    (value, step) => (isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined),
    document,
  )
}

function parse(text: string, at: string): Json {
  const { value, inexact, findings } = { inexact: [], ...parseJson(text, SCHEMA_LIMITS.depth) }
  if (findings) throw refused(findings.slice(0, 3).map(explain).join('; '), at)
  if (inexact.length > 0) throw refused(`it has the integer ${inexact[0]}, which floating point would change`, at)
  return value
}

function escaped(step: string): string {
  return step.replaceAll('~', '~0').replaceAll('/', '~1')
}

function refused(reason: string, at: string): unknown {
  return errorAt(registryError('openapi.refused', { reason }), at)
}
