import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Finding, parseBody, parseJson } from '../../contracts/index.ts'
import { RequestRefused } from './errors.ts'
import { stateOf } from './state.ts'

type Done = (error: Error | null, body?: unknown) => void
type Parse = (request: FastifyRequest, body: string, done: Done) => void

/**
 * Reads the JSON bodies of guarded routes exactly: what is no UTF-8, a key that stands twice and a number such as 1e400 are
 * refused, where Fastify would change them. Other routes are read as before, and so is an app that brings its own parser.
 */
export function readJsonExactly(app: FastifyInstance): void {
  const { onProtoPoisoning = 'error', onConstructorPoisoning = 'error' } = app.initialConfig
  const parseAsFastify = app.getDefaultJsonParser(onProtoPoisoning, onConstructorPoisoning) as Parse
  const parser = (request: FastifyRequest, bytes: Buffer, done: Done) => {
    const guard = stateOf(request)?.guard
    if (!guard?.reads.has('body')) return parseAsFastify(request, bytes.toString(), done)
    const { value, findings, hasSpecialNames = false } = parseBody(bytes)
    const refuse = (found: readonly Finding[]) => done(new RequestRefused(guard.contract.name, found))
    if (findings) return refuse(findings)
    if (!hasSpecialNames) return done(null, value)
    // names such as `__proto__` are what the app's own settings make of them
    const text = bytes.toString()
    parseAsFastify(request, text, (error, body) => (error ? refuse(forbiddenNames(text)) : done(null, body)))
  }
  try {
    app.addContentTypeParser('application/json', { parseAs: 'buffer' }, parser)
  } catch (error) {
    if ((error as { readonly code?: string }).code !== 'FST_ERR_CTP_ALREADY_PRESENT') throw error
  }
}

function forbiddenNames(text: string): Finding[] {
  const { findings = [] } = parseJson(text, Number.POSITIVE_INFINITY, false)
  const named = findings
    .filter(({ code }) => code === 'json.forbidden-name')
    .map(({ code, at }) => ({ code, at: `/body${at}` }))
  return named.length > 0 ? named.slice(0, 20) : [{ code: 'json.forbidden-name', at: '/body' }]
}
