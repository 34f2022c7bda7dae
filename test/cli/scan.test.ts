import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { startRedis } from '../support/redis.ts'
import { configOf, listeningRegistry, type Project, project, publish } from './project.ts'

/** A vote API that writes both fields runs in production; votes of its older version, with `option` only, are in Redis. */
async function backlog(
  messages: number,
): Promise<{ readonly redis: Redis; readonly tally: Project; readonly url: string }> {
  const server = await startRedis()
  const redis = new Redis(server.url)
  onTestFinished(async () => {
    await redis.quit()
    await server[Symbol.asyncDispose]()
  })
  const pipeline = redis.pipeline()
  for (let i = 0; i < messages; i++) pipeline.xadd('votes', `${i + 1}-0`, 'option', 'dogs')
  await pipeline.exec()
  const url = await listeningRegistry()
  await publish(url, configOf('vote-api', 'writes', 'option', 'vote'), { runsIn: ['production'] })
  const env = { REDIS_URL: server.url }
  return { redis, url, tally: await project({ 'concordat.json': configOf('tally', 'reads', 'vote') }, { url, env }) }
}

test('messages that are written already stop a reader that would refuse them', async () => {
  const { tally } = await backlog(3)
  expect(await tally.run('check', '--against', 'production')).toMatchObject({ code: 0 })
  const { code, stdout } = await tally.run('check', '--against', 'production', '--scan')
  expect(code).toBe(3)
  expect(stdout).toContain(' Messages that are written already stop it on stream:votes.\n')
  expect(stdout).toContain(`stream:votes  what is written already → tally working copy (candidate)  backlog
  3 of the 3 messages that were looked at would be refused, the first of them 1-0. That is all of the stream, and tally is no group of it yet.
  /vote is required and missing (3 messages)
  where    concordat.json:4
`)
})

test('what the group has read already does not count, and what is pending does', async () => {
  const { redis, tally } = await backlog(3)
  await redis.xgroup('CREATE', 'votes', 'tally', '0')
  await redis.xreadgroup('GROUP', 'tally', 'one', 'COUNT', 2, 'STREAMS', 'votes', '>')
  await redis.xack('votes', 'tally', '1-0')
  const { stdout } = await tally.run('check', '--against', 'production', '--scan', '--json')
  expect(JSON.parse(stdout)).toMatchObject({
    answer: 'no',
    scanned: [
      { channel: 'stream:votes', group: 'tally', hasGroup: true, looked: 2, isWhole: true, refused: 2, firstId: '2-0' },
    ],
  })
  await redis.xgroup('SETID', 'votes', 'tally', '$')
  await redis.xack('votes', 'tally', '2-0')
  const after = await tally.run('check', '--against', 'production', '--scan')
  expect(after).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('stream:votes: tally has nothing unread in Redis.'),
  })
})

test('can-i-deploy asks the same of what is published, reserves nothing then, and says that it is evidence', async () => {
  const { redis, tally, url } = await backlog(1)
  await publish(url, configOf('tally', 'reads', 'vote'), { version: '2' })
  const wanted = ['can-i-deploy', '--version', '2', '--to', 'production', '--scan', '--start']
  expect(await tally.run(...wanted)).toMatchObject({ code: 3 })
  expect(await (await fetch(`${url}/api/environments/production`)).json()).toMatchObject({ reservations: [] })
  await redis.del('votes')
  await redis.xadd('votes', '*', 'vote', 'dogs', 'option', 'dogs')
  expect(await tally.run(...wanted)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(
      'none of the 1 message that was looked at would be refused. That is all of the stream, and tally is no group of it yet. It is evidence, and no proof.',
    ),
  })
})

test('of many messages it looks at those at both ends', async () => {
  const { redis, tally } = await backlog(1200)
  await redis.xadd('votes', '5000-0', 'vote', 'dogs')
  const { stdout } = await tally.run('check', '--against', 'production', '--scan', '--json')
  expect(JSON.parse(stdout)).toMatchObject({
    scanned: [{ looked: 1000, isWhole: false, refused: 999, firstId: '1-0' }],
  })
})

test.each([
  [['--against', 'git:main'], 2, /--scan stands beside a question to the registry/],
  [['--against', 'production', '--redis', 'localhost:6379'], 2, /--redis <url>' is invalid\. It must be a URL such as/],
  [['--against', 'production', '--redis', 'redis://127.0.0.1:9'], 1, /^Redis at 127\.0\.0\.1:9 does not answer/],
])('%j is one sentence', async (args, code, sentence) => {
  const { tally } = await backlog(0)
  const ended = await tally.run('check', '--scan', ...args)
  expect(ended.code).toBe(code)
  expect(ended.stderr.replace(/^error: /, '')).toMatch(sentence)
})
