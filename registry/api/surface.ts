import type { FastifyInstance } from 'fastify'
import { serveDescription } from '../openapi/serve.ts'
import type { Registry } from '../registry.ts'
import { readBodies } from '../schema-registry/body.ts'
import { serveAudit } from './audit.ts'
import { serveChannels, serveOverviews } from './channels.ts'
import { serveEnvironments } from './environments.ts'
import { serveGates, serveOverrides } from './gates.ts'
import { refuseAsProblem } from './problems.ts'
import { serveServices } from './services.ts'
import { serveTokens } from './tokens.ts'

type OwnApiOptions = { readonly registry: Registry; readonly onTokenChange: () => void }

/** Concordat's own API, for what the other two do not know: services, environments and gates. */
export async function ownApi(app: FastifyInstance, { registry, onTokenChange }: OwnApiOptions): Promise<void> {
  app.setErrorHandler(refuseAsProblem)
  readBodies(app, { isExact: true })
  serveServices(app, registry)
  serveChannels(app, registry)
  serveOverviews(app, registry)
  serveEnvironments(app, registry)
  serveGates(app, registry)
  serveOverrides(app, registry)
  serveTokens(app, registry, onTokenChange)
  serveAudit(app, registry)
  serveDescription(app)
}
