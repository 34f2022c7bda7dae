import type { FastifyInstance } from 'fastify'
import type { Registry } from '../registry.ts'
import { readBodies } from '../schema-registry/body.ts'
import { serveChannels, serveOverviews } from './channels.ts'
import { serveEnvironments } from './environments.ts'
import { serveGates, serveOverrides } from './gates.ts'
import { refuseAsProblem, refuseRouteAsProblem } from './problems.ts'
import { serveServices } from './services.ts'

/** Concordat's own API, for what the other two do not know: services, environments and gates. */
export async function ownApi(app: FastifyInstance, { registry }: { readonly registry: Registry }): Promise<void> {
  app.setErrorHandler(refuseAsProblem)
  app.setNotFoundHandler(refuseRouteAsProblem)
  readBodies(app, { isExact: true })
  serveServices(app, registry)
  serveChannels(app, registry)
  serveOverviews(app, registry)
  serveEnvironments(app, registry)
  serveGates(app, registry)
  serveOverrides(app, registry)
}
