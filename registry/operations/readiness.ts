import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply } from 'fastify'
import type { RegistryMetrics } from './metrics.ts'

export const READY_DEADLINE_MS = 2000

/** What can be asked whether it answers: it resolves when it does, and rejects with the reason when it does not. */
export type Checked = { check(): Promise<void> }

export type Operations = {
  readonly store: Checked
  readonly redis?: Checked | undefined
  readonly metrics?: Pick<RegistryMetrics, 'contentType' | 'text'> | undefined
}

/**
 * For whoever runs the process: `/health` says that it lives and asks nobody; `/ready` says that it can answer; `/metrics`
 * tells Prometheus how it does.
 */
export async function operations(app: FastifyInstance, { store, redis, metrics }: Operations): Promise<void> {
  let stopping = false
  app.addHook('preClose', async () => {
    stopping = true
  })
  app.get('/health', (_request, reply) => reply.send({ status: 'ok' }))
  app.get('/ready', async ({ log }, reply) => {
    if (stopping) return notReady(reply, 'stopping')
    const asked = [findOut('Database', store, log), findOut('Redis', redis, log)]
    const missing = (await Promise.all(asked)).filter((answer) => answer !== undefined)
    return missing.length > 0 ? notReady(reply, missing.join(', ')) : reply.send({ status: 'ready' })
  })
  if (!metrics) return
  app.get('/metrics', async (_request, reply) =>
    reply.header('content-type', metrics.contentType).send(await metrics.text()),
  )
}

/** Says that something does not answer, or nothing. */
async function findOut(name: string, asked: Checked | undefined, log: FastifyBaseLogger): Promise<string | undefined> {
  try {
    if (asked !== undefined) await answersInTime(asked)
    return undefined
  } catch (error) {
    log.warn(error, `${name} unavailable`)
    return `${name} unavailable`
  }
}

async function answersInTime(asked: Checked): Promise<void> {
  const answered = new AbortController()
  const tooLate = wait(READY_DEADLINE_MS, undefined, { signal: answered.signal }).then(() => {
    throw new Error(`No answer came within ${READY_DEADLINE_MS} ms`)
  })
  try {
    await Promise.race([asked.check(), tooLate])
  } finally {
    answered.abort()
  }
}

function notReady(reply: FastifyReply, error: string): FastifyReply {
  return reply.code(503).send({ status: 'not_ready', error })
}
