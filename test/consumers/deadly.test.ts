import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, inject, onTestFinished, test } from 'vitest'
import { pendingOf, sharedRedis } from '../support/stream.ts'
import { waitFor } from '../support/wait-for.ts'
import { lettersOf, tally, votes, write } from './tally.ts'

/** Runs the process to its end; tells the signal that ended it. */
async function run(name: string): Promise<unknown> {
  const program = join(import.meta.dirname, 'deadly-tally.ts')
  const child = spawn(process.execPath, [program, inject('redisUrl'), name], { stdio: 'inherit' })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [, signal] = await once(child, 'exit')
  return signal
}

test('a message that kills its process is parked after its tries, and those around it are handled', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  await write(redis, contract, 1, 2, 13, 3, 4)
  const ends: unknown[] = []
  while (ends.at(-1) !== null && ends.length < 9) ends.push(await run(contract.stream))
  // its first try, and then twice as one that came back
  expect(ends).toEqual(['SIGKILL', 'SIGKILL', 'SIGKILL', null])
  expect(await lettersOf(redis, contract)).toMatchObject([{ timestamp: '13', _dead_reason: 'max_deliveries' }])
  await using _ = tally(redis, contract, { consumer: 'deadly' })
  await waitFor('nothing pending', async () => (await pendingOf(redis, contract.stream, 'tally')) === 0)
  expect(await lettersOf(redis, contract)).toHaveLength(1)
})
