import pg from 'pg'
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { type ConsumerOptions, consumer, inPostgres, type Parked, prepareInbox } from '../../../consumers/index.ts'
import { createOutbox, prepareOutbox, relay } from '../../../producers/index.ts'
import { fieldsOf, sendAllAgain } from '../../../streams/index.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import { findPgBouncer, startPgBouncer } from '../../support/pgbouncer.ts'
import { createDatabase, startPostgres } from '../../support/postgres.ts'
import { entriesOf, pendingOf, redisAt, sharedRedis } from '../../support/stream.ts'
import { waitFor } from '../../support/wait-for.ts'
import { handOut, lettersOf, settled, type Vote, type Votes, votes, write } from '../tally.ts'
import { counted, openPostgres, openSqlite, type Place, postgresAt } from './stores.ts'

type BatchOptions = Partial<Extract<ConsumerOptions<Vote>, { readonly handle?: never }>>

/** A consumer that counts into a database, and remembers what it was told. */
function counting(redis: ReturnType<typeof sharedRedis>, contract: Votes, options: BatchOptions) {
  const [parked, errors]: [Parked[], Error[]] = [[], []]
  const running = consumer(redis, contract, {
    group: 'tally',
    blockMs: 100,
    retry: { maxAttempts: 2, minMs: 10 },
    onParked: (letter) => void parked.push(letter),
    onError: (error) => void errors.push(error),
    handleBatch: () => undefined,
    ...options,
  })
  return { running, parked, errors, [Symbol.asyncDispose]: running.close }
}

function refusing(place: Place, ...poison: number[]) {
  return place.counting((batch) => {
    if (batch.some(({ message }) => poison.includes(message.timestamp))) throw new Error('a poison')
  })
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i)

describe.each([
  ['PostgreSQL', openPostgres],
  ['SQLite', openSqlite],
])('consuming into %s', (_name, open) => {
  test('all take effect once, and only the poison is parked', async () => {
    await using place = await open()
    const [redis, contract] = [sharedRedis(), votes()]
    await write(redis, contract, ...numbers(40))
    await using tally = counting(redis, contract, { handleBatch: refusing(place, 7, 30) })
    await waitFor('the letters', () => tally.parked.length === 2)
    await settled(redis, contract)
    expect(await counted(place)).toEqual(numbers(40).filter((number) => number !== 7 && number !== 30))
    expect(tally.errors).toEqual([])
  })

  test('a letter that is sent again takes effect once, and not at all when it had', async () => {
    await using place = await open()
    const [redis, contract] = [sharedRedis(), votes()]
    const group = 'tally'
    await write(redis, contract, ...numbers(3))
    const failing = counting(redis, contract, { handleBatch: refusing(place, 1) })
    await waitFor('the letter', () => failing.parked.length === 1)
    await settled(redis, contract)
    await failing.running.close()
    const [letter] = await lettersOf(redis, contract)
    await sendAllAgain(redis, { stream: contract.stream, group })
    // and somebody has parked one that had taken effect, and sends it again as well
    const [[known] = ['']] = await redis.xrange(contract.stream, '-', '+', 'COUNT', 1)
    const retry = `{${contract.stream}}:retry:${group}`
    await redis.xadd(retry, '*', 'option', 'dogs', 'timestamp', '0', '_dead_id', known)
    await redis.xadd(retry, '*', 'option', 'dogs', 'timestamp', '1', '_dead_id', letter?._dead_id ?? '')
    await using _mended = counting(redis, contract, { handleBatch: place.counting() })
    await waitFor('all of them', async () => (await redis.xlen(retry)) === 0)
    expect(await counted(place)).toEqual([0, 1, 2])
  })

  test('what another consumer has done, and not acknowledged, is not done again', async () => {
    await using place = await open()
    const [redis, contract] = [sharedRedis(), votes()]
    const ids = await write(redis, contract, ...numbers(4))
    await handOut(redis, contract, 'dead', 3)
    const origin = { stream: contract.stream, group: 'tally', isRepeat: false }
    const done = ids.slice(0, 2).map((id, timestamp) => ({
      message: { option: 'dogs', timestamp },
      entry: { id, fields: [] },
    }))
    await place.counting()(done, origin)
    await using _ = counting(redis, contract, { handleBatch: place.counting(), heartbeatMs: 20, reclaimMs: 100 })
    await settled(redis, contract)
    expect(await counted(place)).toEqual(numbers(4))
  })

  test('a group that is made again from the beginning changes nothing', async () => {
    await using place = await open()
    const [redis, contract] = [sharedRedis(), votes()]
    await using tally = counting(redis, contract, { handleBatch: place.counting() })
    await write(redis, contract, ...numbers(5))
    await settled(redis, contract)
    await redis.xgroup('DESTROY', contract.stream, 'tally')
    await write(redis, contract, 5)
    await waitFor('the new one', async () => (await counted(place)).length > 5, 10_000)
    await settled(redis, contract)
    expect(await counted(place)).toEqual(numbers(6))
    expect(tally.parked).toEqual([])
  })

  test('without its tables nothing is acknowledged or parked, and all takes effect once they are there', async () => {
    await using place = await open()
    const [redis, contract] = [sharedRedis(), votes()]
    for (const name of ['inbox', 'inbox_about']) await place.sql(`drop table concordat_${name}`)
    await write(redis, contract, ...numbers(3))
    await using tally = counting(redis, contract, { handleBatch: place.counting(), retry: { maxAttempts: 1 } })
    await waitFor('three complaints', () => tally.errors.length >= 3)
    expect(new Set(tally.errors.map((error) => 'code' in error && error.code))).toEqual(new Set(['inbox.missing']))
    expect(await pendingOf(redis, contract.stream, 'tally')).toBe(3)
    await place.prepare()
    await settled(redis, contract)
    expect(await counted(place)).toEqual(numbers(3))
    expect(tally.parked).toEqual([])
  })
})

