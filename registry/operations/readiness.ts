import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Store } from '../store/store.ts'

export const READY_DEADLINE_MS = 2000

/** For whoever runs the process: `/health` says that it lives and asks nobody; `/ready` says that it can answer. */
export async function operations(app: FastifyInstance, { store }: { readonly store: Store }): Promise<void> {
  let stopping = false
  app.addHook('preClose', async () => {
    stopping = true
  })
  app.get('/health', (_request, reply) => reply.send({ status: 'ok' }))
  app.get('/ready', async (request, reply) => {
    if (stopping) return notReady(reply, 'stopping')
    try {
      await answersInTime(store)
    } catch (error) {
      request.log.warn(error, 'The store does not answer')
      return notReady(reply, 'Database unavailable')
    }
    return reply.send({ status: 'ready' })
  })
}

async function answersInTime(store: Store): Promise<void> {
  const answered = new AbortController()
  const tooLate = wait(READY_DEADLINE_MS, undefined, { signal: answered.signal }).then(() => {
    throw new Error(`The store did not answer within ${READY_DEADLINE_MS} ms`)
  })
  try {
    await Promise.race([store.check(), tooLate])
  } finally {
    answered.abort()
  }
}

function notReady(reply: FastifyReply, error: string): FastifyReply {
  return reply.code(503).send({ status: 'not_ready', error })
}
