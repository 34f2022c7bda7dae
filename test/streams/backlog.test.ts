import type { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { deadKey, readBacklog, retryKey } from '../../streams/index.ts'
import { sharedRedis, uniqueName } from '../support/stream.ts'

const AGO_MS = 600_000

/** Ten entries, one every ten seconds, the first ten minutes ago, and a group that has read some of them. */
async function filled({ read = 0 } = {}) {
  const redis = sharedRedis()
  const letters = { stream: uniqueName('votes'), group: 'tally' }
  const [seconds, microseconds] = await redis.time()
  const started = Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000) - AGO_MS
  const ids = Array.from({ length: 10 }, (_, i) => `${started + i * 10_000}-0`)
  for (const id of ids) await redis.xadd(letters.stream, id, 'n', '1')
  await redis.xgroup('CREATE', letters.stream, letters.group, '0')
  if (read > 0) await readSome(redis, letters.stream, read)
  return { redis, letters, ids, started }
}

function readSome(redis: Redis, stream: string, count: number) {
  return redis.xreadgroup('GROUP', 'tally', 'me', 'COUNT', count, 'STREAMS', stream, '>')
}

async function lagOfRedis(redis: Redis, stream: string): Promise<unknown> {
  const [group = []] = (await redis.xinfo('GROUPS', stream)) as unknown[][]
  return group[group.indexOf('lag') + 1]
}

/** Between two looks at the clock of the server some time passes, and less than five seconds. */
function secondsAgo(seconds: number): unknown {
  return expect.toSatisfy((age: number) => age >= seconds && age < seconds + 5)
}

test('tells what is pending, since when, what is unread, since when, and how many dead letters there are', async () => {
  const { redis, letters } = await filled({ read: 4 })
  expect(await readBacklog(redis, letters)).toEqual({
    pending: 4,
    oldestPendingAge: secondsAgo(600),
    lag: secondsAgo(560),
    unread: 6,
    deadLetters: 0,
  })
})

test('tells nothing of what is not there', async () => {
  const nothing = { pending: 0, oldestPendingAge: 0, lag: 0, unread: 0, deadLetters: 0 }
  const redis = sharedRedis()
  expect(await readBacklog(redis, { stream: uniqueName('votes'), group: 'tally' })).toEqual(nothing)
  const { letters } = await filled()
  expect(await readBacklog(redis, { ...letters, group: 'another' })).toEqual(nothing)
})

type Filled = Awaited<ReturnType<typeof filled>>
type Case = {
  readonly when: string
  readonly read: number
  readonly make: (filled: Filled) => Promise<unknown>
  readonly redisSays: unknown
  readonly lag: unknown
  readonly unread: number
}

/** Newer servers may tell more. */
const ANYTHING: unknown = expect.toSatisfy(() => true)

test.each<Case>([
  {
    when: 'an unread entry was deleted',
    read: 3,
    make: ({ redis, letters, ids }) => redis.xdel(letters.stream, ids[5] ?? ''),
    redisSays: null,
    lag: secondsAgo(570),
    unread: 6,
  },
  {
    when: 'the oldest unread entry was deleted',
    read: 3,
    make: ({ redis, letters, ids }) => redis.xdel(letters.stream, ids[3] ?? ''),
    redisSays: null,
    lag: secondsAgo(560),
    unread: 6,
  },
  {
    when: 'the group was set to an id',
    read: 0,
    make: ({ redis, letters, ids }) => redis.xgroup('SETID', letters.stream, 'tally', ids[3] ?? ''),
    redisSays: null,
    lag: secondsAgo(560),
    unread: 6,
  },
  {
    when: 'the group was told that it has read everything',
    read: 0,
    make: ({ redis, letters, ids }) =>
      redis.call('XGROUP', 'SETID', letters.stream, 'tally', ids[3] ?? '', 'ENTRIESREAD', 10),
    redisSays: 0,
    lag: secondsAgo(560),
    unread: 6,
  },
  {
    when: 'unread entries were trimmed',
    read: 3,
    make: ({ redis, letters }) => redis.xtrim(letters.stream, 'MAXLEN', 4),
    redisSays: ANYTHING,
    lag: secondsAgo(540),
    unread: 4,
  },
  {
    when: 'unread entries were trimmed, and the group has read past the gap',
    read: 3,
    make: async ({ redis, letters }) => {
      await redis.xtrim(letters.stream, 'MAXLEN', 4)
      await readSome(redis, letters.stream, 1)
    },
    redisSays: ANYTHING,
    lag: secondsAgo(530),
    unread: 3,
  },
  {
    when: 'everything was trimmed',
    read: 3,
    make: ({ redis, letters }) => redis.xtrim(letters.stream, 'MAXLEN', 0),
    redisSays: ANYTHING,
    lag: 0,
    unread: 0,
  },
  {
    when: 'the rest was deleted and read past',
    read: 3,
    make: async ({ redis, letters, ids }) => {
      await redis.xdel(letters.stream, ids[8] ?? '', ids[9] ?? '')
      await readSome(redis, letters.stream, 10)
    },
    redisSays: ANYTHING,
    lag: 0,
    unread: 0,
  },
])('the lag is true, and no wrong count is told, when $when', async ({ read, make, redisSays, lag, unread }) => {
  const made = await filled({ read })
  await make(made)
  expect(await lagOfRedis(made.redis, made.letters.stream)).toEqual(redisSays)
  const backlog = await readBacklog(made.redis, made.letters)
  expect(backlog.lag).toEqual(lag)
  expect([undefined, unread]).toContain(backlog.unread)
})

test('counts what was sent again and is not yet handled, and the dead letters that are left', async () => {
  const { redis, letters, started, ids } = await filled({ read: 10 })
  await redis.xack(letters.stream, 'tally', ...ids)
  const retries = retryKey(letters.stream, 'tally')
  await redis.xgroup('CREATE', retries, 'tally', '0', 'MKSTREAM')
  for (const seconds of [60, 30]) await redis.xadd(retries, `${started + AGO_MS - seconds * 1_000}-0`, 'n', '1')
  await redis.xadd(deadKey(letters.stream, 'tally'), '*', 'n', '1')
  expect(await readBacklog(redis, letters)).toMatchObject({
    pending: 0,
    lag: secondsAgo(60),
    unread: 2,
    deadLetters: 1,
  })
  await readSome(redis, retries, 1)
  expect(await readBacklog(redis, letters)).toMatchObject({
    pending: 1,
    oldestPendingAge: secondsAgo(60),
    lag: secondsAgo(30),
    unread: 1,
  })
})

test('an entry that claims to come from the future has no age', async () => {
  const { redis, letters, started } = await filled({ read: 10 })
  await redis.xadd(letters.stream, `${started + 10 * AGO_MS}-0`, 'n', '1')
  expect(await readBacklog(redis, letters)).toMatchObject({ lag: 0, unread: 1 })
})