test('a database that is away, and comes back, loses and doubles nothing and parks nothing', async () => {
  await using resources = new AsyncDisposableStack()
  const database = resources.use(await createDatabase(inject('postgresUrl')))
  const url = new URL(database.url)
  const proxy = resources.use(await startFaultProxy(Number(url.port)))
  await using place = await postgresAt(database.url, new AsyncDisposableStack())
  const broken = Object.assign(new URL(url), { port: String(proxy.port) }).href
  await using throughProxy = await postgresAt(broken, new AsyncDisposableStack(), { isMade: true })
  const [redis, contract] = [sharedRedis(), votes()]
  await using tally = counting(redis, contract, { handleBatch: throughProxy.counting(), retry: { maxAttempts: 1 } })
  const faults = [
    () => proxy.swallowNext('; commit'),
    () => proxy.dropNext('; commit'),
    () => proxy.swallowNext('begin'),
    () => proxy.dropNext('insert into counted'),
    () => proxy.cut(),
  ]
  for (const [round, fault] of faults.entries()) {
    fault()
    await write(redis, contract, ...numbers(5).map((number) => round * 5 + number))
    await settled(redis, contract)
  }
  expect(await counted(place)).toEqual(numbers(25))
  expect(proxy.armed()).toBe(0)
  expect(tally.parked).toEqual([])
  expect(tally.errors.length).toBeGreaterThan(3)
})

test('a PostgreSQL that is stopped in the middle and started again', { timeout: 60_000 }, async () => {
  await using server = await startPostgres({ isDurable: true })
  await using place = await postgresAt(server.url, new AsyncDisposableStack())
  const [redis, contract] = [sharedRedis(), votes()]
  await using tally = counting(redis, contract, { handleBatch: place.counting(), batchSize: 7 })
  await write(redis, contract, ...numbers(100))
  await waitFor('the first', async () => (await counted(place)).length > 0)
  await server.stop('KILL')
  await write(redis, contract, ...numbers(100).map((number) => 100 + number))
  await server.start()
  await waitFor('all', async () => (await counted(place).catch(() => [])).length === 200, 20_000)
  await settled(redis, contract)
  expect(await counted(place)).toEqual(numbers(200))
  expect(tally.parked).toEqual([])
})

test('what a handler adds to an outbox is published once, when what it read has taken effect', async () => {
  await using place = await openPostgres()
  const pool = place.pool ?? new pg.Pool()
  await prepareOutbox(pool)
  const [redis, contract, onward] = [sharedRedis(), votes(), votes()]
  const { addAll } = createOutbox()
  let calls = 0
  await using _tally = counting(redis, contract, {
    handleBatch: inPostgres(pool, async (batch, tx) => {
      const messages = batch.map(({ message }) => message)
      await addAll(tx, onward, messages)
      calls++
      if (calls < 3 || messages.some(({ timestamp }) => timestamp === 5)) throw new Error('not now')
    }),
  })
  await using _relay = relay({ pool, redis, idleMs: 20 })
  await write(redis, contract, ...numbers(12))
  await settled(redis, contract)
  await waitFor('all but one', async () => (await redis.xlen(onward.stream)) >= 11)
  await waitFor('an empty outbox', async () => (await place.sql('select 1 from concordat_outbox')).length === 0)
  const names = (await entriesOf(redis, onward.stream)).map(([, fields]) => Number(fieldsOf(fields).timestamp))
  expect(names.toSorted((a, b) => a - b)).toEqual(numbers(12).filter((number) => number !== 5))
})

