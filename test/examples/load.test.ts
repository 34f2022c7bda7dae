import { expect, inject, test } from 'vitest'
import { isLoadInOrder } from '../load/account.ts'
import { runLoad } from '../load/load.ts'
import { guardsShare, sharesOf } from '../load/profile.ts'
import { createDatabase } from '../support/postgres.ts'

// `npm run demo:load` does the same with 200 clients and 20,000 votes.
test('whatever is killed, the votes that were accepted are those that are counted', { timeout: 120_000 }, async () => {
  await using database = await createDatabase(inject('postgresUrl'))
  const { told, account, shares } = await runLoad({
    databaseUrl: database.url,
    votes: 1_500,
    clients: 40,
    kills: 2,
    seed: 4,
    mostDownMs: 4_000,
    withinMs: 90_000,
  })

  expect({ ...account, isInOrder: isLoadInOrder(account) }).toMatchObject({
    accepted: 1_500,
    counted: 1_500,
    acceptedNotCounted: [],
    countedNotAccepted: [],
    wrongSums: [],
    untrueAnswers: [],
    wrongAnswers: [],
    parked: 0,
    isInOrder: true,
  })
  // Some were written twice, and Redis was away for longer than the vote API waits.
  expect(account.entries).toBeGreaterThan(account.accepted)
  expect(told.statuses.get('503')).toBeGreaterThan(0)
  expect(guardsShare(shares)).toBeGreaterThan(0)
})

test('time counts for the part whose file ran, and what has no file counts for its caller', () => {
  const nodes = [
    frame(1, '(root)', '', 2, 3, 4),
    frame(2, '(idle)', ''),
    frame(3, 'handle', 'node_modules/fastify/lib/handle.js', 5, 9),
    frame(4, '(garbage collector)', ''),
    frame(5, 'check', 'producers/http/check.ts', 6, 7, 8),
    frame(6, 'parse', ''),
    frame(7, 'compile', 'node_modules/ajv/dist/compile.js'),
    frame(8, 'write', 'node:net'),
    frame(9, 'castVote', 'examples/voting/vote-api/cast-vote.ts'),
  ]
  const samples = [2, 3, 4, 5, 6, 7, 8, 9]
  expect(sharesOf({ nodes, samples, timeDeltas: [900, 10, 10, 20, 20, 20, 10, 10] }, '/clone')).toEqual({
    busyMs: 0.1,
    concordat: { producers: 0.6 },
    others: { fastify: 0.1, '(garbage collector)': 0.1, node: 0.1, examples: 0.1 },
  })
})

function frame(id: number, functionName: string, file: string, ...children: readonly number[]) {
  const url = /^(node:.*)?$/.test(file) ? file : `file:///clone/${file}`
  return { id, callFrame: { functionName, url }, children }
}
