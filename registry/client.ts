import { RegistryRefusal, registryError } from './errors.ts'

export type CallOptions = { readonly signal?: AbortSignal }
export type ClientOptions = {
  /** How long one call may take. */
  readonly timeoutMs?: number
  /** Sent with every call, as a bearer; a function is asked each time, so that it may change. */
  readonly token?: string | (() => string | Promise<string>)
}

/** A schema as JSON text, or as the value that the text stands for. */
export type SchemaSource = string | object | boolean
export type RegisteredSchema = { readonly id: number; readonly schema: string }
export type RegisteredVersion = RegisteredSchema & { readonly subject: string; readonly version: number }

/** Speaks to a schema registry. Every call throws `RegistryRefusal` for a refusal, and `RegistryError` when there is no answer. */
export interface RegistryClient {
  /** Registers a schema under a subject. Doing it again changes nothing and answers the same. */
  register(subject: string, schema: SchemaSource, options?: CallOptions): Promise<{ id: number; version?: number }>
  /** Finds the version under which a subject has this very schema. */
  lookup(subject: string, schema: SchemaSource, options?: CallOptions): Promise<RegisteredVersion>
  schemaById(id: number, options?: CallOptions): Promise<RegisteredSchema>
  version(subject: string, version: number | 'latest', options?: CallOptions): Promise<RegisteredVersion>
  versions(subject: string, options?: CallOptions): Promise<number[]>
  subjects(options?: CallOptions): Promise<string[]>
}

/** Creates a client for the registry at a URL. It holds no connection of its own and needs no closing. */
export function createRegistryClient(url: string, { timeoutMs = 10_000, token }: ClientOptions = {}): RegistryClient {
  const base = url.replace(/\/+$/, '')
  const ask = async <T>(path: string, read: (body: unknown) => T | undefined, call: Call = {}): Promise<T> => {
    const authorization = await authorizationFor(token)
    const { status, body } = await exchange(base + path, { ...call, authorization }, timeoutMs)
    const answer = status < 300 ? read(body) : undefined
    if (answer === undefined)
      throw refusalIn(status, body) ?? registryError('registry.not-understood', { url: base, status })
    return answer
  }
  return {
    register: (subject, schema, options) =>
      ask(`${pathOf(subject)}/versions`, readRegistration, { ...options, body: requestOf(schema) }),
    lookup: (subject, schema, options) => ask(pathOf(subject), readVersion, { ...options, body: requestOf(schema) }),
    schemaById: (id, options) => ask(`/schemas/ids/${id}`, (body) => readSchema(id, body), options),
    version: (subject, version, options) => ask(`${pathOf(subject)}/versions/${version}`, readVersion, options),
    versions: (subject, options) => ask(`${pathOf(subject)}/versions`, readListOf(isNumber), options),
    subjects: (options) => ask('/subjects', readListOf(isString), options),
  }
}

type Call = CallOptions & { readonly body?: string; readonly authorization?: string | undefined }
type Answer = { readonly status: number; readonly body: unknown }

async function exchange(url: string, { body, signal, authorization }: Call, timeoutMs: number): Promise<Answer> {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url, {
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      headers: {
        accept: CONTENT_TYPE,
        ...(body !== undefined && { 'content-type': CONTENT_TYPE }),
        ...(authorization !== undefined && { authorization }),
      },
      ...(body !== undefined && { method: 'POST', body }),
    })
    return { status: response.status, body: parse(await response.text()) }
  } catch (error) {
    signal?.throwIfAborted()
    const reason = timeout.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(error)
    throw registryError('registry.unreachable', { url, reason }, { cause: error })
  }
}

async function authorizationFor(token: ClientOptions['token']): Promise<string | undefined> {
  const now = typeof token === 'function' ? await token() : token
  if (now === undefined) return undefined
  // fetch would tell all of it in its error.
  if (!/^[\x21-\x7E]+$/.test(now)) throw registryError('client.token-unsendable', undefined)
  return `Bearer ${now}`
}

const CONTENT_TYPE = 'application/vnd.schemaregistry.v1+json'

function pathOf(subject: string): string {
  return `/subjects/${encodeURIComponent(subject)}`
}

function requestOf(schema: SchemaSource): string {
  return JSON.stringify({ schemaType: 'JSON', schema: typeof schema === 'string' ? schema : JSON.stringify(schema) })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Nothing that a registry says; the caller tells so, with the status.
    return undefined
  }
}

/** `fetch` says only that it failed; why stands in the causes below. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause !== undefined) return reasonOf(error.cause)
  return 'code' in error ? String(error.code) : error.message
}

function refusalIn(status: number, body: unknown): RegistryRefusal | undefined {
  if (!isObject(body) || !isNumber(body.error_code) || !isString(body.message)) return undefined
  return new RegistryRefusal({ status, errorCode: body.error_code, message: body.message })
}

function readRegistration(body: unknown): { id: number; version?: number } | undefined {
  if (!isObject(body) || !isNumber(body.id)) return undefined
  return { id: body.id, ...(isNumber(body.version) && { version: body.version }) }
}

function readSchema(id: number, body: unknown): RegisteredSchema | undefined {
  return isObject(body) && isString(body.schema) ? { id, schema: body.schema } : undefined
}

function readVersion(body: unknown): RegisteredVersion | undefined {
  if (!isObject(body)) return undefined
  const { id, schema, subject, version } = body
  if (!isNumber(id) || !isString(schema) || !isString(subject) || !isNumber(version)) return undefined
  return { id, schema, subject, version }
}

function readListOf<T>(isItem: (item: unknown) => item is T) {
  return (body: unknown): T[] | undefined => (Array.isArray(body) && body.every(isItem) ? body : undefined)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

function isString(value: unknown): value is string {
  return typeof value === 'string'
}
