import { expect, onTestFinished, test } from 'vitest'
import { startShipping } from '../../docs/how-to/observed-shipping.ts'
import { freePort } from '../support/free-port.ts'
import { startRedis } from '../support/redis.ts'
import { redisAt } from '../support/stream.ts'
import { waitFor } from '../support/wait-for.ts'
import { valueIn } from '../telemetry/prometheus-text.ts'

test('the example of docs/telemetry.md answers Kubernetes and Prometheus', async () => {
  await using server = await startRedis()
  const redis = redisAt(server.url)
  const port = await freePort()
  const shipped: string[] = []
  const shipping = startShipping(redis, (id) => void shipped.push(id), port)
  onTestFinished(async () => shipping[Symbol.asyncDispose]())
  const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } })
  await waitFor('it to be ready', async () => (await ask('/ready')).status === 200)
  expect((await ask('/health')).status).toBe(200)
  expect((await ask('/')).status).toBe(404)
  await redis.xadd('orders', '*', 'order_id', 'o-1', 'express', 'true')
  await waitFor('the order', () => shipped.length === 1)
  const answer = await ask('/metrics')
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  const labels = { channel: 'stream:orders', group: 'shipping' }
  expect(valueIn(await answer.text(), 'concordat_messages_handled_total', labels)).toBe(1)
})
