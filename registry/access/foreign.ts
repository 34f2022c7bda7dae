import type { FastifyRequest } from 'fastify'
import { registryError } from '../errors.ts'
import { shown } from '../unicode.ts'

/** Every name of this machine that no resolver can be made to give to somebody else, and any port. */
const OWN_HOST = /^(?:(?:[a-z\d-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i

/**
 * Refuses a page in a browser that reaches a registry which is open to this machine: by a name of its own that it lets point
 * here, or from another origin. Answers undefined where there is nothing to refuse.
 */
export function findForeign(request: FastifyRequest, corsOrigins: readonly string[]): Error | undefined {
  const { host = '' } = request.headers
  if (!OWN_HOST.test(host)) return registryError('access.foreign-host', { host: shown(host) })
  return findForeignOrigin(request, corsOrigins)
}

/** The same for the origin alone: browsers add certificates of clients to what any page asks for. */
export function findForeignOrigin(request: FastifyRequest, corsOrigins: readonly string[]): Error | undefined {
  const { origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode } = request.headers
  if (origin === undefined)
    // A picture or a script of another page; following a link to here is fine.
    return site === undefined || site === 'same-origin' || site === 'none' || mode === 'navigate'
      ? undefined
      : registryError('access.foreign-origin', { origin: 'of another page' })
  if (origin === `${request.protocol}://${request.headers.host}` || corsOrigins.includes(origin)) return undefined
  return registryError('access.foreign-origin', { origin: JSON.stringify(shown(origin)) })
}
