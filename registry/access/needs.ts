import type { Need } from './scopes.ts'

/** What a route needs; behind a colon the parameter of its path that names the subject, the service or the environment. */
type NeedText = Need | `${'register' | 'publish' | 'deploy' | 'override'}:${'subject' | 'service' | 'environment'}`

/**
 * What every route of every surface needs. A route that is not in this table stops the start, and HEAD needs what GET needs.
 * Where no parameter stands behind `deploy` or `override`, the request or the store names the environment, and the handler
 * demands it; so it does for what only some requests to a route need.
 */
export const NEEDS = {
  'GET /health': 'nothing',
  'GET /ready': 'nothing',
  'GET /metrics': 'read',

  'GET /': 'read',
  'GET /subjects': 'read',
  'POST /subjects/:subject': 'read',
  'DELETE /subjects/:subject': 'admin',
  'GET /subjects/:subject/metadata': 'read',
  'GET /subjects/:subject/versions': 'read',
  'POST /subjects/:subject/versions': 'register:subject',
  'GET /subjects/:subject/versions/:version': 'read',
  'DELETE /subjects/:subject/versions/:version': 'admin',
  'GET /subjects/:subject/versions/:version/schema': 'read',
  'GET /subjects/:subject/versions/:version/referencedby': 'read',
  'GET /schemas': 'read',
  'GET /schemas/types': 'read',
  'GET /schemas/ids/:id': 'read',
  'GET /schemas/ids/:id/schema': 'read',
  'GET /schemas/ids/:id/subjects': 'read',
  'GET /schemas/ids/:id/versions': 'read',
  'GET /schemas/guids/:guid': 'read',
  'GET /schemas/guids/:guid/ids': 'read',
  'POST /compatibility/subjects/:subject/versions': 'read',
  'POST /compatibility/subjects/:subject/versions/:version': 'read',
  'GET /config': 'read',
  'PUT /config': 'admin',
  'DELETE /config': 'admin',
  'GET /config/:subject': 'read',
  'PUT /config/:subject': 'admin',
  'DELETE /config/:subject': 'admin',
  'GET /mode': 'read',
  'PUT /mode': 'admin',
  'DELETE /mode': 'admin',
  'GET /mode/:subject': 'read',
  'PUT /mode/:subject': 'admin',
  'DELETE /mode/:subject': 'admin',

  'GET /api/openapi.json': 'read',
  'GET /api/services': 'read',
  'GET /api/services/:service': 'read',
  'PUT /api/services/:service': 'publish:service',
  'DELETE /api/services/:service': 'admin',
  'GET /api/services/:service/versions/:version': 'read',
  'PUT /api/services/:service/versions/:version': 'publish:service',
  'GET /api/services/:service/versions/:version/contracts': 'read',
  'POST /api/services/:service/versions/:version/contracts': 'publish:service',
  'GET /api/channels': 'read',
  'GET /api/channels/:channel': 'read',
  'GET /api/channels/:channel/schemas': 'read',
  'GET /api/matrix': 'read',
  'GET /api/graph': 'read',
  'GET /api/impact': 'read',
  'GET /api/fields': 'read',
  'GET /api/environments': 'read',
  'GET /api/environments/:environment': 'read',
  'PUT /api/environments/:environment': 'admin',
  'DELETE /api/environments/:environment': 'admin',
  'GET /api/environments/:environment/history': 'read',
  'POST /api/environments/:environment/deployments': 'deploy:environment',
  'DELETE /api/environments/:environment/deployments/:service': 'deploy:environment',
  'POST /api/environments/:environment/releases': 'deploy:environment',
  'DELETE /api/environments/:environment/releases/:service/:version': 'deploy:environment',
  'DELETE /api/reservations/:id': 'deploy',
  'GET /api/can-i-deploy': 'read',
  'POST /api/can-i-deploy': 'read',
  'POST /api/check': 'read',
  'GET /api/overrides': 'read',
  'POST /api/overrides': 'override',
  'DELETE /api/overrides/:id': 'override',
  'GET /api/tokens': 'admin',
  'POST /api/tokens': 'admin',
  'GET /api/tokens/:id': 'admin',
  'DELETE /api/tokens/:id': 'admin',
  'GET /api/audit': 'admin',
} as const satisfies { readonly [route: string]: NeedText }

/** What a route needs, and which parameter of its path says for whom. */
export type RouteNeed = { readonly need: Need; readonly neededFor?: string }

const needs: ReadonlyMap<string, NeedText> = new Map(Object.entries(NEEDS))

/** What a route needs, by its method and its path as it was registered. */
export function needOf(method: string, path: string): RouteNeed | undefined {
  const text = needs.get(`${method === 'HEAD' ? 'GET' : method} ${path}`)
  if (text === undefined) return undefined
  const [need, neededFor] = text.split(':') as [Need, string?]
  return neededFor === undefined ? { need } : { need, neededFor }
}
