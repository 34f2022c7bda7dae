import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, inject, test } from 'vitest'
import { openDatabase } from '../../../examples/voting/database/open.ts'
import { openSqlite } from '../../../examples/voting/database/sqlite.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { FORMS } from './databases.ts'

const origin = { stream: 'votes', group: 'tally', isRepeat: true }

/** A delivery of a vote as the entry of an id. */
function vote(id: string, option: string, request_id: string = randomUUID()) {
  return { message: { option, request_id }, entry: { id, fields: [] } }
}

describe.each(FORMS)('the votes in %s', (_name, make) => {
  test('each request counts once, within a batch and between batches, however it is spelled', async () => {
    await using place = await make()
    const database = await place.open()
    const counting: string[] = []
    const count = database.countVotes((id) => counting.push(id))
    const [one, other] = [randomUUID(), randomUUID()]

    expect(await database.readTotals()).toEqual({ counts: {}, lastUpdated: undefined })
    const begun = Date.now()
    await count([vote('1-0', 'dogs', one), vote('2-0', 'cats', other), vote('3-0', 'dogs', one)], origin)
    await count([vote('4-0', 'dogs', one.toUpperCase()), vote('5-0', 'dogs')], origin)
    await count([vote('5-0', 'dogs')], origin)

    const { counts, lastUpdated } = await database.readTotals()
    expect(counts).toEqual({ cats: 1, dogs: 2 })
    expect(counting.sort()).toEqual(['1-0', '2-0', '5-0'])
    expect(Number(lastUpdated)).toBeGreaterThan(begun - 5_000)
    expect(Number(lastUpdated)).toBeLessThan(Date.now() + 5_000)
  })

  test('several processes open it at once, count the same votes at the same time, and see what the others counted', async () => {
    await using place = await make()
    const databases = await Promise.all([place.open(), place.open(), place.open()])
    const requests = Array.from({ length: 50 }, () => randomUUID())
    const batch = (i: number) => requests.map((id, n) => vote(`${i}-${n}`, n % 2 ? 'cats' : 'dogs', id))

    await Promise.all(
      databases.map((database, i) => database.countVotes()(i === 1 ? batch(i).toReversed() : batch(i), origin)),
    )

    const totals = await Promise.all(databases.map((database) => database.readTotals()))
    expect(totals.map(({ counts }) => counts)).toEqual(databases.map(() => ({ cats: 25, dogs: 25 })))
  })

  test('closing twice is fine', async () => {
    await using place = await make()
    const database = await place.open()
    await database[Symbol.asyncDispose]()
    await expect(database.readTotals()).rejects.toThrow(/pool after calling end|database is not open|finalized/)
  })
})

test('who opens a new file while another process makes it waits until that is done', async () => {
  const folder = await temporaryFolder()
  const other = new DatabaseSync(join(folder, 'votes.sqlite'))
  other.exec('begin immediate; create table half_made (x)')
  setTimeout(() => other.close(), 50)

  await using database = await openSqlite(folder)
  expect(await database.readTotals()).toEqual({ counts: {}, lastUpdated: undefined })
})

test('a database that does not exist is named', async () => {
  const url = Object.assign(new URL(inject('postgresUrl')), { pathname: '/nowhere' }).href
  await expect(openDatabase({ url })).rejects.toThrow(
    /^No PostgreSQL .* \(database "nowhere" does not exist\): start it/,
  )
})
