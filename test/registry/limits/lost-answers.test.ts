import { expect, test } from 'vitest'
import { NEEDS } from '../../../registry/access/needs.ts'
import { buildServer, listen } from '../../../registry/server.ts'
import type { Store } from '../../../registry/store/store.ts'
import { exportRecords } from '../../../registry/transfer/export.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import { sentSchema } from '../send.ts'
import { PLACES } from './places.ts'

type Step = { readonly route: string; readonly path: string; readonly body?: object }

const schema = { type: 'object', properties: { option: { type: 'string' } }, required: ['option'] }
const version = { service: 'tally', version: '1' }
const tally = { ...version, environment: 'elsewhere', by: 'kim', reason: 'a test', expiresInSeconds: 60 }
const start = { versions: [version], to: 'elsewhere', start: true }

/** Every route that writes, in an order in which each finds what it needs; `ID` is the one in the answer before. */
const STEPS: readonly Step[] = [
  { route: 'PUT /config', path: '/config', body: { compatibility: 'FULL' } },
  { route: 'PUT /config/:subject', path: '/config/votes', body: { compatibility: 'NONE' } },
  { route: 'POST /subjects/:subject/versions', path: '/subjects/votes/versions', body: sentSchema(schema) },
  { route: 'POST /subjects/:subject/versions', path: '/subjects/votes/versions', body: sentSchema({}) },
  { route: 'PUT /mode', path: '/mode', body: { mode: 'READWRITE' } },
  { route: 'PUT /mode/:subject', path: '/mode/votes', body: { mode: 'READWRITE' } },
  { route: 'DELETE /mode/:subject', path: '/mode/votes' },
  { route: 'DELETE /mode', path: '/mode' },
  { route: 'DELETE /config/:subject', path: '/config/votes' },
  { route: 'DELETE /config', path: '/config' },
  { route: 'DELETE /subjects/:subject/versions/:version', path: '/subjects/votes/versions/1' },
  { route: 'DELETE /subjects/:subject/versions/:version', path: '/subjects/votes/versions/1?permanent=true' },
  { route: 'DELETE /subjects/:subject', path: '/subjects/votes' },
  { route: 'PUT /api/services/:service', path: '/api/services/tally', body: { mainBranch: 'main' } },
  { route: 'PUT /api/services/:service/versions/:version', path: '/api/services/tally/versions/1', body: {} },
  {
    route: 'POST /api/services/:service/versions/:version/contracts',
    path: '/api/services/tally/versions/1/contracts',
    body: { writes: [{ stream: 'votes', schema }] },
  },
  { route: 'PUT /api/environments/:environment', path: '/api/environments/elsewhere', body: { production: true } },
  { route: 'POST /api/can-i-deploy', path: '/api/can-i-deploy', body: start },
  { route: 'DELETE /api/reservations/:id', path: '/api/reservations/ID' },
  {
    route: 'POST /api/environments/:environment/deployments',
    path: '/api/environments/elsewhere/deployments',
    body: version,
  },
  {
    route: 'DELETE /api/environments/:environment/deployments/:service',
    path: '/api/environments/elsewhere/deployments/tally',
  },
  {
    route: 'POST /api/environments/:environment/releases',
    path: '/api/environments/elsewhere/releases',
    body: version,
  },
  {
    route: 'DELETE /api/environments/:environment/releases/:service/:version',
    path: '/api/environments/elsewhere/releases/tally/1',
  },
  { route: 'POST /api/overrides', path: '/api/overrides', body: tally },
  { route: 'DELETE /api/overrides/:id', path: '/api/overrides/ID' },
  { route: 'DELETE /api/tokens/:id', path: '/api/tokens/abcdefghijkl' },
  { route: 'PUT /api/environments/:environment', path: '/api/environments/empty', body: {} },
  { route: 'DELETE /api/environments/:environment', path: '/api/environments/empty' },
  { route: 'PUT /api/services/:service', path: '/api/services/empty', body: {} },
  { route: 'DELETE /api/services/:service', path: '/api/services/empty' },
]

test('every route that writes is among those that are tried', () => {
  const writing = Object.entries(NEEDS).filter(([, need]) => need !== 'nothing' && need !== 'read')
  const routes = [...writing.map(([route]) => route), 'POST /api/can-i-deploy']
    .filter((route) => !route.startsWith('GET ') && route !== 'POST /api/tokens')
    .toSorted()
  expect([...new Set(STEPS.map(({ route }) => route))].toSorted()).toEqual(routes)
})

test.each(PLACES)(
  'on %s every write whose answer was lost is answered as it was, and done once',
  async (_form, make) => {
    await using place = await make()
    await using store = await place.open()
    await store.write(({ credentials }) =>
      credentials.create({ id: 'abcdefghijkl', name: 'ci', scopes: ['read'], hash: '0'.repeat(64), by: 'a test' }),
    )
    await using app = buildServer({ store })
    const given: { readonly status: number; readonly body: string }[] = []
    app.addHook('onSend', async (_request, reply, payload) => {
      given.push({ status: reply.statusCode, body: String(payload) })
      return payload
    })
    const url = await listen(app, { host: '127.0.0.1', port: 0 })
    await using proxy = await startFaultProxy(Number(new URL(url).port))
    let answered = ''
    for (const [i, { path, ...rest }] of STEPS.entries()) {
      const step = { ...rest, path: path.replace('ID', () => /"id":(\d+)/.exec(answered)?.[1] ?? '') }
      const sendStep = () => send(`http://127.0.0.1:${proxy.port}`, step, `key ${i}`)
      const before = await auditRows(store)
      proxy.swallowNext(`key ${i}\r\n`)
      await expect(sendStep()).rejects.toThrow('fetch failed')
      const again = await sendStep()
      const [lost] = given.splice(0)
      expect({ step, ...again }).toEqual({ step, ...lost, isReplayed: 'true', type: expect.stringMatching('json') })
      expect({ step, status: lost?.status }).toEqual({
        step,
        status: expect.toSatisfy((status: number) => status < 300),
      })
      answered = again.body
      const after = await contentsOf(store)
      expect(await sendStep()).toEqual(again)
      expect(await contentsOf(store)).toEqual(after)
      const rows = (await auditRows(store)).slice(before.length)
      expect({ step, rows: rows.map(({ action }) => action) }).toEqual({ step, rows: [actionOf(step)] })
      given.length = 0
    }
  },
)

function actionOf({ route, path }: Step): string {
  return `${route.split(' ')[0]} ${path.split('?')[0]}`
}

async function send(url: string, { route, path, body }: Step, key: string) {
  const [method = ''] = route.split(' ')
  const headers = { 'idempotency-key': key, ...(body && { 'content-type': 'application/json' }) }
  const response = await fetch(url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  return {
    status: response.status,
    body: await response.text(),
    isReplayed: response.headers.get('idempotency-replayed'),
    type: response.headers.get('content-type'),
  }
}

function auditRows(store: Store) {
  return store.audit.list({ limit: 1000 })
}

/** All that a store holds, as an export has it. */
async function contentsOf(store: Store): Promise<string> {
  const lines: string[] = []
  await exportRecords(store, async (some) => void lines.push(some))
  return lines.join('')
}
