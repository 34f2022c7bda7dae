import { setTimeout as wait } from 'node:timers/promises'
import { Type } from '@sinclair/typebox'
import { Redis } from 'ioredis'
import { consumer } from '../../consumers/index.ts'
import { stream } from '../../contracts/index.ts'
import { NotSent, producer, SendFailed } from '../../producers/index.ts'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { type Random, seededRandom } from '../support/random.ts'
import { startRedis } from '../support/redis.ts'
import { crash } from '../support/redis-crash.ts'
import { waitFor } from '../support/wait-for.ts'
import { type Account, type Ledger, makeAccount } from './account.ts'

const Numbered = stream('numbered', { name: Type.String(), number: Type.Integer() }, { headers: 'id' })
const GROUP = 'readers'
const AOF = ['--appendonly', 'yes', '--appendfsync', 'always']

export type ChaosPlan = { readonly forMs: number; readonly seed: number; readonly onFault?: (fault: string) => void }

/**
 * Producers and consumers over connections that break in every way, and a server that is killed and started again. Then all
 * is well, everything is read to its end, and the account is made.
 */
export async function runChaos({ forMs, seed, onFault }: ChaosPlan): Promise<Account> {
  await using resources = new AsyncDisposableStack()
  const server = resources.use(await startRedis({ args: AOF }))
  const proxies = [resources.use(await startFaultProxy(server.port)), resources.use(await startFaultProxy(server.port))]
  const ledger: Ledger = { sent: new Map(), poison: new Map(), handled: new Map() }
  const random = seededRandom(seed)
  const stopping = new AbortController()

  const writing = [0, 1, 2].map((writer) =>
    write({ url: urlAt(proxies, writer), writer, ledger, signal: stopping.signal }),
  )
  const poisoning = poison(server.url, ledger, stopping.signal)
  const readers = [0, 1, 2].map((reader) => startReader(urlAt(proxies, reader), reader, ledger, random))
  for (const { close } of readers) resources.defer(close)

  const until = performance.now() + forMs
  while (performance.now() < until) {
    await wait(100 + random.next() * 900)
    onFault?.(await breakSomething(proxies, server, random))
  }
  for (const proxy of proxies) proxy.heal()
  stopping.abort()
  await Promise.all([...writing, poisoning])
  const redis = new Redis(server.url)
  resources.defer(() => redis.disconnect())
  await waitFor('everything to be read', () => isReadToItsEnd(redis), 120_000)
  return await makeAccount(redis, Numbered.stream, GROUP, ledger)
}

function urlAt(proxies: readonly FaultProxy[], i: number): string {
  return proxies[i % proxies.length]?.url ?? ''
}

type Writing = { readonly url: string; readonly writer: number; readonly ledger: Ledger; readonly signal: AbortSignal }

/** Sends one message after the other; what is not known to be sent is sent again with its token, until it is. */
async function write({ url, writer, ledger, signal }: Writing): Promise<void> {
  const redis = quiet(new Redis(url))
  const numbered = producer(redis, Numbered, { deadlineMs: 2000 })
  for (let number = 0; !signal.aborted; number += 10) {
    const batch = Array.from({ length: 10 }, (_, i) => ({ name: `${writer}-${number + i}`, number: number + i }))
    await Promise.all(
      batch.map(async (message) => ledger.sent.set(message.name, await sendUntilKnown(numbered.send, message))),
    )
    await wait(1)
  }
  await numbered.close()
  redis.disconnect()
}

type Send = ReturnType<typeof producer<typeof Numbered>>['send']

async function sendUntilKnown(send: Send, message: { name: string; number: number }): Promise<string> {
  let token: string | undefined
  for (;;) {
    try {
      return await send(message, token === undefined ? {} : { token })
    } catch (error) {
      if (error instanceof SendFailed) token = error.token
      else if (!(error instanceof NotSent)) throw error
    }
  }
}

/** A stranger who writes what breaks the contract, straight to the server. */
async function poison(url: string, ledger: Ledger, signal: AbortSignal): Promise<void> {
  const redis = quiet(new Redis(url))
  for (let i = 0; !signal.aborted; i++) {
    const name = `poison-${i}`
    const id = await redis.xadd(Numbered.stream, '*', 'name', name, 'number', 'many').catch(() => null)
    if (id !== null) ledger.poison.set(name, id)
    await wait(50)
  }
  redis.disconnect()
}

function startReader(url: string, reader: number, ledger: Ledger, random: Random) {
  const redis = quiet(new Redis(url))
  const running = consumer(redis, Numbered, {
    group: GROUP,
    consumer: `reader-${reader}`,
    blockMs: 500,
    retry: { maxAttempts: 20, minMs: 5, maxMs: 100 },
    handle: async ({ name }, { id }) => {
      if (random.isHit(0.02)) throw new Error('a handler that fails now and then')
      const taken = ledger.handled.get(name)
      if (taken) taken.push(id)
      else ledger.handled.set(name, [id])
    },
  })
  return {
    close: async () => {
      await running.close()
      redis.disconnect()
    },
  }
}

type Server = Awaited<ReturnType<typeof startRedis>>

async function breakSomething(proxies: readonly FaultProxy[], server: Server, random: Random): Promise<string> {
  const proxy = random.pick(proxies)
  const faults: [name: string, act: () => void | Promise<string | undefined>][] = [
    ['cut', () => proxy.cut()],
    ['swallow a reply, then cut', () => proxy.swallowNext()],
    ['drop a request', () => proxy.dropNext()],
    ['delay', () => void (proxy.delay(50), setTimeout(() => proxy.delay(0), 300))],
    ['half-open', () => void (proxy.freeze(), setTimeout(() => proxy.heal(), 400))],
    ['refuse', () => void (proxy.refuse(), setTimeout(() => proxy.heal(), 300))],
    ['kill the server', async () => ((await crash(server)) ? 'kill the server in the middle of a write' : undefined)],
  ]
  const [name, act] = random.pick(faults)
  return (await act()) ?? name
}

/** Nothing pending, nothing unread. */
async function isReadToItsEnd(redis: Redis): Promise<boolean> {
  const groups = (await redis.xinfo('GROUPS', Numbered.stream)) as unknown[][]
  const group = new Map(groups.flatMap((fields) => pairs(fields)))
  const [last] = await redis.xrevrange(Numbered.stream, '+', '-', 'COUNT', 1)
  return group.get('pending') === 0 && group.get('last-delivered-id') === last?.[0]
}

function pairs(fields: readonly unknown[]): [string, unknown][] {
  return fields.flatMap((name, i): [string, unknown][] => (i % 2 === 0 ? [[String(name), fields[i + 1]]] : []))
}

/** Connections break all the time here; what they say of it is not of interest. */
function quiet(redis: Redis): Redis {
  return redis.on('error', () => undefined)
}
