import { Type } from '@sinclair/typebox'
import { expect, test } from 'vitest'
import { consumer, type Parked } from '../../consumers/index.ts'
import { accepts, stream } from '../../contracts/index.ts'
import { deadKey, type Entry, retryKey, sendAllAgain } from '../../streams/index.ts'
import { GROUP } from '../support/dead-letters.ts'
import { entriesOf, sharedRedis, uniqueName } from '../support/stream.ts'
import { waitFor } from '../support/wait-for.ts'

test('dead letters that are sent again reach a mended consumer under their first ids, and none stays', async () => {
  const redis = sharedRedis()
  const Votes = stream(uniqueName('votes'), { option: Type.String() })
  const [first, ...others] = await Promise.all(
    ['vote', 'option', 'vote'].map((field) => redis.xadd(Votes.stream, '*', field, 'dogs')),
  )
  const parked: Parked[] = []
  const options = { group: GROUP, blockMs: 100, onParked: (letter: Parked) => void parked.push(letter) }
  await using broken = consumer(redis, Votes, { ...options, handle: () => undefined })
  await waitFor('two dead letters', () => parked.length === 2)
  await broken.close()

  const letters = { stream: Votes.stream, group: GROUP }
  const Older = stream(Votes.stream, { vote: Type.String() })
  const Mended = accepts(Votes, [[Older, ({ vote }) => ({ option: vote })]])
  expect(await sendAllAgain(redis, letters)).toEqual({ sent: 2, gone: 0, empty: 0 })
  const handled: [option: string, entry: Entry][] = []
  const handle = ({ option }: { option: string }, entry: Entry) => void handled.push([option, entry])
  await using _mended = consumer(redis, Mended, { ...options, handle })
  await waitFor('both', () => handled.length === 2)
  expect(handled).toEqual(
    [first, others[1]].map((id) => ['dogs', { id, fields: ['vote', 'dogs'] }] satisfies [string, unknown]),
  )
  expect(await entriesOf(redis, deadKey(Votes.stream, GROUP))).toEqual([])
  expect(parked).toHaveLength(2)
})

test('a dead letter that fails again lies there as before, under its first id', async () => {
  const redis = sharedRedis()
  const Votes = stream(uniqueName('votes'), { option: Type.String() })
  const id = await redis.xadd(Votes.stream, '*', 'vote', 'dogs')
  const parked: Parked[] = []
  const onParked = (letter: Parked) => void parked.push(letter)
  await using _running = consumer(redis, Votes, { group: GROUP, blockMs: 100, handle: () => undefined, onParked })
  await waitFor('the dead letter', () => parked.length === 1)
  await sendAllAgain(redis, { stream: Votes.stream, group: GROUP })
  await waitFor('the dead letter again', () => parked.length === 2)
  expect(parked.map((letter) => letter.id)).toEqual([id, id])
  const [[, fields] = ['', []], ...more] = await entriesOf(redis, deadKey(Votes.stream, GROUP))
  expect(fields.slice(0, 6)).toEqual(['vote', 'dogs', '_dead_reason', 'contract_broken', '_dead_id', id])
  expect(more).toEqual([])
  expect(await entriesOf(redis, retryKey(Votes.stream, GROUP))).toEqual([])
})
