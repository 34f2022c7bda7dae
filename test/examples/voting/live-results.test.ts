import { randomUUID } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import type { Totals, VotesDatabase } from '../../../examples/voting/database/votes-database.ts'
import { createLiveResults, type LiveResultsOptions } from '../../../examples/voting/vote-api/live-results.ts'
import { startVoteApi } from '../../support/vote-api.ts'
import { waitFor } from '../../support/wait-for.ts'

/** Asks for the events, and collects them. */
async function listen(url: string, headers: Readonly<Record<string, string>> = {}) {
  const answer = await fetch(`${url}/api/results/live`, { headers })
  const heard = { text: '', isOver: false }
  const reading = (async () => {
    for await (const chunk of answer.body ?? []) heard.text += Buffer.from(chunk).toString()
    heard.isOver = true
  })()
  return { answer, heard, reading, events: () => heard.text.match(/^id: .+$/gm) ?? [] }
}

test('whoever listens is told how the vote stands, of each change, and of nothing that they know', async () => {
  await using api = await startVoteApi({ pollMs: 10, heartbeatMs: 50 })
  const add = (option: string) =>
    api.database.countVotes()(
      [{ message: { option, request_id: randomUUID() }, entry: { id: `${Date.now()}-0`, fields: [] } }],
      { stream: randomUUID(), group: 'tally', isRepeat: false },
    )
  const first = await listen(api.url)
  expect(first.answer.headers.get('content-type')).toBe('text/event-stream')
  await waitFor('how it stands', () => first.events().length === 1)
  await add('dogs')
  await waitFor('the change', () => first.events().length === 2)
  const second = await listen(api.url, { 'last-event-id': '0-1' })
  await add('cats')
  await waitFor('a heartbeat', () => second.heard.text.includes('\n:\n'))
  await waitFor('the second change', () => first.events().length === 3)

  expect(first.events()).toEqual(['id: 0-0', 'id: 0-1', 'id: 1-1'])
  expect(first.heard.text).toContain('data: {"results":[{"option":"cats","count":1,"percentage":50}')
  expect(await waitFor('it', () => second.events().length > 0 && second.events())).toEqual(['id: 1-1'])

  await api[Symbol.asyncDispose]()
  await Promise.all([first.reading, second.reading])
})

test('who hangs up makes room for the next one', async () => {
  await using api = await startVoteApi({ mostListeners: 1 })
  const ask = async (init: RequestInit) => (await fetch(`${api.url}/api/results/live`, init)).status
  const hangUp = new AbortController()

  const first = await fetch(`${api.url}/api/results/live`, { signal: hangUp.signal })
  expect(await ask({ method: 'HEAD' })).toBe(404)
  const refused = await fetch(`${api.url}/api/results/live`)
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1'])
  // Held until here: fetch hangs up by itself once nobody can read an answer any more.
  expect([first.status, first.bodyUsed]).toEqual([200, false])
  hangUp.abort()
  const next = new AbortController()
  await waitFor('room', async () => (await ask({ signal: next.signal })) === 200)
  next.abort()
})

/** Live results of a database that answers what it is told to, and counts how often it was asked. */
function liveResults(options: LiveResultsOptions) {
  const state = { asked: 0, totals: { counts: {}, lastUpdated: undefined } as Totals, isAway: false }
  const database: Pick<VotesDatabase, 'readTotals'> = {
    readTotals: async () => {
      state.asked++
      if (state.isAway) throw new Error('away')
      return state.totals
    },
  }
  const live = createLiveResults(database, options)
  onTestFinished(live.close)
  return { live, state }
}

test('the database is asked once for all of them, and not at all while nobody listens', async () => {
  const { live, state } = liveResults({ pollMs: 5 })
  const listeners = await Promise.all(Array.from({ length: 50 }, () => live.listen('0-0')))
  expect(state.asked).toBe(50)
  await waitFor('ten polls', () => state.asked >= 60)
  for (const listener of listeners) listener.destroy()
  let before = 0
  await waitFor('quiet', () => {
    const isQuiet = state.asked === before
    before = state.asked
    return isQuiet
  })
})

test('when the database goes away they are sent away, and whoever comes then is refused', async () => {
  const { live, state } = liveResults({ pollMs: 5 })
  const listener = (await live.listen(undefined)).resume()
  state.isAway = true
  await waitFor('the end', () => listener.readableEnded)
  await expect(live.listen(undefined)).rejects.toThrow('away')
})

test('there is room for so many, and who reads nothing is let go of', async () => {
  const { live, state } = liveResults({ pollMs: 1, mostListeners: 1 })
  const listener = await live.listen(undefined)
  await expect(live.listen(undefined)).rejects.toThrow('1 listen already')
  Object.defineProperty(state, 'totals', { get: () => ({ counts: { cats: state.asked } }) })
  await waitFor('its end', () => listener.destroyed, 15_000)
  expect((await live.listen(undefined)).readable).toBe(true)
})
