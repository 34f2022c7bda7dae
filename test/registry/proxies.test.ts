import { expect, test } from 'vitest'
import { temporaryRegistry } from './temporary.ts'

const FORWARDED = { 'x-forwarded-for': '198.51.100.1, 203.0.113.9' }

test.each([
  ['nobody', [], '10.1.2.3', '10.1.2.3'],
  ['a proxy', ['10.0.0.0/8'], '10.1.2.3', '203.0.113.9'],
  ['another proxy than the one that asks', ['10.0.0.0/8'], '192.0.2.1', '192.0.2.1'],
  ['two proxies', ['10.0.0.0/8', '203.0.113.9'], '10.1.2.3', '198.51.100.1'],
  ['a proxy by its address in IPv6', ['::1'], '::1', '203.0.113.9'],
])('when %s is trusted, who asks is known by the right address', async (_whom, trustProxy, remoteAddress, address) => {
  const lines: string[] = []
  const stream = { write: (line: string) => lines.push(line) }
  await using registry = await temporaryRegistry({ trustProxy, logger: { level: 'info', stream } })
  await registry.app.inject({ url: '/subjects', remoteAddress, headers: FORWARDED })
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ route: '/subjects', address }])
})
