import { describe, expect, test } from 'vitest'
import { type Delivery, inboxTables, inPostgres, inSqlite } from '../../../consumers/index.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { Vote } from '../tally.ts'
import { counted, openPostgres, openSqlite } from './stores.ts'

const HERE = { stream: 'votes', group: 'tally', isRepeat: false }

function delivery(id: string, timestamp: number): Delivery<Vote> {
  return { message: { option: 'dogs', timestamp }, entry: { id, fields: [] } }
}
/** Deliveries 7-0, 7-1 … of the votes 0, 1 … */
function deliveries(count: number): Delivery<Vote>[] {
  return Array.from({ length: count }, (_, i) => delivery(`7-${i}`, i))
}
const numbers = (batch: readonly Delivery<Vote>[]) => batch.map(({ message }) => message.timestamp)

describe.each([
  ['PostgreSQL', openPostgres],
  ['SQLite', openSqlite],
])('an inbox in %s', (_, open) => {
  test('lets each message take effect once, and leaves out what has', async () => {
    await using place = await open()
    const seen: number[][] = []
    const handleBatch = place.counting((batch) => void seen.push(numbers(batch)))
    await handleBatch(deliveries(3), HERE)
    await handleBatch(deliveries(5), HERE)
    await handleBatch(deliveries(5), HERE)
    expect(await counted(place)).toEqual([0, 1, 2, 3, 4])
    expect(seen.map((batch) => batch.length)).toContain(2)
    expect(seen.at(-1)).toEqual([3, 4])
  })

  test('tells groups and streams apart, whatever they are called', async () => {
    await using place = await open()
    const handleBatch = place.counting()
    const names = ['tally', `it's "q\\uoted"; drop table counted; --`, 'ünïcode 🔔']
    for (const group of names) for (const stream of names) await handleBatch(deliveries(1), { ...HERE, group, stream })
    for (const group of names) for (const stream of names) await handleBatch(deliveries(1), { ...HERE, group, stream })
    expect(await counted(place)).toEqual(Array.from({ length: 9 }, () => 0))
  })

  test('knows every id that Redis can give, and each only once in a batch', async () => {
    await using place = await open()
    const handleBatch = place.counting()
    const most = '18446744073709551615'
    const ids = ['0-1', `${most}-${most}`, `9223372036854775808-0`, '1795000000000-9007199254740993', '3-1', '3-0']
    const batch = ids.map(delivery)
    await handleBatch([...batch, delivery('3-0', 99)], HERE)
    await handleBatch([...batch, delivery('1795000000000-9007199254740992', 6)], HERE)
    expect(await counted(place)).toEqual([0, 1, 2, 3, 4, 5, 6])
  })

  test.each(['', '7', '7-0-1', "7-0'); drop table counted; --", '0x7-1', '07-1', '7-', `7-${'9'.repeat(21)}`])(
    'refuses %j for an id, for good',
    async (id) => {
      await using place = await open()
      await expect(async () => place.counting()([delivery(id, 1)], HERE)).rejects.toMatchObject({ retry: false })
      expect(await counted(place)).toEqual([])
    },
  )

  test('a handler that throws has done nothing, and what fails is its own error', async () => {
    await using place = await open()
    const failure = new Error('a poison')
    const failing = place.counting(() => {
      throw failure
    })
    await expect(async () => failing(deliveries(2), HERE)).rejects.toBe(failure)
    expect(await counted(place)).toEqual([])
    await place.counting()(deliveries(2), HERE)
    expect(await counted(place)).toEqual([0, 1])
  })

  test('says how to make the tables where they are missing, and blames no message', async () => {
    await using place = await open()
    for (const name of ['inbox', 'inbox_about']) await place.sql(`drop table concordat_${name}`)
    const handleBatch = place.counting()
    await expect(async () => handleBatch(deliveries(1), HERE)).rejects.toMatchObject({
      code: 'inbox.missing',
      retry: 'uncounted',
      message: expect.stringContaining('prepareInbox(client)'),
    })
    await place.prepare()
    await handleBatch(deliveries(1), HERE)
    expect(await counted(place)).toEqual([0])
  })

  test("blames no message for a table of the handler's that is not there", async () => {
    await using place = await open()
    await place.sql('alter table counted rename to other')
    await expect(async () => place.counting()(deliveries(1), HERE)).rejects.toMatchObject({ retry: 'uncounted' })
  })

  test('refuses a form that a later release has made', async () => {
    await using place = await open()
    await place.sql('update concordat_inbox_about set form = 2')
    await expect(async () => place.counting()(deliveries(1), HERE)).rejects.toMatchObject({ code: 'inbox.newer' })
  })

  test('many may prepare it at the same time, and again', async () => {
    await using place = await open()
    await Promise.all(Array.from({ length: 5 }, () => place.prepare()))
    expect(await place.sql('select form from concordat_inbox_about')).toHaveLength(1)
  })

  test("forgets what is older than it is to keep, by the database's clock", async () => {
    await using place = await open()
    const isPostgres = place.tables.includes('brin')
    const handleBatch = place.counting()
    for (const id of ['1000-0', '2000-0', '3000-0']) await handleBatch([delivery(id, 1)], HERE)
    const [old, ago] = isPostgres
      ? ['bucket < 40', "now() - interval '2 hours'"]
      : ['ms < 2500', "unixepoch('subsec') - 7200"]
    await place.sql(`update concordat_inbox set handled_at = ${ago} where ${old}`)
    await place.counting(undefined, { keepMs: 3_600_000 })([delivery('4000-0', 8)], HERE)
    const left = async () => (await place.sql('select count(*) as count from concordat_inbox'))[0]?.count
    await waitFor('two to go', async () => Number(await left()) === 2)
    for (const id of ['1000-0', '2000-0', '3000-0', '4000-0']) await handleBatch([delivery(id, 9)], HERE)
    expect(await counted(place)).toEqual([1, 1, 1, 8, 9, 9])
  })
})

test('refuses options that cannot work', () => {
  const pool = { connect: () => Promise.reject(new Error('never')) }
  expect(() => inPostgres(pool, () => undefined, { keepMs: 0 })).toThrow(TypeError)
  expect(() => inPostgres(pool, () => undefined, { table: 'a b' })).toThrow(TypeError)
  expect(() => inboxTables('Inbox')).toThrow(TypeError)
})

test('a handler in SQLite that returns a promise has done nothing', async () => {
  await using place = await openSqlite()
  expect(place.tables).toContain('strict')
  const { DatabaseSync } = await import('node:sqlite')
  const database = new DatabaseSync(':memory:')
  database.exec(place.tables)
  const waiting = inSqlite(database, () => Promise.resolve() as unknown as undefined)
  expect(() => waiting(deliveries(1), HERE)).toThrow('must be done when it returns')
  expect(database.prepare('select count(*) as count from concordat_inbox').get()).toEqual({ count: 0 })
  expect(database.isTransaction).toBe(false)
})
