import { expect, test } from 'vitest'
import { send } from './send.ts'
import { temporaryRegistry } from './temporary.ts'

const CONSOLE = 'https://console.example.com'
const PREFLIGHT = { origin: CONSOLE, 'access-control-request-method': 'PUT' }
const corsOrigins = [CONSOLE, 'http://localhost:3000']

test('no page of another origin may ask unless it is told so', async () => {
  await using registry = await temporaryRegistry({ access: { mode: 'tokens', anonymousReads: true } })
  const { status, headers } = await send(registry, 'OPTIONS /config', undefined, PREFLIGHT)
  expect(status).toBe(404)
  expect(namesOf(headers)).toEqual([])
  expect(namesOf((await send(registry, 'GET /subjects', undefined, { origin: CONSOLE })).headers)).toEqual([])
})

test.each(corsOrigins)('a page of %s may ask what it wants to, with a token and without cookies', async (origin) => {
  await using registry = await temporaryRegistry({ access: { mode: 'tokens' }, corsOrigins })
  const preflight = await send(registry, 'OPTIONS /config/votes', undefined, { ...PREFLIGHT, origin })
  expect(preflight).toMatchObject({
    status: 204,
    text: '',
    headers: {
      vary: 'origin',
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE',
      'access-control-allow-headers': expect.stringContaining('authorization, content-type, idempotency-key'),
      'access-control-max-age': '600',
    },
  })
  expect(preflight.headers).not.toHaveProperty('access-control-allow-credentials')
})

test.each(['GET /subjects', 'GET /nowhere', 'GET /api/services/none'] as const)(
  'a page that may ask reads what is answered to %s, also when it is refused',
  async (to) => {
    await using registry = await temporaryRegistry({ access: { mode: 'tokens' }, corsOrigins })
    const { status, headers } = await send(registry, to, undefined, { origin: CONSOLE })
    expect(status).toBeGreaterThanOrEqual(401)
    expect(headers).toMatchObject({
      vary: 'origin',
      'access-control-allow-origin': CONSOLE,
      'access-control-expose-headers': expect.stringContaining('retry-after, x-request-id'),
    })
  },
)

test.each([
  'https://evil.example',
  'null',
  'https://console.example.com.evil.example',
  'http://console.example.com',
  'https://console.example.com:8443',
  '',
])('a page of %j may not, though others may', async (origin) => {
  await using registry = await temporaryRegistry({ access: { mode: 'tokens', anonymousReads: true }, corsOrigins })
  const preflight = await send(registry, 'OPTIONS /config', undefined, { ...PREFLIGHT, origin })
  expect(preflight.status).toBe(404)
  const read = await send(registry, 'GET /subjects', undefined, { origin })
  expect([namesOf(preflight.headers), namesOf(read.headers)]).toEqual([['vary'], ['vary']])
})

test('OPTIONS that is no preflight is a method as any other', async () => {
  await using registry = await temporaryRegistry({ access: { mode: 'tokens' }, corsOrigins })
  expect((await send(registry, 'OPTIONS /config', undefined, { origin: CONSOLE })).status).toBe(404)
})

function namesOf(headers: object): string[] {
  return Object.keys(headers).filter((name) => name === 'vary' || name.startsWith('access-control-'))
}
