import type { FastifyInstance } from 'fastify'
import type { Listening } from './settings.ts'
import { reasonOf, StartFailed } from './start-failed.ts'

/** Longer than a vote that waits for Redis takes. */
const GRACE_MS = 7_000

/**
 * Lets an app listen, and answers its URL; an address that cannot be had stops the start. When the app is closed, what is
 * under way is answered, and who has not ended a request by then, or does not read the answer, is cut off.
 */
export async function listen(app: FastifyInstance, listening: Listening, graceMs = GRACE_MS): Promise<string> {
  app.addHook('preClose', async () => void setTimeout(() => app.server.closeAllConnections(), graceMs).unref())
  const { host, port } = listening
  try {
    return await app.listen({ host, port })
  } catch (cause) {
    throw new StartFailed(whyNot(listening, reasonOf(cause)), { cause })
  }
}

/** Of what can go wrong, these two are the port's doing. */
const OF_THE_PORT = ['EADDRINUSE', 'EACCES']

function whyNot({ host, port, setting }: Listening, reason: string): string {
  return OF_THE_PORT.includes(reason)
    ? `Port ${port} cannot be listened on (${reason}): choose another with ${setting}.`
    : `Nothing can listen on ${host} (${reason}): choose another address with VOTES_HOST.`
}
