import type { FastifyInstance } from 'fastify'
import type { Registry } from '../registry.ts'
import { answer } from './answers.ts'
import { readBodies } from './body.ts'
import { serveCompatibility } from './compatibility.ts'
import { serveConfig, serveMode } from './config.ts'
import { createReadyAnswers } from './ready-answers.ts'
import { serveSchemas } from './schemas.ts'
import { serveSubjects } from './subjects.ts'

/** The Schema Registry API, as its existing clients speak it. */
export async function schemaRegistry(
  app: FastifyInstance,
  { registry }: { readonly registry: Registry },
): Promise<void> {
  readBodies(app)
  const ready = createReadyAnswers(registry.store)
  serveSubjects(app, registry, ready)
  serveSchemas(app, registry, ready)
  serveCompatibility(app, registry)
  serveConfig(app, registry)
  serveMode(app, registry)
  app.get('/', (request, reply) => answer(request, reply, {}))
}
