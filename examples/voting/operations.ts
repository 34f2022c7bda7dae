import type { Metrics } from 'concordat/telemetry'
import type { FastifyInstance } from 'fastify'

/** How a service does, for Kubernetes and Prometheus. */
export type Operations = {
  /** Whether the process works; what it needs of others does not count, for a restart would not bring it back. */
  readonly isAlive: () => boolean
  /** Each thing that it needs of others, and whether that is there. */
  readonly needs: { readonly [what: string]: () => Promise<boolean> | boolean }
  readonly metrics: Metrics
}

/** Answers `/health`, `/ready` and `/metrics`. */
export function addOperations(app: FastifyInstance, { isAlive, needs, metrics }: Operations): void {
  app.get('/health', (_request, reply) =>
    isAlive() ? reply.send({ status: 'alive' }) : reply.code(503).header('retry-after', '1').send({ status: 'stuck' }),
  )
  app.get('/ready', async (_request, reply) => {
    const missing = await missingOf(needs)
    if (missing.length === 0) return { status: 'ready' }
    return reply.code(503).header('retry-after', '1').send({ status: 'not ready', missing })
  })
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()))
}

async function missingOf(needs: Operations['needs']): Promise<string[]> {
  const names = Object.keys(needs)
  const there = await Promise.all(Object.values(needs).map(inTime))
  return names.filter((_name, i) => there[i] === false)
}

const WITHIN_MS = 1_000

/** What fails, or takes long, is not there. */
async function inTime(isThere: () => Promise<boolean> | boolean): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(resolve, WITHIN_MS, false)
  try {
    return await Promise.race([isThere(), late])
  } catch {
    return false
  } finally {
    clearTimeout(timer)
  }
}
