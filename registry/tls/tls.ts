import type { RequestListener } from 'node:http'
import { createServer, type Server, type ServerOptions } from 'node:https'
import { type Log, readCurrent } from './current.ts'
import { createReminders } from './expiry.ts'
import type { TlsFiles } from './files.ts'

/** How often the files are looked at. */
const LOOK_MS = 5000

export type TlsOptions = {
  /** Asked for once there is something to say: the log may come later than this. */
  readonly log: () => Log
  readonly lookMs?: number
  readonly now?: () => number
}

/** A certificate that is read again when its files change, from when a server listens until this is disposed of. */
export interface TlsHandle extends Disposable {
  /** When what is shown ends, in milliseconds; of a chain, the first to end. */
  readonly expiresAt: () => number
  /** A server that shows what the files hold. Connections that stand are left alone when that changes. */
  readonly createServer: (options: ServerOptions, handler: RequestListener) => Server
  /** Reads the files now, changed or not. What cannot be used is told to the log, and what was read before goes on. */
  readonly reread: () => Promise<void>
}

/** Reads the files that TLS needs. It throws a sentence for those that cannot be used. */
export async function openTls(files: TlsFiles, options: TlsOptions): Promise<TlsHandle> {
  const { log, lookMs = LOOK_MS, now = Date.now } = options
  const current = await readCurrent(files)
  const remind = createReminders()
  const servers = new Set<Server>()
  const look = async (isForced: boolean): Promise<void> => {
    const isNew = await current.look(log(), isForced)
    const { context, expiresAt } = current.content()
    if (isNew) for (const server of servers) server.setSecureContext(context)
    const reminder = remind(files.certFile, expiresAt, now())
    if (reminder) log()[reminder.level](reminder.sentence)
  }
  const looks = oneAfterAnother(look)
  const timer = createTimer(() => void looks(false), lookMs)
  return {
    expiresAt: () => current.content().expiresAt,
    createServer: (serverOptions, handler) => {
      const { context } = current.content()
      const server = createServer({ ...serverOptions, ...context, ...askFor(files) }, handler)
      servers.add(server)
      tellFailures(server, log)
      return server.once('listening', timer.start)
    },
    reread: () => looks(true),
    [Symbol.dispose]: timer.stop,
  }
}

/** A client that shows none, or one that nobody vouches for, is let in as nobody, unless one is required. */
function askFor({ clients }: TlsFiles): ServerOptions {
  return clients ? { requestCert: true, rejectUnauthorized: clients.isRequired } : {}
}

/** Who is refused by a handshake sees little of the reason, and a client that has gone was not refused. */
function tellFailures(server: Server, log: () => Log): void {
  server.on('tlsClientError', (error: Error & { code?: string }, { remoteAddress }) => {
    if (error.code === 'ECONNRESET') return
    log().info(`A handshake with ${remoteAddress ?? 'somebody who has gone'} failed (${error.code ?? error.message}).`)
  })
}

function oneAfterAnother(look: (isForced: boolean) => Promise<void>): (isForced: boolean) => Promise<void> {
  let last = Promise.resolve()
  return (isForced) => {
    last = last.then(() => look(isForced))
    return last
  }
}

/** Looks at once when it starts, and at every interval. It keeps no process running. */
function createTimer(act: () => void, intervalMs: number): { readonly start: () => void; readonly stop: () => void } {
  let timer: NodeJS.Timeout | undefined
  const start = (): void => {
    if (timer) return
    timer = setInterval(act, intervalMs).unref()
    act()
  }
  return { start, stop: () => clearInterval(timer) }
}
