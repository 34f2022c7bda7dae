import { expect, test } from 'vitest'
import { temporaryRegistry } from '../temporary.ts'
import { clientOf, deployed, done, fields, TEXT } from './own-registry.ts'

const body = (name: string) => fields({ body: fields({ [name]: TEXT }) })
const [ERROR, MISSING] = [body('error'), body('missing')]
const OPERATION = { method: 'GET', path: '/results' }
const server = (responses: object) => ({ serves: [{ ...OPERATION, responses }] })
const client = (responses: object) => ({ calls: [{ provider: 'vote-api', ...OPERATION, responses }] })

test.each([
  [
    'a class, of which the client reads one status otherwise',
    { '4XX': ERROR },
    { '404': MISSING, '4XX': ERROR },
    ['#4XX'],
  ],
  [
    'a class, of which the client reads one status otherwise that the server names',
    { '404': MISSING, '4XX': ERROR },
    { '404': MISSING, '4XX': ERROR },
    [],
  ],
  [
    'any other, of which the client reads one status otherwise',
    { '200': ERROR, default: ERROR },
    { '200': ERROR, '503': MISSING, default: ERROR },
    ['#default'],
  ],
  [
    'any other, of which the client reads a class otherwise',
    { '200': ERROR, default: ERROR },
    { '200': ERROR, '5XX': MISSING, default: ERROR },
    ['#default'],
  ],
  [
    'any other but a class that the client reads otherwise',
    { '5XX': MISSING, default: ERROR },
    { '5XX': MISSING, default: ERROR },
    [],
  ],
  [
    'any, each class of which the client reads',
    { default: ERROR },
    { '1XX': ERROR, '2XX': ERROR, '3XX': ERROR, '4XX': ERROR, '5XX': ERROR },
    [],
  ],
  ['a class, of which the client reads one status only', { '4XX': ERROR }, { '404': ERROR }, ['#4XX']],
])('a server that may answer with %s', async (_what, served, read, channels) => {
  await using registry = await temporaryRegistry()
  const at = clientOf(registry)
  await deployed(at, 'vote-api', '1', server(served))
  done(await at.publish('web', '1', client(read)))
  const { stops } = (await at.ask('web', '1')).body as { stops: { channel: string }[] }
  expect(stops.map(({ channel }) => channel)).toEqual(channels.map((part) => `http:vote-api GET /results${part}`))
})
