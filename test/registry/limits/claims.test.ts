import { expect, test } from 'vitest'
import { createClaims } from '../../../registry/limits/claims.ts'
import { openSqliteStore } from '../../../registry/store/sqlite/open.ts'
import type { Store } from '../../../registry/store/store.ts'
import { disposableFolder } from '../../support/temporary-folder.ts'
import { waitFor } from '../../support/wait-for.ts'

const MINE = { identity: 'ci', key: 'k', fingerprint: 'f' }
const ANSWER = { status: 201, headers: { 'content-type': 'application/json' }, body: '{}' }
const always = () => true

async function claimsOver(longestWaitMs = 200) {
  const folder = await disposableFolder()
  const store = await openSqliteStore(folder.path)
  const errors: unknown[] = []
  const claims = createClaims({ store, onError: (error) => errors.push(error), longestWaitMs })
  const dispose = async () => {
    await store.close()
    await folder[Symbol.asyncDispose]()
  }
  return { store, claims, errors, [Symbol.asyncDispose]: dispose }
}

test('who comes while the same request is under way waits, and is told to come back when that takes long', async () => {
  await using at = await claimsOver()
  expect(await at.claims.claim(MINE, always)).toBeUndefined()
  const started = performance.now()
  await expect(at.claims.claim(MINE, always)).rejects.toMatchObject({
    code: 'idempotency.under-way',
    message: 'The request with the Idempotency-Key "k" is still under way: send it again in 1 s.',
  })
  expect(performance.now() - started).toBeGreaterThan(100)
})

test('who waits has the answer as soon as there is one', async () => {
  await using at = await claimsOver(5000)
  await at.claims.claim(MINE, always)
  const waiting = at.claims.claim(MINE, always)
  await at.claims.keep(MINE, ANSWER)
  expect(await waiting).toEqual(ANSWER)
})

test('who waits for a request that failed carries it out', async () => {
  await using at = await claimsOver(5000)
  await at.claims.claim(MINE, always)
  const waiting = at.claims.claim(MINE, always)
  await at.claims.release(MINE)
  expect(await waiting).toBeUndefined()
})

test('nobody waits for somebody who has gone', async () => {
  await using at = await claimsOver(60_000)
  await at.claims.claim(MINE, always)
  let asked = 0
  const isThere = () => ++asked < 3
  await expect(at.claims.claim(MINE, isThere)).rejects.toMatchObject({ code: 'idempotency.under-way' })
  expect(asked).toBe(3)
})

test('what could not be kept at once is told, and kept as soon as it can be', async () => {
  await using at = await claimsOver()
  let isAway = true
  const flaky: Store = Object.create(at.store, {
    write: {
      value: (work: Parameters<Store['write']>[0]) =>
        isAway ? Promise.reject(new Error('away')) : at.store.write(work),
    },
  })
  const errors: unknown[] = []
  await at.claims.claim(MINE, always)
  await createClaims({ store: flaky, onError: (error) => errors.push(error) }).keep(MINE, ANSWER)
  expect(errors).toEqual([new Error('away')])
  isAway = false
  await waitFor('the answer', () => at.claims.claim(MINE, always).catch(() => undefined))
})
