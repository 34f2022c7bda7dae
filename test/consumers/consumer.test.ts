import { describe, expect, test } from 'vitest'
import type { Finding } from '../../contracts/index.ts'
import { deadKey, type Entry, fieldsOf } from '../../streams/index.ts'
import { startRedis } from '../support/redis.ts'
import { entriesOf, pendingOf, redisAt, sharedRedis } from '../support/stream.ts'
import { waitFor } from '../support/wait-for.ts'
import { tally, type Vote, votes, write } from './tally.ts'

test('hands on each message with its entry, in order, and acknowledges it', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  const ids = await write(redis, contract, '1', '2', '3')
  await using running = tally(redis, contract)
  await waitFor('three messages', () => running.handled.length === 3)
  expect(running.handled.map(([message]) => message.timestamp)).toEqual([1, 2, 3])
  expect(running.handled.map(([, entry]) => entry.id)).toEqual(ids)
  await waitFor('all acknowledged', async () => (await pendingOf(redis, contract.stream, 'tally')) === 0)
})

test('gives the handler the declared fields as message and the whole entry beside it', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  await redis.xadd(contract.stream, '*', 'source', 'legacy', 'timestamp', '1', 'option', 'dogs')
  await using running = tally(redis, contract)
  const [[message, entry]] = await waitFor('the message', () =>
    running.handled.length > 0 ? (running.handled as [[Vote, Entry]]) : undefined,
  )
  expect(message).toEqual({ option: 'dogs', timestamp: 1 })
  expect(fieldsOf(entry.fields)).toEqual({ source: 'legacy', timestamp: '1', option: 'dogs' })
})

describe('a message that breaks the contract', () => {
  test('is parked whole with its findings, and the consumer goes on', async () => {
    const [redis, contract] = [sharedRedis(), votes()]
    const [, broken = ''] = await write(redis, contract, '1', '0x10', '2')
    await using running = tally(redis, contract)
    await waitFor('two messages', () => running.handled.length === 2)
    const [[, fields] = ['', []]] = await entriesOf(redis, deadKey(contract.stream, 'tally'))
    expect(fieldsOf(fields)).toMatchObject({
      option: 'dogs',
      timestamp: '0x10',
      _dead_id: broken,
      _dead_reason: 'contract_broken',
    })
    const findings = JSON.parse(fieldsOf(fields)._dead_findings ?? '') as Finding[]
    expect(findings).toEqual([{ code: 'field.not-an-integer', at: '/timestamp' }])
    expect(running.parked).toEqual([{ id: broken, reason: 'contract_broken', findings }])
  })

  test('carries no value of the message in its findings', async () => {
    const [redis, contract] = [sharedRedis(), votes()]
    await redis.xadd(contract.stream, '*', 'timestamp', 'secret-of-a-customer')
    await using running = tally(redis, contract)
    const [letter] = await waitFor('the dead letter', () => (running.parked.length > 0 ? running.parked : undefined))
    expect(JSON.stringify(letter)).not.toContain('secret')
  })
})

test('parks a message whose handler fails, with the error, and goes on', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  await write(redis, contract, '1', '2')
  const seen: number[] = []
  const handle = ({ timestamp }: Vote) => {
    seen.push(timestamp)
    if (timestamp === 1) throw new Error('no room for one')
  }
  await using running = tally(redis, contract, { handle, retry: { maxAttempts: 1 } })
  await waitFor('both messages', () => seen.length === 2)
  const [[, fields] = ['', []]] = await entriesOf(redis, deadKey(contract.stream, 'tally'))
  expect(fieldsOf(fields)).toMatchObject({
    timestamp: '1',
    _dead_reason: 'handler_error',
    _dead_findings: 'no room for one',
  })
  expect(running.parked).toHaveLength(1)
})

test('two groups each get every message and keep their own dead letters', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  await write(redis, contract, '1', 'x')
  await using first = tally(redis, contract)
  await using second = tally(redis, contract, { group: 'audit' })
  await waitFor('both groups', () => first.parked.length === 1 && second.parked.length === 1)
  expect([first.handled.length, second.handled.length]).toEqual([1, 1])
  expect(await entriesOf(redis, deadKey(contract.stream, 'audit'))).toHaveLength(1)
})

test('what was handed out and never acknowledged comes first after a restart', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  await write(redis, contract, '1', '2')
  await redis.xgroup('CREATE', contract.stream, 'tally', '0')
  await redis.xreadgroup('GROUP', 'tally', 'stable-name', 'COUNT', 1, 'STREAMS', contract.stream, '>')
  await using running = tally(redis, contract, { consumer: 'stable-name' })
  await waitFor('two messages', () => running.handled.length === 2)
  expect(running.handled.map(([message]) => message.timestamp)).toEqual([1, 2])
})

test('closing an idle consumer does not wait for its read to end', async () => {
  const [redis, contract] = [sharedRedis(), votes()]
  const running = tally(redis, contract, { blockMs: 60_000 })
  await write(redis, contract, '1')
  await waitFor('a first message', () => running.handled.length === 1)
  await running.close()
  await running.close()
  expect(running.errors).toEqual([])
})

describe('when Redis goes away', () => {
  test('and comes back with what it kept, nothing is lost', async () => {
    await using server = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] })
    const [redis, contract] = [redisAt(server.url), votes()]
    redis.on('error', () => undefined)
    await using running = tally(redis, contract)
    await write(redis, contract, '1')
    await waitFor('the first message', () => running.handled.length === 1)
    await server.stop()
    await server.start()
    await write(redis, contract, '2')
    await waitFor('the second message', () => running.handled.some(([message]) => message.timestamp === 2), 15_000)
    expect(running.handled.map(([message]) => message.timestamp)).toEqual([1, 2])
  })

  test('and comes back empty, the group is made again', async () => {
    await using server = await startRedis()
    const [redis, contract] = [redisAt(server.url), votes()]
    redis.on('error', () => undefined)
    await using running = tally(redis, contract)
    await write(redis, contract, '1')
    await waitFor('the first message', () => running.handled.length === 1)
    await redis.flushall()
    await write(redis, contract, '2')
    await waitFor('the second message', () => running.handled.length === 2)
    expect(running.errors.length).toBeGreaterThan(0)
  })
})
