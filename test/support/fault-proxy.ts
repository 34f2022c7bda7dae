import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** Stands before a server and breaks what passes, as networks do. */
export type FaultProxy = AsyncDisposable & {
  readonly port: number
  /** For Redis. */
  readonly url: string
  /** The server executes and the client never hears, until `cut` or `heal`. */
  swallow(): void
  /** The next request with this text reaches the server; its reply is thrown away and its connection cut. Then all is well. */
  swallowNext(containing?: string): void
  /** The next request with this text never reaches the server: its connection is cut. Then all is well. */
  dropNext(containing?: string): void
  /** Cuts every connection now. New ones pass. */
  cut(): void
  /** Every connection is cut as soon as it is made, until `heal`. */
  refuse(): void
  /** Replies come this much later. */
  delay(ms: number): void
  /** Half-open: accepts, forwards nothing, answers nothing and does not close, until `cut` or `heal`. */
  freeze(): void
  /** Passes again. A connection that lost bytes is cut, for its two ends would never again be in step. */
  heal(): void
  /** How many of the armed `swallowNext` and `dropNext` are still to come. */
  armed(): number
  connections(): number
}

type Mode = 'pass' | 'swallow' | 'freeze' | 'refuse'
type Fault = { readonly what: 'swallow' | 'drop'; readonly containing: string }
type State = { mode: Mode; delayMs: number; faults: Fault[]; readonly links: Set<Link> }
type Link = { readonly client: Socket; readonly server: Socket; isDeaf: boolean; hasLost: boolean; sent: Promise<void> }

/** Listens on a port of its own before `targetPort` of this machine. */
export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  const state: State = { mode: 'pass', delayMs: 0, faults: [], links: new Set() }
  const listener = createServer((client) => accept(client, targetPort, state)).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const set = (mode: Mode) => void (state.mode = mode)
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    swallow: () => set('swallow'),
    swallowNext: (containing = '') => void state.faults.push({ what: 'swallow', containing }),
    dropNext: (containing = '') => void state.faults.push({ what: 'drop', containing }),
    cut: () => {
      set('pass')
      for (const link of state.links) end(link)
    },
    refuse: () => {
      set('refuse')
      for (const link of state.links) end(link)
    },
    delay: (ms) => void (state.delayMs = ms),
    freeze: () => set('freeze'),
    heal: () => {
      Object.assign(state, { mode: 'pass', delayMs: 0, faults: [] })
      for (const link of state.links) if (link.hasLost) end(link)
    },
    armed: () => state.faults.length,
    connections: () => state.links.size,
    [Symbol.asyncDispose]: async () => {
      const closed = once(listener, 'close')
      listener.close()
      for (const link of state.links) end(link)
      await closed
    },
  }
}

function accept(client: Socket, port: number, state: State): void {
  if (state.mode === 'refuse') return void client.destroy()
  const server = connect({ port, host: '127.0.0.1', noDelay: true })
  client.setNoDelay(true)
  const link: Link = { client, server, isDeaf: false, hasLost: false, sent: Promise.resolve() }
  state.links.add(link)
  for (const socket of [client, server]) {
    socket.on('error', () => end(link))
    socket.on('close', () => {
      end(link)
      state.links.delete(link)
    })
  }
  client.on('data', (bytes: Buffer) => request(link, bytes, state))
  server.on('data', (bytes: Buffer) => reply(link, bytes, state))
}

function request(link: Link, bytes: Buffer, state: State): void {
  if (state.mode === 'freeze') return lose(link)
  const i = state.faults.findIndex(({ containing }) => bytes.includes(containing))
  const [fault] = i < 0 ? [] : state.faults.splice(i, 1)
  if (fault?.what === 'drop') return end(link)
  if (fault?.what === 'swallow') link.isDeaf = true
  link.server.write(bytes)
}

function reply(link: Link, bytes: Buffer, { mode, delayMs }: State): void {
  if (link.isDeaf) return end(link)
  if (mode !== 'pass') return lose(link)
  later(link, delayMs, bytes)
}

/** One reply never overtakes another, whatever the delay was when it came. */
function later(link: Link, ms: number, bytes: Buffer): void {
  link.sent = writeAfter(link.sent, { link, bytes, due: performance.now() + ms })
}

type Late = { readonly link: Link; readonly bytes: Buffer; readonly due: number }

async function writeAfter(earlier: Promise<void>, { link, bytes, due }: Late): Promise<void> {
  await earlier
  const left = due - performance.now()
  if (left > 0) await wait(left)
  if (!link.client.destroyed) link.client.write(bytes)
}

function lose(link: Link): void {
  link.hasLost = true
}

function end({ client, server }: Link): void {
  client.destroy()
  server.destroy()
}