test('clocks that differ by years change nothing', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('1999-12-31') })
  onTestFinished(() => void vi.useRealTimers())
  await using place = await openPostgres()
  const [redis, contract] = [sharedRedis(), votes()]
  for (const [number, id] of ['1-1', '64-0', '1700000000000-0', '9999999999999-0'].entries())
    await redis.xadd(contract.stream, id, 'option', 'dogs', 'timestamp', String(number))
  await using _one = counting(redis, contract, { handleBatch: place.counting() })
  await settled(redis, contract)
  vi.setSystemTime(new Date('2077-01-01'))
  await redis.xgroup('SETID', contract.stream, 'tally', '0')
  await settled(redis, contract)
  expect(await counted(place)).toEqual(numbers(4))
})

test('a handler that hangs is given up, and parked after its tries, alone', async () => {
  await using place = await openPostgres()
  const [redis, contract] = [sharedRedis(), votes()]
  await write(redis, contract, ...numbers(6))
  const pool = place.pool ?? new pg.Pool()
  await using tally = counting(redis, contract, {
    handleBatch: inPostgres(
      pool,
      async (batch, tx) => {
        await tx.query('insert into counted select * from unnest($1::bigint[])', [
          batch.map(({ message }) => message.timestamp),
        ])
        if (batch.some(({ message }) => message.timestamp === 4)) await new Promise(() => undefined)
      },
      { timeoutMs: 60 },
    ),
  })
  await waitFor('the letter', () => tally.parked.length === 1)
  await settled(redis, contract)
  expect(await counted(place)).toEqual([0, 1, 2, 3, 5])
  expect((await lettersOf(redis, contract))[0]?._dead_findings).toMatch(/not done within 60 ms/)
})

const found = await findPgBouncer()

describe(`behind PgBouncer${'missing' in found ? `, which is not to be had: ${found.missing}` : ''}`, () => {
  test('several consumers of a group, each message once', async () => {
    await using resources = new AsyncDisposableStack()
    const database = resources.use(await createDatabase(inject('postgresUrl')))
    let { url } = database
    if ('program' in found) {
      const bouncer = resources.use(await startPgBouncer(found.program, inject('postgresUrl')))
      resources.defer(() => bouncer.leave(database.url))
      url = bouncer.urlOf(database.url)
    }
    await using place = await postgresAt(url, new AsyncDisposableStack())
    const [redis, contract] = [redisAt(inject('redisUrl')), votes()]
    const each = (name: string) => ({ consumer: name, batchSize: 9, concurrency: 2, handleBatch: place.counting() })
    await using one = counting(redis, contract, each('one'))
    await using other = counting(redis, contract, each('other'))
    await write(redis, contract, ...numbers(400))
    await settled(redis, contract)
    expect(await counted(place)).toEqual(numbers(400))
    expect([one.errors, other.errors]).toEqual([[], []])
  })
})

test('the pool is all that it needs of pg', async () => {
  await using database = await createDatabase(inject('postgresUrl'))
  const client = new pg.Client(database.url)
  await client.connect()
  await prepareInbox(client)
  await client.query('create table counted (timestamp bigint not null)')
  const connect = async () => {
    const own = new pg.Client(database.url)
    await own.connect()
    return { query: (text: string, values?: unknown[]) => own.query(text, values), release: () => void own.end() }
  }
  const [redis, contract] = [sharedRedis(), votes()]
  await write(redis, contract, 1, 2)
  await using tally = counting(redis, contract, {
    handleBatch: inPostgres({ connect }, async (batch, tx) => {
      for (const { message } of batch) await tx.query('insert into counted values ($1)', [message.timestamp])
    }),
  })
  await settled(redis, contract)
  expect((await client.query('select * from counted')).rowCount).toBe(2)
  await tally.running.close()
  const others = 'select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'
  await waitFor('its clients to be given back', async () => (await client.query(others)).rowCount === 0)
  await client.end()
})
