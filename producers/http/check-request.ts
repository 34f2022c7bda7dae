import type { FastifyRequest, preValidationHookHandler } from 'fastify'
import { isJsonType, parameterNames, parseQuery, type RawRequest, type Texts } from '../../contracts/index.ts'
import { RequestRefused } from './errors.ts'
import { refuse } from './refuse.ts'
import { type Hooked, openState } from './state.ts'

/** Judges a request when its body has been parsed. What came stays as it came. */
export function checkRequest(hooked: Hooked, url: string): preValidationHookHandler {
  const { contract, reads, decode } = hooked.guard
  const [readsPath, readsQuery, readsHeaders, readsBody] = ['path', 'query', 'headers', 'body'].map((p) => reads.has(p))
  const rename = renaming(url, contract.path)
  return (request, reply, done) => {
    const end = (refused: RequestRefused) => {
      if (!refuse(refused, { request, reply }, hooked)) done(refused)
    }
    if (readsBody && request.body !== undefined && !isJsonType(request.headers['content-type'] ?? ''))
      return end(new RequestRefused(contract.name, [], 415))
    const { query, findings: illFormed } = parseQuery(readsQuery ? queryOf(request) : '')
    if (illFormed.length > 0) return end(new RequestRefused(contract.name, illFormed))
    const raw: RawRequest = {
      // Fastify has decoded them; they are texts
      path: readsPath ? rename(request.params as Texts) : NOTHING,
      query,
      headers: readsHeaders ? headersOf(request.raw.rawHeaders) : NOTHING,
      body: request.body,
    }
    const { parts, findings } = decode(raw)
    if (findings) return end(new RequestRefused(contract.name, findings))
    openState(request, hooked.guard).parts = parts
    done()
  }
}

const NOTHING: Texts = {}

/** Takes the path's parameters as the route names them, and names them as the contract does. */
function renaming(url: string, path: string): (params: Texts) => Texts {
  const [theirs, ours] = [parameterNames(url), parameterNames(path)]
  if (theirs.every((name, i) => name === ours[i])) return (params) => params
  return (params) => Object.fromEntries(theirs.map((name, i) => [ours[i], params[name]]))
}

/** What Fastify takes for the query, so that no handler reads another one: it lets a # begin it too, and a ; where the app says so. */
function queryOf({ raw: { url = '' }, server }: FastifyRequest): string {
  const { useSemicolonDelimiter: isAsked, routerOptions = {} } = server.initialConfig
  const isAskedOfRouter = 'useSemicolonDelimiter' in routerOptions && routerOptions.useSemicolonDelimiter === true
  const start = url.search(isAsked || isAskedOfRouter ? /[?#;]/ : /[?#]/)
  return start < 0 ? '' : url.slice(start + 1)
}

/** Headers as they came: Node drops some that are repeated, and joins others. */
function headersOf(raw: readonly string[]): Texts {
  const headers = Object.create(null) as { [name: string]: string | string[] }
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase()
    const value = raw[i + 1] ?? ''
    const known = headers[name]
    if (known === undefined) headers[name] = value
    else if (typeof known === 'string') headers[name] = [known, value]
    else known.push(value)
  }
  return headers
}
