import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { openPostgresStore } from '../../../registry/store/postgres/open.ts'
import type { Store } from '../../../registry/store/store.ts'
import { findPgBouncer, type PgBouncer, startPgBouncer } from '../../support/pgbouncer.ts'
import { createDatabase, startPostgres } from '../../support/postgres.ts'
import type { Program } from '../../support/program.ts'
import { createRegistryDatabase } from '../../support/registry-database.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { MakePlace } from '../store-suite.ts'
import { append, appendAll } from './contents.ts'
import { describeSharing } from './sharing.ts'
import { describeWriting } from './writing.ts'

const found = await findPgBouncer()
const describeIt = 'program' in found ? () => describeThrough(found.program) : () => describeAbsence(found.missing)
describeIt()

function describeThrough(program: Program): void {
  describe('behind PgBouncer in transaction mode', () => {
    let pgBouncer: PgBouncer
    beforeAll(async () => {
      pgBouncer = await startPgBouncer(program, inject('postgresUrl'))
    })
    afterAll(() => pgBouncer[Symbol.asyncDispose]())

    // What needs more than one statement on one connection, and what several processes do at once: the rest is the same.
    const makePlace: MakePlace = async ({ isNew } = { isNew: false }) => {
      await using resources = new AsyncDisposableStack()
      const create = isNew ? createDatabase : createRegistryDatabase
      const database = resources.use(await create(inject('postgresUrl')))
      resources.defer(() => pgBouncer.leave(database.url))
      const kept = resources.move()
      const url = pgBouncer.urlOf(database.url)
      return { open: () => openPostgresStore({ url, poolSize: 6 }), [Symbol.asyncDispose]: () => kept.disposeAsync() }
    }
    describeWriting(makePlace)
    describeSharing(makePlace)

    test('tells that the server behind it does not answer, and goes on when it does', async () => {
      await using server = await startPostgres()
      await using between = await startPgBouncer(program, server.url)
      await using store = await openPostgresStore({ url: between.urlOf(server.url), timeoutMs: 1000 })
      await appendAll(store, 'votes', ['{}'])
      await server.stop()
      const away = { code: 'store.unavailable' }
      await expect(store.schemas.byId(1)).rejects.toMatchObject(away)
      await expect(store.write((tx) => append(tx, 'votes', 'true'))).rejects.toMatchObject(away)
      await expect(store.check()).rejects.toMatchObject(away)
      await server.start()
      await waitFor('an answer', () => isAnswering(store), 10_000)
      expect(await store.write((tx) => append(tx, 'votes', 'true'))).toEqual({ id: 2, version: 2 })
    })
  })
}

function describeAbsence(reason: string): void {
  describe(`PgBouncer is not available here: ${reason}`, () => {
    test('so the store in PostgreSQL is tested without it', () => {
      expect(reason).toMatch(/apt-get|Debian/)
    })
  })
}

function isAnswering(store: Store): Promise<boolean> {
  return store.check().then(
    () => true,
    () => false,
  )
}
