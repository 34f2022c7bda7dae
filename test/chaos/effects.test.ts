import { expect, test } from 'vitest'
import { runEffects } from './effects.ts'
import { areEffectsInOrder } from './effects-account.ts'

// `npm run chaos` does the same for minutes.
test('whatever breaks, what was committed is published once, and takes effect once or is parked once', {
  timeout: 120_000,
}, async () => {
  const account = await runEffects({ forMs: 5000, seed: 1 })
  expect({ ...account, areInOrder: areEffectsInOrder(account) }).toMatchObject({
    notPublished: [],
    publishedTwice: [],
    rolledBackAndPublished: [],
    outOfOrder: [],
    withoutEffect: [],
    effectTwice: [],
    effectAndParked: [],
    parkedTwice: [],
    leftInOutbox: 0,
    stillPending: 0,
    areInOrder: true,
  })
  expect(account.committed).toBeGreaterThan(100)
  expect(account.parked).toBeGreaterThan(0)
})
