import { expect, test } from 'vitest'
import { serve } from '../../cli/concordat-process.ts'
import { startRedis } from '../../support/redis.ts'
import { disposableFolder } from '../../support/temporary-folder.ts'

test('two registries with one Redis share what the settings allow', async () => {
  await using folder = await disposableFolder()
  await using redis = await startRedis()
  const env = { REDIS_URL: redis.url, RATE_LIMITS: 'on', RATE_LIMIT_WRITES: '3/60' }
  const start = () => serve(['--data', folder.path], { env })
  const [first, second] = await Promise.all([start(), start()])
  await using one = first
  await using other = second
  const headers = { 'content-type': 'application/json' }
  const body = '{"compatibility":"NONE"}'
  const put = ({ url }: typeof one) => fetch(`${url}/config`, { method: 'PUT', headers, body })
  expect((await put(one)).headers.get('ratelimit')).toMatch(/^"write";r=2;t=\d+$/)
  expect((await put(other)).headers.get('ratelimit')).toMatch(/^"write";r=1;t=\d+$/)
  expect((await put(one)).status).toBe(200)
  const refused = await put(other)
  expect(refused.status).toBe(429)
  expect(refused.headers.get('retry-after')).toMatch(/^\d+$/)
  expect((await fetch(`${other.url}/metrics`)).headers.get('ratelimit')).toMatch(/^"anonymous-read";r=999;/)
})
