import { expect, test } from 'vitest'
import { isInOrder } from './account.ts'
import { runChaos } from './chaos.ts'

// `npm run chaos` does the same for ten minutes.
test('whatever breaks, every message is stored once, and handled or parked', { timeout: 60_000 }, async () => {
  const account = await runChaos({ forMs: 5000, seed: 1 })
  expect({ ...account, isInOrder: isInOrder(account) }).toMatchObject({
    lost: [],
    storedTwice: [],
    neitherHandledNorParked: [],
    parkedTwice: [],
    stillPending: 0,
    isInOrder: true,
  })
  expect(account.sent).toBeGreaterThan(100)
  expect(account.poison).toBeGreaterThan(10)
})
