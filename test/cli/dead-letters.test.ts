import { describe, expect, inject, test } from 'vitest'
import { deadKey, retryKey } from '../../streams/index.ts'
import { GROUP, parked, votes } from '../support/dead-letters.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { freePort } from '../support/free-port.ts'
import { entriesOf, sharedRedis, uniqueName } from '../support/stream.ts'
import { concordat, type Ended } from './in-process.ts'

const MISSING = '[{"code":"field.missing","at":"/vote"},{"code":"field.missing","at":"/at"}]'
const AWAY = 'redis://:secret@127.0.0.1:1'

/** Runs `concordat dead-letters` on the shared Redis. */
async function deadLetters(command: string, stream: string, ...args: string[]): Promise<Ended> {
  const env = { REDIS_URL: inject('redisUrl') }
  return concordat(['dead-letters', command, '--stream', stream, '--group', GROUP, ...args], { env })
}

async function idsOf(stream: string): Promise<string[]> {
  return (await entriesOf(sharedRedis(), deadKey(stream, GROUP))).map(([id]) => id)
}

async function retriesOf(stream: string): Promise<number> {
  return sharedRedis().xlen(retryKey(stream, GROUP))
}

describe('list', () => {
  test('prints a plain table in a pipe, without payload values', async () => {
    const { stream, ids } = await parked(sharedRedis(), [
      { fields: ['option', 'secret'], detail: MISSING },
      { fields: ['option', 'secret'], reason: 'handler_error', detail: 'no such table\n\u001b[31m', attempts: 5 },
    ])
    const { code, stdout, stderr } = await deadLetters('list', stream)
    const dead = await idsOf(stream)
    const [time, other] = [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/, /\S+Z/].map(({ source }) => source)
    const lines = [
      'ID +ORIGINAL ID +REASON +PARKED +CONSUMER +TRIES +WHY',
      `${dead[0]} +${ids[0]} +contract_broken +${time} +one +/vote is required and missing \\(and 1 more\\)`,
      `${dead[1]} +${ids[1]} +handler_error +${other} +one +5 +no such table\\\\u000a\\\\u001b\\[31m`,
    ]
    expect({ code, stderr }).toEqual({ code: 0, stderr: '2 dead letters.\n' })
    expect(stdout).toMatch(new RegExp(`^${lines.join('\n')}\n$`))
    expect(
      new Set(
        stdout
          .split('\n')
          .slice(0, 3)
          .map((line) => line.search(/REASON|contract_|handler_/)),
      ).size,
    ).toBe(1)
  })

  test('is coloured when it is asked to be', async () => {
    const { stream } = await parked(sharedRedis(), votes(1))
    const env = { REDIS_URL: inject('redisUrl'), FORCE_COLOR: '1' }
    const { stdout } = await concordat(['dead-letters', 'list', '--stream', stream, '--group', GROUP], { env })
    expect(stdout).toContain('\u001b[1mID')
  })

  test('tells values and reasons on demand, and where the next page begins', async () => {
    const { stream } = await parked(sharedRedis(), [
      ...votes(2),
      ...votes(3, { reason: 'handler_error', detail: 'no' }),
    ])
    const dead = await idsOf(stream)
    const first = await deadLetters('list', stream, '--reason', 'handler_error', '--limit', '2', '--values')
    expect(first.stdout).toMatch(/\n {2}option {2}dogs\n {2}number {2}1$/m)
    expect(first.stderr).toBe(`2 dead letters; the next page begins --after ${dead[3]}\n`)
    const second = await deadLetters('list', stream, '--reason', 'handler_error', '--after', dead[3] ?? '', '--json')
    expect(JSON.parse(second.stdout)).toMatchObject({ next: null, letters: [{ id: dead[4], error: 'no' }] })
    expect(second.stdout).not.toContain('dogs')
  })

  test('of nothing says so', async () => {
    const ended = await deadLetters('list', uniqueName('votes'))
    expect(ended).toEqual({ code: 0, stdout: '', stderr: 'No dead letters.\n' })
  })
})

