import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NEEDS, needOf, type RouteNeed } from '../../../registry/access/needs.ts'
import { send } from '../send.ts'
import { type Temporary, temporaryRegistry } from '../temporary.ts'
import { bearing, type Guarded, guarded } from './guarded.ts'

type Headers = { readonly authorization?: string }

/** One registry for all routes: none of the requests below changes what another sees. */
let registry: Temporary<Guarded>
let tokens: ReadonlyMap<string, Headers>

const NAMES: Readonly<Record<string, string>> = { subject: 'votes', service: 'tally', environment: 'staging' }
const OTHERS: Readonly<Record<string, string>> = { version: '1', id: '1', guid: 'a', channel: 'stream:votes' }
const PLAIN = ['read', 'register:votes', 'publish:tally', 'deploy:staging', 'override:staging']
const WIDE = ['register', 'publish', 'deploy', 'override'].flatMap((kind) => [`${kind}:*`, `${kind}:nobody*`])
const SCOPES = [...PLAIN, ...WIDE, 'register:vo*', 'publish:ta*', 'deploy:st*', 'admin']

beforeAll(async () => {
  registry = await guarded()
  const made = SCOPES.map(async (scope) => [scope, await bearing(registry, [scope])] as const)
  tokens = new Map(await Promise.all(made))
})
afterAll(() => registry[Symbol.asyncDispose]())

const ROUTES = Object.keys(NEEDS).flatMap((route) => {
  const [method = '', path = ''] = route.split(' ')
  const need = needOf(method, path)
  return need && need.need !== 'nothing' ? [{ route, method, path, need }] : []
})

/** Whether one scope is enough for a route, written down anew. */
function isEnough(scope: string, { need, neededFor }: RouteNeed): boolean {
  if (need === 'read' || scope === 'admin') return true
  const [kind, name = ''] = scope.split(':')
  if (kind !== need) return false
  if (neededFor === undefined) return true
  const prefix = name.replace(/\*$/, '')
  return name === NAMES[neededFor] || (name !== prefix && NAMES[neededFor]?.startsWith(prefix) === true)
}

async function statusOf({ method, path }: { readonly method: string; readonly path: string }, headers: Headers) {
  const url = path.replaceAll(/:(\w+)/g, (_, name: string) => NAMES[name] ?? OTHERS[name] ?? name)
  const body = method === 'POST' || method === 'PUT' ? '{' : undefined
  return (await send(registry, `${method as 'GET'} ${url as '/'}`, body, headers)).status
}

test.each(ROUTES)('$route lets in who may, and nobody else', async (route) => {
  const answers = SCOPES.map(async (scope) => [scope, (await statusOf(route, tokens.get(scope) ?? {})) !== 403])
  const wanted = SCOPES.map((scope) => [scope, isEnough(scope, route.need)])
  expect(await Promise.all(answers)).toEqual(wanted)
  expect(await statusOf(route, {})).toBe(401)
})

test('every need is the need of a route', async () => {
  const { app } = registry
  const unused = ROUTES.filter(({ method, path }) => !app.hasRoute({ method, url: path }))
  expect(unused.map(({ route }) => route)).toEqual([])
})

async function head(url: string, headers: Headers = {}): Promise<number> {
  return (await registry.app.inject({ method: 'HEAD', url, headers })).statusCode
}

test('HEAD needs what GET needs', async () => {
  const reading = tokens.get('read') ?? {}
  expect([await head('/subjects', reading), await head('/api/tokens', reading), await head('/subjects')]).toEqual([
    200, 403, 401,
  ])
})

test('whoever runs the process needs no token, by whatever name it is called', async () => {
  expect((await send(registry, 'GET /health', undefined, { host: '10.0.0.7:8081' })).status).toBe(200)
  expect((await send(registry, 'GET /ready', undefined, { host: '10.0.0.7:8081' })).status).toBe(200)
})

test.each([
  ['stands in no table', 'GET', '/unheard-of', 'The route GET /unheard-of has no one need'],
  [
    'has methods that need different things',
    ['GET', 'DELETE'],
    '/subjects/:subject/versions/:version',
    'The route GET,DELETE /subjects/:subject/versions/:version has no one need',
  ],
])('a route that %s stops the start', async (_what, method, url, message) => {
  await using other = await temporaryRegistry()
  other.app.register(async (child: FastifyInstance) => {
    child.route({ method, url, handler: () => 'here' })
  })
  await expect(Promise.resolve(other.app.ready())).rejects.toThrow(
    `${message}: say in registry/access/needs.ts what it needs.`,
  )
})
