import { Type } from '@sinclair/typebox'
import { expect, test } from 'vitest'
import { consumer } from '../../consumers/index.ts'
import { stream } from '../../contracts/index.ts'
import { startRedis } from '../support/redis.ts'
import { redisAt, uniqueName } from '../support/stream.ts'
import { waitFor } from '../support/wait-for.ts'

test('a consumer is told once, at its start, that the server keeps nothing', async () => {
  await using server = await startRedis()
  const told: string[] = []
  const contract = stream(uniqueName('votes'), { option: Type.String() })
  await using running = consumer(redisAt(server.url), contract, {
    group: 'tally',
    handle: () => undefined,
    onWarning: ({ code }) => void told.push(code),
  })
  await waitFor('the warning', () => told.length > 0)
  await waitFor('the consumer to read', () => running.isReady())
  expect(told).toEqual(['redis.keeps-nothing'])
})
