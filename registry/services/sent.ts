import { type Static, type TSchema, Type } from '@sinclair/typebox'
import { canonicalJson, type Headers, type Json, templateOf } from '../../contracts/index.ts'
import { errorAt, registryError } from '../errors.ts'
import type { Verb } from '../store/services.ts'
import { type ChannelParts, channelOf, directionOf, parseChannel, providerOf, verbOf } from './channel.ts'
import { readOpenApi } from './openapi.ts'

const exactly = { additionalProperties: false } as const
const Text = (most: number) => Type.String({ minLength: 1, maxLength: most })
/** A schema as a value, or as JSON text, which is kept as it was sent. */
const Schema = Type.Unsafe<Json>({ type: ['object', 'boolean', 'string'] })

const Terms = {
  encoding: Type.Optional(Type.Union([Type.Literal('fields'), Type.Literal('json')])),
  field: Type.Optional(Text(200)),
  headers: Type.Optional(Type.Union([Type.Literal('off'), Type.Literal('id'), Type.Literal('full')])),
  guarded: Type.Optional(Type.Boolean()),
  external: Type.Optional(Type.Boolean()),
  keepsMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 10 * 365 * 24 * 3600 * 1000 })),
  subject: Type.Optional(Text(500)),
  origin: Type.Optional(Text(500)),
}
type Terms = Static<ReturnType<typeof Type.Object<typeof Terms>>>

const Contract = Type.Object(
  {
    channel: Text(1200),
    direction: Type.Union([Type.Literal('writes'), Type.Literal('reads')]),
    schema: Schema,
    ...Terms,
  },
  exactly,
)
const Stream = Type.Object({ stream: Text(1000), bus: Type.Optional(Text(200)), schema: Schema, ...Terms }, exactly)
const Operation = {
  method: Type.Union(
    ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((method) => Type.Literal(method)),
  ),
  path: Text(1000),
  request: Type.Optional(Schema),
  responses: Type.Optional(Type.Record(Type.String(), Schema)),
  ...Terms,
}
const Served = Type.Object(Operation, exactly)
const Called = Type.Object({ provider: Text(200), ...Operation }, exactly)

/** An OpenAPI document, as a value or as JSON text. */
const Document = Type.Unsafe<Json>({ type: ['object', 'string'] })
const CalledDocument = Type.Object(
  { provider: Text(200), openapi: Document, only: Type.Optional(Type.Array(Type.String())), ...Terms },
  exactly,
)

const list = <T extends TSchema>(items: T) => Type.Optional(Type.Array(items))

/** What a service says of its channels, in any of the forms in which it may be sent. */
export const SentContracts = {
  contracts: list(Contract),
  writes: list(Stream),
  reads: list(Stream),
  serves: list(Served),
  calls: list(Called),
  /** All of its operations are served. */
  openapi: Type.Optional(Document),
  /** All operations of each are called, or only those that are named, such as `POST /api/vote`. */
  callsOf: list(CalledDocument),
}
export type SentContracts = {
  readonly contracts?: readonly Static<typeof Contract>[]
  readonly writes?: readonly Static<typeof Stream>[]
  readonly reads?: readonly Static<typeof Stream>[]
  readonly serves?: readonly Static<typeof Served>[]
  readonly calls?: readonly Static<typeof Called>[]
  readonly openapi?: Json
  readonly callsOf?: readonly Static<typeof CalledDocument>[]
}

/** One contract as it was sent, and where in the request. */
export type SentContract = ChannelParts & {
  readonly at: string
  readonly verb: Verb
  /** JSON text. */
  readonly schema: string
  readonly schemaAt: string
  readonly encoding: 'fields' | 'json' | 'http'
  readonly field?: string
  readonly headers: Headers
  readonly guarded: boolean
  readonly external: boolean
  readonly keepsMs?: number
  readonly subject?: string
  readonly origin?: string
}

/** Contracts that one version may have. */
export const MOST_CONTRACTS = 1000

/** The contracts of a request, whatever form they have, each once. */
export function readSent(service: string, sent: SentContracts): SentContract[] {
  const { contracts = [], writes = [], reads = [], serves = [], calls = [], openapi, callsOf = [] } = sent
  const all = [
    ...contracts.map(({ channel, direction, schema, ...terms }, i) => {
      const parts = partsOf(channel, `/contracts/${i}/channel`)
      const at = `/contracts/${i}`
      const verb = verbOf(parts, direction)
      if (verb === 'serves') refuseForeign(service, parts, at)
      return contractOf(parts, verb, { schema, schemaAt: `${at}/schema`, terms, at })
    }),
    ...writes.map((one, i) => streamContract(one, 'writes', `/writes/${i}`)),
    ...reads.map((one, i) => streamContract(one, 'reads', `/reads/${i}`)),
    ...serves.flatMap((one, i) => [...operationContracts({ ...one, provider: service }, 'serves', `/serves/${i}`)]),
    ...calls.flatMap((one, i) => [...operationContracts(one, 'calls', `/calls/${i}`)]),
    ...(openapi === undefined ? [] : documentContracts({ provider: service, openapi }, 'serves', '/openapi')),
    ...callsOf.flatMap((one, i) => documentContracts(one, 'calls', `/callsOf/${i}/openapi`)),
  ]
  const once = refuseDisagreement(all)
  if (once.length > MOST_CONTRACTS)
    throw registryError('contracts.too-many', { count: once.length, most: MOST_CONTRACTS })
  return once
}