describe('show', () => {
  test('prints one letter whole, and its findings in words', async () => {
    const { stream, ids } = await parked(sharedRedis(), [{ fields: ['option', 'dogs'], detail: MISSING }])
    const [id = ''] = await idsOf(stream)
    const { code, stdout } = await deadLetters('show', stream, id)
    expect(code).toBe(0)
    expect(stdout).toMatch(new RegExp(`^id +${id}\noriginal id +${ids[0]}\nreason +contract_broken\nparked +\\S+Z\n`))
    expect(stdout).toMatch(
      /\nwhy +\/vote is required and missing\n +\/at is required and missing\nfields\n {2}option {2}dogs\n$/,
    )
    expect(JSON.parse((await deadLetters('show', stream, id, '--json')).stdout)).toMatchObject({
      id,
      fields: ['option', 'dogs'],
      findings: JSON.parse(MISSING),
    })
  })
})

test.each(['show', 'send-again', 'discard'])('%s of an id that has nothing exits with 3', async (command) => {
  const stream = uniqueName('votes')
  const { code, stdout, stderr } = await deadLetters(command, stream, '1-0')
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
  expect(stderr).toMatch(/^tally has no dead letter 1-0 of votes:\S+: it was sent again .*\n$/)
  expect(await deadLetters(command, stream, '1-0', '--json')).toEqual({
    code: 3,
    stdout: '{"error":"letter.unknown","id":"1-0"}\n',
    stderr: '',
  })
})

describe('send-again', () => {
  test('sends one by its id', async () => {
    const { stream } = await parked(sharedRedis(), votes(2))
    const [id = '', kept] = await idsOf(stream)
    const { code, stdout } = await deadLetters('send-again', stream, id)
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('Sent again to {votes:') })
    expect(await idsOf(stream)).toEqual([kept])
    expect(await retriesOf(stream)).toBe(1)
  })

  test('sends those that match, at a rate', async () => {
    const { stream } = await parked(sharedRedis(), [
      ...votes(2),
      ...votes(3, { reason: 'handler_error', detail: 'no' }),
    ])
    const filter = ['--reason', 'handler_error', '--after', '2020-01-01T00:00:00Z', '--per-second', '100']
    const ended = await deadLetters('send-again', stream, ...filter)
    const retries = retryKey(stream, GROUP)
    expect(ended).toEqual({ code: 0, stdout: '', stderr: `Sent 3 dead letters again to ${retries}.\n` })
    expect(await deadLetters('send-again', stream, '--json')).toEqual({
      code: 0,
      stdout: '{"sent":2,"gone":0,"empty":0}\n',
      stderr: '',
    })
    expect(await retriesOf(stream)).toBe(5)
  })

  test('whose reply is lost fails in one sentence, and sends nothing twice when it is run again', async () => {
    const { stream } = await parked(sharedRedis(), votes(1))
    const [id = ''] = await idsOf(stream)
    await using proxy = await startFaultProxy(Number(new URL(inject('redisUrl')).port))
    proxy.swallowNext(id)
    const first = await deadLetters('send-again', stream, id, '--redis', proxy.url)
    expect(first).toMatchObject({ code: 1, stdout: '' })
    expect(first.stderr).toMatch(/^Redis at \S+ does not answer \(.*\): .* run this again\.\n$/)
    const again = await deadLetters('send-again', stream, id, '--redis', proxy.url)
    expect(again).toMatchObject({ code: 3, stderr: expect.stringContaining('it was sent again or discarded') })
    expect(await retriesOf(stream)).toBe(1)
  })

  test('says what had been trimmed', async () => {
    const redis = sharedRedis()
    const stream = uniqueName('votes')
    const id = String(await redis.xadd(deadKey(stream, GROUP), '*', '_dead_reason', 'trimmed', '_dead_id', '1-0'))
    expect(await deadLetters('send-again', stream)).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Sent 0 dead letters again'),
    })
    expect(await deadLetters('send-again', stream, id)).toMatchObject({
      code: 3,
      stderr: `${id} has no fields left: its entry was trimmed; discard it.\n`,
    })
  })
})

