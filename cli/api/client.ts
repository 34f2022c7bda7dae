import { randomUUID } from 'node:crypto'
import { registryError } from '../../registry/errors.ts'
import { Refused, wrongUsage } from '../refused.ts'
import { askAgain } from './again.ts'
import { refusalOf } from './refusal.ts'
import { authorization } from './token.ts'

/**
 * Speaks to the registry. Every call throws `Refused` for what the registry refuses, and when none answers. A registry
 * that cannot answer now and says when to come back is asked again, a few times, unless asking twice could do it twice.
 */
export type Api = {
  readonly url: string
  /** `wanted` is a member that tells such an answer from what some other server would say. */
  get<T extends object>(path: string, wanted: keyof T & string, query?: Query): Promise<T>
  /** The same for an answer that is a list. */
  list(path: string): Promise<readonly unknown[]>
  /** The same for an answer that is text, such as a drawing. */
  text(path: string, query?: Query): Promise<string>
  post<T extends object>(path: string, wanted: keyof T & string, body: object, options?: PostOptions): Promise<T>
  put<T extends object>(path: string, wanted: keyof T & string, body: object): Promise<T>
  remove<T extends object>(path: string, wanted: keyof T & string, query?: Query): Promise<T>
}

/** Whether asking twice does it once, by what it is or by the key that the registry is given. */
export type PostOptions = { readonly isIdempotent?: boolean }

/** What stands behind the question mark; a value that is undefined is left out. */
export type Query = { readonly [name: string]: string | number | undefined }

export type ApiOptions = {
  readonly url: string
  readonly token?: string | undefined
  /** How long one answer may take, and the longest that is waited until it is asked again. */
  readonly timeoutMs: number
  /** Tells that it is asked again. */
  readonly tell?: (sentence: string) => void
}

/** Creates a client for the registry at a URL. It holds no connection of its own and needs no closing. */
export function createApi(options: ApiOptions): Api {
  const ask = async <T>(call: Call, isWanted: (body: unknown) => body is T): Promise<T> => {
    const { status, text } = await exchange(options, call)
    const body = parse(text)
    if (status < 300 && isWanted(body)) return body
    throw refusalOf(options.url, status, body)
  }
  const askFor = <T extends object>(wanted: keyof T & string, call: Call) =>
    ask(call, (body): body is T => typeof body === 'object' && body !== null && wanted in body)
  return {
    url: options.url,
    get: (path, wanted, query) => askFor(wanted, { method: 'GET', path: withQuery(path, query) }),
    list: (path) => ask({ method: 'GET', path }, (body): body is unknown[] => Array.isArray(body)),
    text: async (path, query) => {
      const { status, text } = await exchange(options, { method: 'GET', path: withQuery(path, query) })
      if (status < 300) return text
      throw refusalOf(options.url, status, parse(text))
    },
    post: (path, wanted, body, { isIdempotent = false } = {}) =>
      askFor(wanted, { method: 'POST', path, body, isOnce: !isIdempotent }),
    put: (path, wanted, body) => askFor(wanted, { method: 'PUT', path, body }),
    remove: (path, wanted, query) => askFor(wanted, { method: 'DELETE', path: withQuery(path, query) }),
  }
}

/** A path below /api; what comes from outside stands in it as one step, whatever it says. */
export function pathTo(...steps: readonly string[]): string {
  return `/api/${steps.map(encodeStep).join('/')}`
}

/** A step of dots alone is a way up or down in every address, however it is written. */
export function encodeStep(step: string): string {
  if (/^\.{0,2}$/.test(step)) throw wrongUsage('name.invalid', `"${step}" cannot name anything in the registry.`)
  return encodeURIComponent(step.toWellFormed())
}

function withQuery(path: string, query: Query = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`
}

type Call = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly body?: object
  /** Whether asking twice could do it twice. */
  readonly isOnce?: boolean
  /** By which the registry knows again what it has been asked. */
  readonly key?: string
}
type Answer = { readonly status: number; readonly text: string; readonly retryAfter: string | null }

async function exchange(options: ApiOptions, call: Call): Promise<Answer> {
  const { timeoutMs, tell = () => {} } = options
  if (call.isOnce) return send(options, call)
  const keyed = call.method === 'GET' ? call : { ...call, key: randomUUID() }
  return askAgain(() => send(options, keyed), { tell, longestMs: timeoutMs })
}

async function send({ url, token, timeoutMs }: ApiOptions, { method, path, body, key }: Call): Promise<Answer> {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url + path, {
      method,
      signal,
      // A token that follows a redirect would reach somebody else.
      redirect: 'error',
      headers: {
        accept: 'application/json, application/problem+json, text/plain',
        ...authorization(token),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const retryAfter = response.headers.get('retry-after')
    return { status: response.status, retryAfter, text: await readBounded(response) }
  } catch (error) {
    if (error instanceof Refused) throw error
    const reason = signal.aborted ? `no answer within ${timeoutMs / 1000} s` : reasonOf(error)
    throw unreachable(url, reason, error)
  }
}

const MOST_BYTES = 64 * 1024 * 1024

/** The answer's text, unless it is longer than any that a registry gives. */
async function readBounded({ body, url }: Response): Promise<string> {
  const decoder = new TextDecoder()
  let [text, bytes] = ['', 0]
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength
    if (bytes > MOST_BYTES)
      throw new Refused('failed', 'registry.not-understood', `${url} answers with more than ${MOST_BYTES} bytes.`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}

function unreachable(url: string, reason: string, cause: unknown): Refused {
  const { message } = registryError('registry.unreachable', { url, reason })
  return new Refused('failed', 'registry.unreachable', message, { cause })
}

/** `fetch` says only that it failed; why stands in the causes below. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.cause !== undefined) return reasonOf(error.cause)
  return 'code' in error ? String(error.code) : error.message
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Nothing that the registry says; the caller tells so, with the status.
    return undefined
  }
}
