import { registryError } from '../../registry/errors.ts'
import { Refused, type RefusedExit, wrongUsage } from '../refused.ts'

/** Speaks to the registry's own API. Every call throws `Refused` for a problem that the registry tells, and when none answers. */
export type Api = {
  readonly url: string
  /** `wanted` is a member that tells such an answer from what some other server would say. */
  get<T extends object>(path: string, wanted: keyof T & string, query?: Query): Promise<T>
  /** The same for an answer that is text, such as a drawing. */
  text(path: string, query?: Query): Promise<string>
  post<T extends object>(path: string, wanted: keyof T & string, body: object): Promise<T>
  put<T extends object>(path: string, wanted: keyof T & string, body: object): Promise<T>
  remove<T extends object>(path: string, wanted: keyof T & string, query?: Query): Promise<T>
}

/** What stands behind the question mark; a value that is undefined is left out. */
export type Query = { readonly [name: string]: string | number | undefined }

export type ApiOptions = {
  readonly url: string
  readonly token?: string | undefined
  /** How long one call may take. */
  readonly timeoutMs: number
}

/** Creates a client for the registry at a URL. It holds no connection of its own and needs no closing. */
export function createApi(options: ApiOptions): Api {
  const ask = async <T>(wanted: string, call: Call): Promise<T> => {
    const { status, text } = await exchange(options, call)
    const body = parse(text)
    if (status < 300 && typeof body === 'object' && body !== null && wanted in body) return body as T
    throw refusalOf(options.url, status, body)
  }
  return {
    url: options.url,
    get: (path, wanted, query) => ask(wanted, { method: 'GET', path: withQuery(path, query) }),
    text: async (path, query) => {
      const { status, text } = await exchange(options, { method: 'GET', path: withQuery(path, query) })
      if (status < 300) return text
      throw refusalOf(options.url, status, parse(text))
    },
    post: (path, wanted, body) => ask(wanted, { method: 'POST', path, body }),
    put: (path, wanted, body) => ask(wanted, { method: 'PUT', path, body }),
    remove: (path, wanted, query) => ask(wanted, { method: 'DELETE', path: withQuery(path, query) }),
  }
}

/** A path below /api; what comes from outside stands in it as one step, whatever it says. */
export function pathTo(...steps: readonly string[]): string {
  return `/api/${steps.map(encodeStep).join('/')}`
}

/** A step of dots alone is a way up or down in every address, however it is written. */
function encodeStep(step: string): string {
  if (/^\.{0,2}$/.test(step)) throw wrongUsage('name.invalid', `"${step}" cannot name anything in the registry.`)
  return encodeURIComponent(step.toWellFormed())
}

function withQuery(path: string, query: Query = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]))
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given).toString()}`
}

type Call = { readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'; readonly path: string; readonly body?: object }
type Answer = { readonly status: number; readonly text: string }

async function exchange({ url, token, timeoutMs }: ApiOptions, { method, path, body }: Call): Promise<Answer> {
  const signal = AbortSignal.timeout(timeoutMs)
  try {
    const response = await fetch(url + path, {
      method,
      signal,
      // A token that follows a redirect would reach somebody else.
      redirect: 'error',
      headers: {
        accept: 'application/json, application/problem+json, text/plain',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return { status: response.status, text: await readBounded(response) }
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

/** A problem as the registry tells it (RFC 9457), as the end of a command. */
function refusalOf(url: string, status: number, body: unknown): Refused {
  if (!isProblem(body)) {
    const { message } = registryError('registry.not-understood', { url, status })
    return new Refused('failed', 'registry.not-understood', message)
  }
  const { code, detail, title: _title, type: _type, status: _status, ...details } = body
  const near = Array.isArray(body.near) && body.near.length > 0 ? ` Did you mean ${listOf(body.near)}?` : ''
  const isSaid = near !== '' && /did you mean/i.test(detail)
  return new Refused(exitFor(status), code, isSaid ? detail : detail + near, { details })
}

type Problem = Readonly<Record<string, unknown>> & { readonly code: string; readonly detail: string }

function isProblem(body: unknown): body is Problem {
  return (
    typeof body === 'object' &&
    body !== null &&
    'code' in body &&
    typeof body.code === 'string' &&
    'detail' in body &&
    typeof body.detail === 'string'
  )
}

function listOf(names: readonly unknown[]): string {
  return names
    .slice(0, 5)
    .map((name) => JSON.stringify(name))
    .join(' or ')
}

/** A conflict is an answer; what the caller named or sent is the caller's to mend; the rest is the registry's. */
function exitFor(status: number): RefusedExit {
  if (status === 409) return 'no'
  return status >= 400 && status < 500 && status !== 401 && status !== 403 && status !== 429 ? 'wrongUsage' : 'failed'
}
