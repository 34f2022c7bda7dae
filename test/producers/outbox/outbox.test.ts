import { describe, expect, test } from 'vitest'
import { MessageRefused, OutboxMissing, OutboxTurnedBack, outboxTables, relay } from '../../../producers/index.ts'
import { postgresStore } from '../../../producers/outbox/postgres.ts'
import { publish } from '../../../producers/outbox/publish.ts'
import { sqliteStore } from '../../../producers/outbox/sqlite.ts'
import type { Batch, OutboxStore } from '../../../producers/outbox/store.ts'
import { entriesOf, sharedRedis, uniqueName } from '../../support/stream.ts'
import { waitFor } from '../../support/wait-for.ts'
import { emptied, numbered, publishedIn, relaying } from './relaying.ts'
import { openPostgres, openSqlite, type Place, votes } from './stores.ts'

describe.each([
  ['PostgreSQL', openPostgres],
  ['SQLite', openSqlite],
])('an outbox in %s', (_, open) => {
  test('publishes what was committed as a producer would write it, and lets it go', async () => {
    await using place = await open()
    const [redis, contract] = [sharedRedis(), votes()]
    await using relayed = relaying(place)
    const message = { option: 'a "quoted", \u0000 and ünïcode \\ option', timestamp: 7 }
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
    await place.add(contract, [message], { key: () => 'k', traceparent, schemaId: '12' })
    await emptied(place)
    const [[, fields] = [], ...others] = await entriesOf(redis, contract.stream)
    expect(fields?.join('|')).toMatch(
      new RegExp(`^option\\|.*\\|timestamp\\|7\\|_sid\\|12\\|_id\\|[0-9a-f-]{36}\\|_k\\|k\\|_tp\\|${traceparent}$`),
    )
    expect(fields?.[1]).toBe(message.option)
    expect(others).toEqual([])
    expect(relayed.published).toEqual([{ channel: contract.channel, messages: 1 }])
    expect(relayed.errors).toEqual([])
  })

  test('never publishes what was rolled back', async () => {
    await using place = await open()
    const [redis, contract] = [sharedRedis(), votes()]
    await using _relayed = relaying(place)
    await place.add(contract, numbered(3), {}, 'rollback')
    await place.add(contract, numbered(2, 10))
    await emptied(place)
    expect(await publishedIn(redis, contract)).toEqual([10, 11])
  })

  test('refuses a message that breaks its contract before anything is written', async () => {
    await using place = await open()
    const contract = votes()
    const wrong = { option: 'dogs', timestamp: 1.5 }
    await expect(place.add(contract, [...numbered(2), wrong])).rejects.toMatchObject({
      constructor: MessageRefused,
      refused: [{ index: 2 }],
    })
    await expect(place.add(contract, numbered(1), { key: () => '' })).rejects.toThrow(TypeError)
    expect(await place.sql('select * from concordat_outbox')).toEqual([])
  })

  test('keeps the order of what has no key, and of each key', async () => {
    await using place = await open()
    const [redis, plain, keyed] = [sharedRedis(), votes(), votes()]
    for (let from = 0; from < 300; from += 30) {
      await place.add(plain, numbered(30, from))
      await place.add(keyed, numbered(30, from), { key: ({ timestamp }) => `key ${timestamp % 7}` })
    }
    await using _one = relaying(place, { batchSize: 7 })
    await using _other = relaying(place, { batchSize: 11 })
    await emptied(place)
    expect(await publishedIn(redis, plain)).toEqual(numbered(300).map(({ timestamp }) => timestamp))
    const all = await publishedIn(redis, keyed)
    expect(all).toHaveLength(300)
    for (let key = 0; key < 7; key++) {
      const own = all.filter((timestamp) => timestamp % 7 === key)
      expect(own).toEqual(own.toSorted((a, b) => a - b))
    }
  })

  test('a batch ends where it grows too large, and goes on with the next', async () => {
    await using place = await open()
    const [redis, contract] = [sharedRedis(), votes()]
    const large = numbered(5).map((vote) => ({ ...vote, option: 'x'.repeat(600_000) }))
    await place.add(contract, large)
    await using relayed = relaying(place)
    await emptied(place)
    expect(await publishedIn(redis, contract)).toEqual([0, 1, 2, 3, 4])
    expect(relayed.published.map(({ messages }) => messages)).toEqual([2, 2, 1])
  })

  test('says how to make the tables where they are missing, and goes on once they are there', async () => {
    await using place = await open()
    const [redis, contract] = [sharedRedis(), votes()]
    for (const name of ['outbox', 'outbox_lanes', 'outbox_about']) await place.sql(`drop table concordat_${name}`)
    await expect(place.add(contract, numbered(1))).rejects.toThrow(OutboxMissing)
    await using relayed = relaying(place)
    await waitFor('its complaint', () => relayed.errors.length > 0)
    expect(relayed.errors[0]?.message).toMatch(/prepareOutbox\(client\)/)
    await place.prepare()
    await place.add(contract, numbered(1))
    await emptied(place)
    expect(await publishedIn(redis, contract)).toEqual([0])
  })

  test('refuses a form that a later release has made', async () => {
    await using place = await open()
    await place.sql('update concordat_outbox_about set form = 2')
    await using relayed = relaying(place)
    await waitFor('its complaint', () => relayed.errors.length > 0)
    expect(relayed.errors[0]).toMatchObject({ code: 'outbox.newer' })
  })

  test('many may prepare it at the same time, and again', async () => {
    await using place = await open()
    const [before] = await place.sql('select name from concordat_outbox_about')
    await Promise.all(Array.from({ length: 5 }, () => place.prepare()))
    expect(await place.sql('select name from concordat_outbox_about')).toEqual([before])
  })

  test('a stream that Redis will not write to holds up no other, and is told of until it is mended', async () => {
    await using place = await open()
    const [redis, broken, whole] = [sharedRedis(), votes(), votes()]
    await redis.set(broken.stream, 'no stream')
    await place.add(broken, numbered(2))
    await place.add(whole, numbered(2))
    await using relayed = relaying(place)
    await waitFor('the whole one', async () => (await publishedIn(redis, whole)).length === 2)
    await waitFor('two complaints', () => relayed.errors.length > 1)
    expect(relayed.errors[0]).toMatchObject({
      code: 'outbox.not-published',
      channel: broken.channel,
      message: expect.stringContaining('WRONGTYPE'),
    })
    await redis.del(broken.stream)
    await emptied(place)
    expect(await publishedIn(redis, broken)).toEqual([0, 1])
  })

  test('leaves alone what goes to another bus', async () => {
    await using place = await open()
    const [redis, here, elsewhere] = [sharedRedis(), votes(), votes({ bus: 'cache' })]
    await place.add(elsewhere, numbered(1))
    await place.add(here, numbered(1))
    await using _relayed = relaying(place)
    await waitFor('the one here', async () => (await publishedIn(redis, here)).length === 1)
    expect(await publishedIn(redis, elsewhere)).toEqual([])
    await using _other = relaying(place, { bus: 'cache' })
    await emptied(place)
    expect(await publishedIn(redis, elsewhere)).toEqual([0])
  })

  test('tells for how long the oldest message has waited', async () => {
    await using place = await open()
    const contract = votes({ bus: uniqueName('bus') })
    await using relayed = relaying(place)
    expect(await relayed.lagMs()).toBe(0)
    await using other = relaying(place, { bus: contract.bus, redis: brokenRedis() })
    await place.add(contract, numbered(1))
    await waitFor('some lag', async () => (await other.lagMs()) > 50)
    expect(await relayed.lagMs()).toBe(0)
  })

  test.each(['before it was published', 'after it was published'])(
    'finishes a batch of a relay that died %s, once',
    async (when) => {
      await using place = await open()
      const [redis, contract] = [sharedRedis(), votes()]
      await place.add(contract, numbered(5))
      const dead = storeOf(place, { batchSize: 3, leaseMs: 200 })
      const batch = await taken(dead, contract.channel)
      const press = { redis, outbox: await dead.name(), wait: undefined, timeoutMs: 1000 }
      if (when.startsWith('after')) await publish(press, batch)
      await using relayed = relaying(place)
      expect(await dead.listLanes()).toMatchObject([{ isFree: true }])
      await place.add(contract, numbered(5, 5))
      await emptied(place)
      expect(await publishedIn(redis, contract)).toEqual(numbered(10).map(({ timestamp }) => timestamp))
      expect(relayed.published[0]?.messages).toBe(3)
      // and when it comes back to life, it changes nothing
      expect(await publish(press, batch)).toEqual({ passedBy: expect.any(Number) })
      expect(await dead.settle(batch)).toBeUndefined()
      expect(await dead.renumber(batch, 99)).toBeUndefined()
      expect(await publishedIn(redis, contract)).toHaveLength(10)
    },
  )

  test('goes on after the middle of a batch', async () => {
    await using place = await open()
    const [redis, contract] = [sharedRedis(), votes()]
    await place.add(contract, numbered(4))
    const store = storeOf(place, {})
    const batch = await taken(store, contract.channel)
    const press = { redis, outbox: await store.name(), wait: undefined, timeoutMs: 1000 }
    const [mark] = await redis.keys(`{${contract.stream}}:sent:outbox.*`)
    expect(mark).toBeUndefined()
    await redis.set(`{${contract.stream}}:sent:outbox.${press.outbox}.0`, `${batch.number} ${batch.nonce} 3`)
    expect(await publish(press, batch)).toEqual({})
    expect(await publishedIn(redis, contract)).toEqual([3])
  })

  test('counts a message as published only when so many replicas have it, and never writes it twice', async () => {
    await using place = await open()
    const [redis, contract] = [sharedRedis(), votes()]
    await place.add(contract, numbered(3))
    const waiting = relaying(place, { wait: { replicas: 1, timeoutMs: 10 } })
    await waitFor('three complaints', () => waiting.errors.length >= 3)
    await waiting.close()
    expect(waiting.errors[0]?.message).toContain('REPLICAS 0 of 1')
    expect(waiting.published).toEqual([])
    await using _content = relaying(place)
    await emptied(place)
    expect(await publishedIn(redis, contract)).toEqual([0, 1, 2])
  })

  test('goes on when the database was turned back, and says what that means', async () => {
    await using place = await open()
    const [redis, contract] = [sharedRedis(), votes()]
    await using relayed = relaying(place)
    for (let i = 0; i < 3; i++) {
      await place.add(contract, numbered(1, i))
      await emptied(place)
    }
    await place.sql(`update concordat_outbox_lanes set batch = 0, nonce = 'restored'`)
    await place.add(contract, numbered(1, 3))
    await emptied(place)
    expect(await publishedIn(redis, contract)).toEqual([0, 1, 2, 3])
    await waitFor('its complaint', () => relayed.errors.length > 0)
    expect(relayed.errors).toEqual([expect.any(OutboxTurnedBack)])
  })

  test('closing lets the batch in hand come to its end, and leaves the rest', async () => {
    await using place = await open()
    const [redis, contract] = [sharedRedis(), votes()]
    await place.add(contract, numbered(400))
    await using relayed = relaying(place, { batchSize: 2 })
    await waitFor('the first batch', () => relayed.published.length > 0)
    await relayed.close()
    await relayed.close()
    const [row] = await place.sql('select count(*) as count from concordat_outbox')
    expect((await publishedIn(redis, contract)).length + Number(row?.count)).toBe(400)
    expect(Number(row?.count)).toBeGreaterThan(0)
    await using _next = relaying(place)
    await emptied(place)
    expect(await publishedIn(redis, contract)).toEqual(numbered(400).map(({ timestamp }) => timestamp))
  })
})

test.each(['Outbox', 'a; drop table users', 'a.b.c', '', 'x'.repeat(41)])('no table is called %j', (table) => {
  expect(() => outboxTables(table)).toThrow(TypeError)
})

test('refuses options that cannot work', () => {
  const redis = sharedRedis()
  expect(() => relay({ redis } as never)).toThrow('give one of the two')
  expect(() => relay({ redis, pool: { connect: async () => Promise.reject() }, batchSize: 0 })).toThrow(TypeError)
})

function storeOf(place: Place, options: { readonly batchSize?: number; readonly leaseMs?: number }): OutboxStore {
  const settings = { holder: 'the dead', leaseMs: 10_000, batchSize: 500, timeoutMs: 1000, ...options }
  const { pool, database } = { pool: undefined, database: undefined, ...place.source() }
  return pool ? postgresStore(pool, settings) : sqliteStore(database as never, settings)
}

async function taken(store: OutboxStore, channel: string): Promise<Batch> {
  const batch = await store.take({ channel, lane: 0 })
  if (batch === undefined) throw new Error('The lane is empty.')
  return batch
}

function brokenRedis() {
  const redis = sharedRedis()
  redis.disconnect()
  return redis
}
