import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { spawnGuarded } from '../support/guarded-process.ts'
import { outcomeOf } from '../support/outcome.ts'
import { startRedis } from '../support/redis.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { postVote, startVoteApi } from '../support/vote-api.ts'
import { waitFor } from '../support/wait-for.ts'

const program = ['--conditions=concordat-source', join(import.meta.dirname, '../../examples/voting/main.ts')]

test('the example takes a vote over HTTP, counts it, and ends when it is told to', async () => {
  await using redis = await startRedis()
  const example = await spawnGuarded({
    command: process.execPath,
    args: program,
    folder: await temporaryFolder(),
    env: { REDIS_URL: redis.url, VOTES_PORT: '0' },
  })
  onTestFinished(() => example[Symbol.asyncDispose]())
  const [, url = ''] = await waitFor('its greeting', () => /listens on (http:\S+),/.exec(example.output()))

  const { status, body } = await postVote({ url }, { option: 'dogs' })
  await waitFor('the counted vote', () => example.output().includes('cats 0, dogs 1'))
  await example.stop('TERM')

  expect(status).toBe(201)
  expect(body).toEqual({
    message: 'Your vote for dogs counts.',
    option: 'dogs',
    stream_id: expect.stringMatching(/^\d+-\d+$/),
  })
  expect(await example.ended).toBe(0)
})

test('a body that is no vote at all is refused in the form that the contract declares', async () => {
  await using api = await startVoteApi()

  expect(await postVote(api, ['cats'])).toEqual({ status: 400, body: { message: 'body must be object', findings: [] } })
  expect(await api.redis.exists('votes')).toBe(0)
})

describe('one sentence and exit code 1', () => {
  test('when no Redis answers', async () => {
    const port = await freePort()
    const { code, stdout, stderr } = await start({ REDIS_URL: `redis://127.0.0.1:${port}` })

    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(
      `No Redis answers at 127.0.0.1:${port} (ECONNREFUSED): start one with "redis-server", or name another in REDIS_URL.\n`,
    )
  })

  test.each([
    [{ REDIS_URL: 'localhost' }, 'REDIS_URL is no address of a Redis: write redis://host:port.\n'],
    [
      { VOTES_PORT: 'http' },
      'VOTES_PORT is "http"; it must be a whole number from 0 to 65535 (0 takes any free port).\n',
    ],
  ])('for the setting %j', async (env, sentence) => {
    expect(await start(env)).toEqual({ code: 1, stdout: '', stderr: sentence })
  })

  test('when its port is taken', async () => {
    await using redis = await startRedis()
    const { code, stderr } = await start({ REDIS_URL: redis.url, VOTES_PORT: String(redis.port) })

    expect(stderr).toBe(`Port ${redis.port} cannot be listened on (EADDRINUSE): choose another with VOTES_PORT.\n`)
    expect(code).toBe(1)
  })
})

function start(env: NodeJS.ProcessEnv) {
  return outcomeOf(process.execPath, program, { env })
}
