import { setTimeout as delay } from 'node:timers/promises'
import { Type } from '@sinclair/typebox'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { stream } from '../../contracts/index.ts'
import { type Producer, producer } from '../../producers/index.ts'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { fc } from '../support/property.ts'
import { startRedis } from '../support/redis.ts'
import { entriesOf, uniqueName } from '../support/stream.ts'
import { waitFor } from '../support/wait-for.ts'

type Vote = { n: number }
type Ending = {
  readonly messages: readonly Vote[]
  readonly how: string
  readonly ids: readonly string[]
  readonly token: string
}
type World = {
  readonly proxy: FaultProxy
  readonly direct: Redis
  readonly producing: Producer<Vote>
  readonly endings: Promise<Ending>[]
  next: number
}
type Step = { readonly name: string; readonly take: (world: World) => unknown }

const sends = (count: number): Step => ({
  name: `${count} sends`,
  take: (world) => {
    for (const message of numbered(world, count))
      world.endings.push(
        ended(
          [message],
          world.producing.send(message).then((id) => [id]),
        ),
      )
  },
})
const batch = (count: number): Step => ({
  name: `a batch of ${count}`,
  take: (world) => {
    const messages = numbered(world, count)
    world.endings.push(ended(messages, world.producing.sendBatch(messages)))
  },
})
const faults: Step[] = [
  { name: 'swallow the next reply', take: ({ proxy }) => proxy.swallowNext(':sent:') },
  { name: 'drop the next request', take: ({ proxy }) => proxy.dropNext(':sent:') },
  { name: 'cut', take: ({ proxy }) => proxy.cut() },
  { name: 'swallow', take: ({ proxy }) => proxy.swallow() },
  { name: 'freeze', take: ({ proxy }) => proxy.freeze() },
  { name: 'heal', take: ({ proxy }) => proxy.heal() },
  { name: 'delay', take: ({ proxy }) => proxy.delay(15) },
  { name: 'forget the script', take: ({ direct }) => direct.script('FLUSH') },
  { name: 'let things happen', take: ({ endings }) => Promise.race([...endings, Promise.resolve()]) },
  { name: 'let more happen', take: async ({ direct }) => Promise.all([direct.ping(), direct.ping()]) },
]

const steps = fc.array(
  fc.oneof(
    fc.integer({ min: 1, max: 30 }).map(sends),
    fc.integer({ min: 1, max: 30 }).map(batch),
    fc.constantFrom(...faults),
    fc.constantFrom(...faults),
  ),
  { minLength: 4, maxLength: 16 },
)
const clients = fc.record({
  autoResendUnfulfilledCommands: fc.boolean(),
  maxRetriesPerRequest: fc.constantFrom(0, 20),
  protocol: fc.constantFrom<(2 | 3)[]>(2, 3),
})

test('whatever fails: what was sent is there once, in the order of the calls, what was not written is not there, what is unknown is there at most once', async () => {
  await using server = await startRedis()
  await fc.assert(
    fc.asyncProperty(steps, clients, fc.constantFrom(40, 400), async (taken, client, deadlineMs) => {
      const stored = await play(taken, { ...client, port: server.port }, deadlineMs)
      expect(stored.flatMap(brokenPromises)).toEqual([])
      const places = stored.flatMap(({ how, ids }) => (how === 'sent' ? ids : []))
      expect(places.toSorted(byAge)).toEqual(places)
    }),
    { numRuns: 15 },
  )
})

type Account = Awaited<ReturnType<typeof play>>[number]

/** What an ending promised and the stream does not keep, in words. */
function brokenPromises({ how, messages, ids, places, repeated }: Account): string[] {
  return messages.flatMap(({ n }, i) => {
    const stored = places[i] ?? []
    const isKept =
      (how === 'sent' && stored.length === 1 && stored[0] === ids[i]) ||
      (how === 'send.nothing-written' && stored.length === 0) ||
      (how === 'send.outcome-unknown' && stored.length <= 1 && repeated[i] === true)
    return isKept ? [] : [`${n} ended as ${how} and stands at ${stored.join(' and ')}`]
  })
}

type Client = { readonly port: number; readonly protocol: 2 | 3 }

async function play(taken: readonly Step[], client: Client, deadlineMs: number) {
  await using proxy = await startFaultProxy(client.port)
  const direct = new Redis({ port: client.port })
  const redis = new Redis({ ...client, port: proxy.port, retryStrategy: () => 5 })
  using _ = { [Symbol.dispose]: () => [direct, redis].map((connected) => connected.disconnect()) }
  redis.on('error', () => undefined)
  await waitFor('the connection', () => redis.status === 'ready')
  const Votes = stream(uniqueName('votes'), { n: Type.Integer() })
  await using producing = producer(redis, Votes, { deadlineMs, maxBatch: 10, maxBuffered: 50 })
  const world: World = { proxy, direct, producing, endings: [], next: 0 }
  for (const step of taken) await step.take(world)
  const endings = await Promise.all(world.endings)
  proxy.heal()
  await waitFor('all that is under way to be over', () => Promise.race([answers(redis), delay(100, false)]))
  const places = placesOf(await entriesOf(direct, Votes.stream))
  await using again = producer(direct, Votes, { maxBatch: 10 })
  const repeated = await Promise.all(endings.map((ending) => repeat(again, ending)))
  const after = placesOf(await entriesOf(direct, Votes.stream))
  return endings.map((ending, i) => ({
    ...ending,
    places: ending.messages.map(({ n }) => places.get(n) ?? []),
    // sent again by its token, each message is there once, at the id that was answered
    repeated: ending.messages.map(({ n }, m) => isOnly(after.get(n), repeated[i]?.[m])),
  }))
}

/** What was handed over before has been executed by then. */
async function answers(redis: Redis): Promise<boolean> {
  return redis.ping().then(
    () => true,
    () => false,
  )
}

function isOnly(places: readonly string[] | undefined, id: string | undefined): boolean {
  return places?.length === 1 && places[0] === id
}

async function repeat(again: Producer<Vote>, { how, token, messages }: Ending): Promise<readonly string[]> {
  if (how !== 'send.outcome-unknown') return []
  const [message] = messages
  return token.includes('~') && message ? [await again.send(message, { token })] : again.sendBatch(messages, { token })
}

async function ended(messages: readonly Vote[], sending: Promise<readonly string[]>): Promise<Ending> {
  try {
    return { messages, how: 'sent', ids: await sending, token: '' }
  } catch (error) {
    const { code, token = '' } = error as { code: string; token?: string }
    return { messages, how: code, ids: [], token }
  }
}

function numbered(world: World, count: number): Vote[] {
  return Array.from({ length: count }, () => ({ n: world.next++ }))
}

function byAge(one: string, other: string): number {
  const [[ms = 0, seq = 0] = [], [otherMs = 0, otherSeq = 0] = []] = [one, other].map((id) => id.split('-').map(Number))
  return ms - otherMs || seq - otherSeq
}

function placesOf(entries: readonly [id: string, fields: string[]][]): Map<number, string[]> {
  const places = new Map<number, string[]>()
  for (const [id, [, n]] of entries) places.set(Number(n), [...(places.get(Number(n)) ?? []), id])
  return places
}
