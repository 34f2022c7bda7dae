import { join } from 'node:path'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import type { Results } from '../../examples/voting/vote-api/results.contract.ts'
import { freePort } from '../support/free-port.ts'
import { type GuardedProcess, spawnGuarded } from '../support/guarded-process.ts'
import { outcomeOf } from '../support/outcome.ts'
import { createDatabase } from '../support/postgres.ts'
import { startRedis } from '../support/redis.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { postVote } from '../support/vote-api.ts'
import { waitFor } from '../support/wait-for.ts'

const ANY_PORT = { VOTES_PORT: '0', TALLY_PORT: '0', WEB_PORT: '0' }

test('the example takes a vote over HTTP, counts it, shows its page, and ends when it is told to', async () => {
  await using redis = await startRedis()
  await using database = await createDatabase(inject('postgresUrl'))
  const example = await spawnExample('main.ts', { REDIS_URL: redis.url, VOTES_DATABASE_URL: database.url })
  const url = await urlOf(example, /API listens on (http:\S+)\./)

  const { status, body } = await postVote({ url }, { option: 'dogs' })
  await waitFor('the counted vote', () => example.output().includes('"event":"vote_processed"'), 15_000)
  const results = await (await fetch(`${url}/api/results`)).json()
  const health = await urlOf(example, /health on (http:\S+)\./)
  const page = await fetch(await urlOf(example, /page is at (http:\S+)\./))
  const ready = await fetch(`${health}/ready`)
  await example.stop('TERM')

  expect(status).toBe(201)
  expect(body).toEqual({
    message: 'Your vote for dogs counts.',
    option: 'dogs',
    stream_id: expect.stringMatching(/^\d+-\d+$/),
  })
  expect(results).toMatchObject({ total_votes: 1 })
  expect(example.output()).toMatch(
    /\{"event":"vote_processed","stream_id":"\d+-\d+","option":"dogs","request_id":"[^"]+","counted":true,"processing_time_ms":[\d.]+\}/,
  )
  expect(ready.status).toBe(200)
  expect(page.headers.get('content-security-policy')).toContain(`connect-src ${url};`)
  expect(await page.text()).toContain(url)
  expect(await example.ended).toBe(0)
})

test('each service runs alone, and waits for Redis: a tally that is killed loses nothing, and the next one goes on', async () => {
  await using redis = await startRedis()
  await redis.stop()
  const env = { REDIS_URL: redis.url, VOTES_DATA: await temporaryFolder(), VOTES_DATABASE_URL: '' }
  const [api, first] = await Promise.all([spawnExample('vote-api/main.ts', env), spawnExample('tally/main.ts', env)])
  for (const service of [api, first])
    await waitFor(
      'it to say what it waits for',
      () => /No Redis answers .* waits 30 seconds for it/.test(service.output()),
      15_000,
    )
  await redis.start()
  const url = await urlOf(api, /API listens on (http:\S+)\./)
  const total = async () => ((await (await fetch(`${url}/api/results`)).json()) as Results).total_votes
  for (const key of ['1', '2', '3']) await postVote({ url }, { option: 'cats' }, key)
  await waitFor('a counted vote', async () => (await total()) > 0, 15_000)

  await first.stop('KILL')
  for (const key of ['2', '3', '4']) await postVote({ url }, { option: 'cats' }, key)
  const second = await spawnExample('tally/main.ts', { ...env, TALLY_PORT: 'off' })
  await waitFor('all votes', async () => (await total()) === 4, 15_000)
  await waitFor('the last one', () => second.output().includes('"counted":true'))
  await second.stop('TERM')

  expect(await total()).toBe(4)
  expect(second.output()).not.toContain('health')
  expect(await second.ended).toBe(0)
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

  test('when no PostgreSQL answers, or the port is taken', async () => {
    await using redis = await startRedis()
    const port = await freePort()
    const [away, taken] = await Promise.all([
      start({ REDIS_URL: redis.url, VOTES_DATABASE_URL: `postgres://somebody:secret@127.0.0.1:${port}/votes` }),
      start({ REDIS_URL: redis.url, VOTES_DATA: await temporaryFolder(), VOTES_PORT: String(redis.port) }),
    ])

    expect(away).toEqual({
      code: 1,
      stdout: '',
      stderr: `No PostgreSQL lets the votes in at 127.0.0.1:${port} (ECONNREFUSED): start it, or name another in VOTES_DATABASE_URL; without that the votes lie in a SQLite file.\n`,
    })
    expect(taken.stderr).toBe(
      `Port ${redis.port} cannot be listened on (EADDRINUSE): choose another with VOTES_PORT.\n`,
    )
    expect(taken.code).toBe(1)
  })

  test('for a wrong setting', async () => {
    expect(await start({ REDIS_URL: 'localhost' })).toEqual({
      code: 1,
      stdout: '',
      stderr: 'REDIS_URL is no address of a Redis: write redis://host:port.\n',
    })
  })
})

const folder = join(import.meta.dirname, '../../examples/voting')

async function spawnExample(program: string, env: Readonly<Record<string, string>>): Promise<GuardedProcess> {
  const example = await spawnGuarded({
    command: process.execPath,
    args: ['--conditions=concordat-source', join(folder, program)],
    folder: await temporaryFolder(),
    env: { ...ANY_PORT, ...env },
  })
  onTestFinished(() => example[Symbol.asyncDispose]())
  return example
}

async function urlOf(example: GuardedProcess, pattern: RegExp): Promise<string> {
  const [, url = ''] = await waitFor(`"${pattern.source}"`, () => pattern.exec(example.output()), 30_000)
  return url
}

function start(env: NodeJS.ProcessEnv) {
  return outcomeOf(process.execPath, ['--conditions=concordat-source', join(folder, 'main.ts')], {
    env: { ...ANY_PORT, VOTES_WAIT_SECONDS: '0', ...env },
  })
}
