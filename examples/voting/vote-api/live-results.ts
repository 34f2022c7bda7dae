import { PassThrough, type Readable } from 'node:stream'
import type { VotesDatabase } from '../database/votes-database.ts'
import { resultsOf, revisionOf } from './results.ts'
import { TryLater } from './try-later.ts'

export type LiveResultsOptions = {
  /** How often the database is asked, however many listen. */
  readonly pollMs?: number
  /** How often something is sent, so that nobody on the way takes the connection for dead. */
  readonly heartbeatMs?: number
  readonly mostListeners?: number
}

/** Tells whoever listens of each change of the results. Closing ends their streams. */
export type LiveResults = {
  /** A stream of events for somebody who knows the results of a revision, or none. Rejects where there is no more room. */
  readonly listen: (known: string | undefined) => Promise<Readable>
  readonly close: () => void
}

/** What somebody who reads nothing may have waiting. */
const MOST_WAITING = 64 * 1024

/** Makes the live results of a database. It asks only while somebody listens. */
export function createLiveResults(
  database: Pick<VotesDatabase, 'readTotals'>,
  options: LiveResultsOptions = {},
): LiveResults {
  const { pollMs = 250, heartbeatMs = 15_000, mostListeners = 1_000 } = options
  /** Each listener and the revision that it knows. */
  const listeners = new Map<PassThrough, string | undefined>()
  let polling: NodeJS.Timeout | undefined
  let isClosed = false

  const read = async () => {
    const results = resultsOf(await database.readTotals())
    return { revision: revisionOf(results), results }
  }
  const tell = (listener: PassThrough, { revision, results }: Awaited<ReturnType<typeof read>>): void => {
    if (listeners.get(listener) === revision) return
    listeners.set(listener, revision)
    send(listener, `id: ${revision}\ndata: ${JSON.stringify(results)}\n\n`)
  }
  const endAll = () => {
    for (const listener of listeners.keys()) listener.end()
    listeners.clear()
  }
  const poll = async (): Promise<void> => {
    try {
      const now = await read()
      for (const listener of listeners.keys()) tell(listener, now)
    } catch {
      // They come again, and are told then that there are no results now.
      endAll()
    }
    polling = listeners.size > 0 ? setTimeout(() => void poll(), pollMs) : undefined
  }
  const heartbeat = setInterval(() => {
    for (const listener of listeners.keys()) send(listener, ':\n\n')
  }, heartbeatMs)

  return {
    listen: async (known) => {
      const now = await read()
      if (isClosed) throw new TryLater('The vote API is closing.')
      if (listeners.size >= mostListeners) throw new TryLater(`${mostListeners} listen already; ask again later.`)
      const listener = new PassThrough()
      listeners.set(listener, known)
      listener.once('close', () => listeners.delete(listener))
      send(listener, 'retry: 1000\n\n')
      tell(listener, now)
      polling ??= setTimeout(() => void poll(), pollMs)
      return listener
    },
    close: () => {
      isClosed = true
      clearInterval(heartbeat)
      clearTimeout(polling)
      endAll()
    },
  }
}

function send(listener: PassThrough, text: string): void {
  if (listener.writableLength > MOST_WAITING) listener.destroy()
  else listener.write(text)
}
