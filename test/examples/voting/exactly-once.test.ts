import { describe, expect, test } from 'vitest'
import { startTally, type VoteProcessed } from '../../../examples/voting/tally/tally.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import { pendingOf, redisAt } from '../../support/stream.ts'
import { fieldsWritten, postVote, startVoteApi } from '../../support/vote-api.ts'
import { waitFor } from '../../support/wait-for.ts'
import { FORMS } from './databases.ts'

const soon = { heartbeatMs: 50, reclaimMs: 200, blockMs: 100 }

describe.each(FORMS)('counting into %s', (_name, make) => {
  test('one key that comes three times, with the tally killed between, is one vote', async () => {
    await using place = await make()
    const database = await place.open()
    await using api = await startVoteApi({ database })
    const processed: VoteProcessed[] = []
    const onProcessed = (done: VoteProcessed) => void processed.push(done)
    const vote = () => postVote(api, { option: 'dogs' }, 'one press')

    // It has counted, and never acknowledges: from then on nothing of it reaches Redis.
    await using network = await startFaultProxy(Number(new URL(api.redisUrl).port))
    const behind = redisAt(network.url)
    await using _behind = { [Symbol.asyncDispose]: async () => behind.disconnect() }
    await using _killed = startTally(behind, database, {
      ...soon,
      consumer: 'killed',
      closeDeadlineMs: 100,
      onProcessed: (counted) => {
        network.freeze()
        onProcessed(counted)
      },
    })
    const first = await vote()
    await waitFor('the count', () => processed.length === 1, 15_000)
    await vote()
    {
      await using _next = startTally(api.redis, database, { ...soon, consumer: 'next', onProcessed })
      await waitFor('the second one, and the takeover', () => processed.length === 3, 15_000)
    }
    await using _last = startTally(api.redis, database, { ...soon, consumer: 'last', onProcessed })
    const third = await vote()
    await waitFor('the third one', () => processed.length === 4, 15_000)
    await waitFor('the acknowledgements', async () => (await pendingOf(api.redis, 'votes', 'tally')) === 0, 15_000)

    expect([first.status, third.status]).toEqual([201, 201])
    expect((await database.readTotals()).counts).toEqual({ dogs: 1 })
    expect(processed.map(({ counted }) => counted)).toEqual([true, false, false, false])
    const written = await fieldsWritten(api.redis, 'votes')
    expect(new Set(written.map(({ request_id }) => request_id)).size).toBe(1)
    expect(await api.redis.exists('{votes}:dead:tally')).toBe(0)
  })
})
