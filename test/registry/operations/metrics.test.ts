import { expect, inject, test } from 'vitest'
import packed from '../../../package.json' with { type: 'json' }
import { CircuitBreaker } from '../../../registry/circuit-breaker.ts'
import { createRegistryMetrics } from '../../../registry/operations/metrics.ts'
import { buildServer } from '../../../registry/server.ts'
import { openPostgresStore } from '../../../registry/store/postgres/open.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import { createDatabase } from '../../support/postgres.ts'
import { valueIn } from '../../telemetry/prometheus-text.ts'
import { clientOf, deployed, done, FORMS, fields, OPTION, TEXT } from '../api/own-registry.ts'
import { register, send } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'

type Registry = Parameters<typeof send>[0]

function votes(properties: object): object {
  return { stream: 'votes', schema: fields(properties) }
}

/** Reads values of the registry's metrics as they are now. */
async function valuesOf(registry: Registry) {
  const { text } = await send(registry, 'GET /metrics')
  return (name: string, labels = {}) => valueIn(text, name, labels)
}

test('counts registrations by how they ended', async () => {
  await using registry = await temporaryRegistry()
  await register(registry, 'votes', { type: 'string' })
  await register(registry, 'votes', { type: 'string' })
  await register(registry, 'votes', { type: 'integer' })
  await register(registry, 'votes', '{')
  await registry.store.close()
  await register(registry, 'votes', { type: 'string' })
  const value = await valuesOf(registry)
  for (const result of ['registered', 'known', 'incompatible', 'refused', 'failed'])
    expect([result, value('concordat_registrations_total', { result })]).toEqual([result, 1])
})

test('counts verdicts by their answers, and times those that it had to find', async () => {
  await using registry = await temporaryRegistry()
  const before = await valuesOf(registry)
  expect(before('concordat_verdicts_total', { answer: 'incompatible' })).toBe(0)
  await register(registry, 'votes', { type: 'string' })
  for (const _ of [1, 2, 3]) await register(registry, 'votes', { type: 'integer' })
  const value = await valuesOf(registry)
  expect(value('concordat_verdicts_total', { answer: 'incompatible' })).toBe(3)
  expect(value('concordat_verdicts_total', { answer: 'compatible' })).toBe(0)
  expect(value('concordat_decide_duration_seconds_count')).toBe(1)
  expect(value('concordat_decide_duration_seconds_sum')).toBeGreaterThan(0)
})

test.each(FORMS)('counts what gates answer, on %s', async (_form, make) => {
  await using registry = await make()
  const client = clientOf(registry)
  await deployed(client, 'tally', '1', { reads: [votes({ option: TEXT })] })
  done(await client.publish('vote-api', '1', { writes: [votes({ option: OPTION })] }))
  done(await client.publish('vote-api', '2', { writes: [votes({ choice: OPTION })] }))
  expect((await client.ask('vote-api', '1')).body).toMatchObject({ answer: 'yes' })
  expect((await client.ask('vote-api', '2')).body).toMatchObject({ answer: 'no' })
  expect((await client.ask('vote-api', '2')).body).toMatchObject({ answer: 'no' })
  const value = await valuesOf(registry)
  expect(value('concordat_gate_decisions_total', { answer: 'yes' })).toBe(1)
  expect(value('concordat_gate_decisions_total', { answer: 'no' })).toBe(2)
  expect(value('concordat_verdicts_total', { answer: 'compatible' })).toBeGreaterThan(0)
})

test.each(FORMS)(
  'shows the connections to the database, and how long it took to get one, on %s',
  async (_form, make) => {
    await using registry = await make()
    await register(registry, 'votes', { type: 'string' })
    const value = await valuesOf(registry)
    const connections = (state: string) => value('db_pool_connections', { service: 'registry', state })
    expect(connections('idle')).toBeGreaterThan(0)
    expect(connections('busy')).toBe(0)
    expect(connections('waiting')).toBe(0)
    expect(value('db_pool_acquire_duration_seconds_count', { service: 'registry' })).toBeGreaterThan(0)
    expect(value('db_pool_connection_errors_total', { service: 'registry' })).toBe(0)
  },
)

test('shows how the process does, and which version runs', async () => {
  await using registry = await temporaryRegistry()
  const value = await valuesOf(registry)
  expect(value('process_resident_memory_bytes')).toBeGreaterThan(10_000_000)
  expect(value('process_uptime_seconds')).toBeGreaterThan(0)
  expect(value('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0)
  expect(value('concordat_build_info', { version: packed.version })).toBe(1)
})

test.each([
  [Date.UTC(2030, 0, 1), Date.UTC(2030, 0, 1) / 1000],
  [undefined, undefined],
])('shows when the certificate expires (%s)', async (expiresAt, shown) => {
  await using registry = await temporaryRegistry({ certificate: { expiresAt: () => expiresAt } })
  const value = await valuesOf(registry)
  expect(value('tls_certificate_expiry_timestamp_seconds')).toBe(shown)
})

test("shows a breaker's state, and counts its failures", async () => {
  const clock = { now: 0 }
  const breaker = new CircuitBreaker({
    isFailure: () => true,
    refusal: () => new Error('refused'),
    failures: 2,
    pauseMs: 1000,
    now: () => clock.now,
  })
  const metrics = createRegistryMetrics()
  metrics.watchBreaker('anybody', breaker)
  const states: unknown[] = []
  const look = async () => states.push(valueIn(await metrics.text(), 'circuit_breaker_state', { name: 'anybody' }))
  const fail = () => expect(breaker.run(() => Promise.reject(new Error('gone')))).rejects.toThrow('gone')
  await look()
  await fail()
  await look()
  await fail()
  await look()
  clock.now = 1000
  await look()
  await breaker.run(async () => {})
  await look()
  expect(states).toEqual([0, 0, 2, 1, 0])
  expect(valueIn(await metrics.text(), 'circuit_breaker_failures_total', { name: 'anybody' })).toBe(2)
})

test('counts connections that cannot be had, and shows that nobody asks any more', async () => {
  await using resources = new AsyncDisposableStack()
  const { url } = resources.use(await createDatabase(inject('postgresUrl')))
  const address = new URL(url)
  const proxy = resources.use(await startFaultProxy(Number(address.port)))
  address.port = String(proxy.port)
  const store = resources.use(await openPostgresStore({ url: address.href }))
  const app = buildServer({ store })
  resources.defer(() => app.close())
  proxy.refuse()
  for (let i = 0; i < 8; i++) expect(await send({ app }, 'GET /subjects')).toMatchObject({ status: 503 })
  const value = await valuesOf({ app })
  expect(value('db_pool_connection_errors_total', { service: 'registry' })).toBeGreaterThanOrEqual(5)
  expect(value('circuit_breaker_failures_total', { name: 'database' })).toBe(5)
  expect(value('circuit_breaker_state', { name: 'database' })).toBe(2)
})
