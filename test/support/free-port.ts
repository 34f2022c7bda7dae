import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

export type OnPort<T> = { readonly port: number; readonly started: T }

/** A port of 127.0.0.1 that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('Listening on port 0 gave no port.')
  return address.port
}

/** Somebody else may take the port before the server binds it, so a clash is tried again. */
export async function startOn<T>(
  choosePort: () => Promise<number>,
  start: (port: number) => Promise<T>,
  attempts = 10,
): Promise<OnPort<T>> {
  const port = await choosePort()
  try {
    return { port, started: await start(port) }
  } catch (error) {
    if (attempts === 1 || !isClash(error)) throw error
  }
  await delay(100)
  return startOn(choosePort, start, attempts - 1)
}

function isClash(error: unknown): boolean {
  return error instanceof Error && /address already in use/i.test(error.message)
}