describe('discard', () => {
  test('removes one by its id, or the only one there is', async () => {
    const { stream } = await parked(sharedRedis(), votes(2))
    const [id = ''] = await idsOf(stream)
    expect(await deadLetters('discard', stream, id)).toMatchObject({ code: 0, stdout: `Discarded ${id}.\n` })
    expect(await deadLetters('discard', stream)).toMatchObject({ code: 0, stderr: 'Discarded 1 dead letter.\n' })
    expect(await idsOf(stream)).toEqual([])
  })

  test('of more than one wants --yes', async () => {
    const { stream } = await parked(sharedRedis(), [
      ...votes(2),
      ...votes(1, { reason: 'handler_error', detail: 'no' }),
    ])
    const refused = await deadLetters('discard', stream)
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toMatch(/^error: this would discard 3 dead letters for good: say --yes, or name one/)
    expect(await idsOf(stream)).toHaveLength(3)
    expect(await deadLetters('discard', stream, '--yes', '--reason', 'contract_broken', '--json')).toMatchObject({
      code: 0,
      stdout: '{"discarded":2}\n',
    })
    expect(await idsOf(stream)).toHaveLength(1)
  })
})

describe('Redis', () => {
  const list = ['dead-letters', 'list', '--stream', 'votes', '--group', GROUP]

  test('that is away is one sentence, without its password', async () => {
    const { code, stdout, stderr } = await concordat([...list, '--redis', AWAY])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(
      /^Redis at 127\.0\.0\.1:1 does not answer \(.*ECONNREFUSED.*\): check --redis or REDIS_URL.*\n$/,
    )
    expect(stderr).not.toContain('secret')
  })

  test('that refuses is one sentence, too', async () => {
    const stream = uniqueName('votes')
    await sharedRedis().set(deadKey(stream, GROUP), 'no stream')
    const { code, stderr } = await deadLetters('list', stream)
    expect(code).toBe(1)
    expect(stderr).toMatch(/^Redis at \S+ refuses \(.*WRONGTYPE.*\n$/)
  })

  test('is named by --redis before the environment', async () => {
    const env = { REDIS_URL: `redis://127.0.0.1:${await freePort()}` }
    expect(await concordat([...list, '--redis', inject('redisUrl')], { env })).toMatchObject({ code: 0 })
    expect(await concordat(list, { env })).toMatchObject({ code: 1 })
  })
})

describe('wrong usage exits with 2 and says why', () => {
  test.concurrent.each([
    [[], 'Usage: concordat dead-letters'],
    [['list', '--group', 'tally'], "required option '--stream <name>'"],
    [['list', '--stream', 'votes', '--group', 'tally'], 'no Redis is named: say --redis <url>, or set REDIS_URL'],
    [['show', '--stream', 'votes', '--group', 'tally'], "missing required argument 'id'"],
    [['show', '12', '--stream', 'votes', '--group', 'tally'], 'It must be an id such as'],
    [['list', '--limit', '0'], 'It must be a whole number'],
    [['list', '--after', 'yesterday'], 'It must be an id, milliseconds since 1970, or a time'],
    [['list', '--redis', 'localhost'], 'It must be a URL such as'],
    [['send-again', '--per-second', '0'], 'It must be a number above 0'],
    [
      ['discard', '1-0', '--limit', '3', '--stream', 'votes', '--group', 'tally', '--redis', AWAY],
      'an id names one dead letter',
    ],
  ])('%j', async (args, words) => {
    const { code, stdout, stderr } = await concordat(['dead-letters', ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(words)
  })
})