function streamContract(sent: Static<typeof Stream>, verb: 'writes' | 'reads', at: string): SentContract {
  const { stream, bus = 'default', schema, ...terms } = sent
  const parts = partsOf(`stream:${bus}/${stream}`, `${at}/stream`)
  return contractOf(parts, verb, { schema, schemaAt: `${at}/schema`, terms, at })
}

function documentContracts(sent: Static<typeof CalledDocument>, verb: 'serves' | 'calls', at: string): SentContract[] {
  const { openapi, only, ...terms } = sent
  const all = readOpenApi(openapi, at)
  const wanted = all.filter(({ method, path }) => only?.includes(`${method} ${path}`) ?? true)
  const missing = only?.find((name) => !all.some(({ method, path }) => name === `${method} ${path}`))
  if (missing !== undefined)
    throw errorAt(registryError('openapi.refused', { reason: `it has no operation "${missing.slice(0, 200)}"` }), at)
  const contracts: SentContract[] = []
  let characters = 0
  for (const { method, path, request, responses } of wanted) {
    const place = `${at}/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1')}/${method.toLowerCase()}`
    for (const contract of operationContracts({ ...terms, method, path, request, responses }, verb, place)) {
      characters += contract.schema.length
      if (characters > MOST_CHARACTERS) throw errorAt(registryError('openapi.refused', { reason: TOO_LARGE }), at)
      contracts.push(contract)
    }
  }
  return contracts
}

/** Characters of the schemas of one document, each with all that it refers to: a small document can refer to a lot, often. */
const MOST_CHARACTERS = 8_000_000
const TOO_LARGE = `its schemas, each with all that it refers to, have more than ${MOST_CHARACTERS} characters`

/** One after the other, since together they may be large. */
function* operationContracts(
  sent: Static<typeof Called>,
  verb: 'serves' | 'calls',
  at: string,
): Generator<SentContract> {
  const { provider, method, path, request = true, responses = {}, ...terms } = sent
  const place = `http:${provider} ${method} ${templateOf(path)}`
  for (const [part, schema] of [['request', request] as const, ...Object.entries(responses)]) {
    const where = part === 'request' ? `${at}/request` : `${at}/responses/${part}`
    yield contractOf(partsOf(`${place}#${part}`, where), verb, { schema, schemaAt: where, terms, at: where })
  }
}

function partsOf(channel: string, at: string): ChannelParts {
  try {
    return parseChannel(channel)
  } catch (error) {
    throw errorAt(error, at)
  }
}

/** Who served in the name of another would answer for it at the gates. */
function refuseForeign(service: string, { place }: ChannelParts, at: string): void {
  const provider = providerOf(place)
  if (provider === service) return
  const reason = `it says that "${service}" serves an operation of "${provider}": only "${provider}" itself says so`
  throw errorAt(registryError('request.malformed', { reason }), at)
}

type Rest = { readonly schema: Json; readonly schemaAt: string; readonly terms: Terms; readonly at: string }

function contractOf(parts: ChannelParts, verb: Verb, { schema, schemaAt, terms, at }: Rest): SentContract {
  const { encoding = 'fields', field = 'data', headers = 'off', guarded = true, external = false, ...others } = terms
  const isHttp = verb === 'serves' || verb === 'calls'
  return {
    ...parts,
    at,
    verb,
    schema: typeof schema === 'string' ? schema : canonicalJson(schema),
    schemaAt,
    encoding: isHttp ? 'http' : encoding,
    ...(!isHttp && encoding === 'json' && { field }),
    headers: isHttp ? 'off' : headers,
    guarded,
    external,
    ...others,
  }
}

/** The same said twice is said once; two that differ are a mistake that nobody should have to guess. */
function refuseDisagreement(contracts: readonly SentContract[]): SentContract[] {
  const known = new Map<string, SentContract>()
  const subjects = new Map<string, SentContract>()
  for (const contract of contracts) {
    const { at } = contract
    const channel = channelOf(contract)
    const direction = directionOf(contract.verb, contract.part)
    const key = `${direction} ${channel}`
    const other = known.get(key)
    if (other && canonicalJson(withoutPlace(contract)) !== canonicalJson(withoutPlace(other)))
      throw errorAt(registryError('contract.disagrees', { channel, direction }), at)
    known.set(key, other ?? contract)
    const { subject } = contract
    if (subject === undefined) continue
    const sharing = subjects.get(subject)
    if (sharing && sharing.schema !== contract.schema)
      throw errorAt(registryError('contract.disagrees', { channel: `subject ${subject}`, direction }), at)
    subjects.set(subject, contract)
  }
  return [...known.values()]
}

function withoutPlace(contract: SentContract): Omit<SentContract, 'at' | 'schemaAt' | 'origin'> {
  const { at: _at, schemaAt: _schemaAt, origin: _origin, ...said } = contract
  return said
}
