import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { authorization, findToken } from '../../cli/api/token.ts'
import { concordat, type Ended } from './in-process.ts'
import { folderOf } from './piped.ts'

const SECRET = 'sEcReT.token-1'

test.each([
  [{}, undefined],
  [{ CONCORDAT_TOKEN: '', CONCORDAT_TOKEN_FILE: '' }, undefined],
  [{ CONCORDAT_TOKEN: SECRET }, SECRET],
  [{ CONCORDAT_TOKEN: SECRET, CONCORDAT_TOKEN_FILE: '' }, SECRET],
])('of %j the token is %j', (env, token) => {
  expect(findToken(env)).toEqual({ token })
})

test.each([
  ['with a newline at its end', `${SECRET}\n`],
  ['with one of Windows', `${SECRET}\r\n`],
  ['without one', SECRET],
])('a file %s holds the token', async (_, text) => {
  const folder = await folderOf({ token: text })
  expect(findToken({ CONCORDAT_TOKEN_FILE: join(folder, 'token') })).toEqual({ token: SECRET })
})

test.each([
  ['a newline within', `${SECRET}\nx`],
  ['a space', `Bearer ${SECRET}`],
  ['a letter beyond ASCII', `${SECRET}ä`],
  ['two newlines at its end', `${SECRET}\n\n`],
])('a token with %s cannot be sent, and is not told', async (_, text) => {
  const folder = await folderOf({ token: text })
  const problems = [findToken({ CONCORDAT_TOKEN: text }), findToken({ CONCORDAT_TOKEN_FILE: join(folder, 'token') })]
  for (const found of problems) {
    expect(found).toEqual({ problem: expect.stringContaining('holds no token that can be sent') as string })
    expect(JSON.stringify(found)).not.toContain(SECRET)
  }
})

test('a file that is empty, a folder, or not there is a problem, and so are two tokens', async () => {
  const folder = await folderOf({ empty: '\n' })
  expect(problemOf({ CONCORDAT_TOKEN_FILE: join(folder, 'empty') })).toMatch(/cannot be read \(it is empty\)\.$/)
  expect(problemOf({ CONCORDAT_TOKEN_FILE: folder })).toMatch(/which cannot be read \(/)
  expect(problemOf({ CONCORDAT_TOKEN_FILE: join(folder, 'none') })).toMatch(/cannot be read \(.*ENOENT/)
  expect(problemOf({ CONCORDAT_TOKEN: SECRET, CONCORDAT_TOKEN_FILE: folder })).toMatch(/both set: set one of them\.$/)
})

test('without a token nothing is sent', () => {
  expect(authorization(undefined)).toEqual({})
})

test.each([
  [['graph']],
  [['publish', '--version', '1']],
  [['check', '--against', 'production']],
  [['can-i-deploy', '--version', '1', '--to', 'production']],
  [['record-deployment', '--version', '1', '--to', 'production']],
  [['pull', 'votes']],
  [['impact', '--version', '1', '--to', 'production']],
  [['fields', 'option']],
  [['types', '--subject', 'votes']],
  [['validate', '--subject', 'votes', '-']],
  [['diff', 'votes@1', 'votes@2']],
  [['overrides', 'list', '--json']],
])('%j sends the token with every request, and tells it to nobody else', async (args) => {
  const seen: (string | undefined)[] = []
  const server = createServer(({ headers }, reply) => {
    seen.push(headers.authorization)
    reply.writeHead(401).end(JSON.stringify({ code: 'token.refused', detail: `No.` }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => server.close().closeAllConnections())
  const { port } = server.address() as AddressInfo
  const cwd = await folderOf({ 'concordat.json': { service: 'a' }, token: `${SECRET}\n` })
  const env = { CONCORDAT_URL: `http://127.0.0.1:${port}`, CONCORDAT_TOKEN_FILE: join(cwd, 'token') }

  const ended = await concordat(args, { cwd, env, input: '{}' })

  expect(new Set(seen)).toEqual(new Set([`Bearer ${SECRET}`]))
  expect(ended.code).toBe(2)
  expect(toldBy(ended)).not.toContain(SECRET)
})

test('a token that cannot be used is wrong usage', async () => {
  const ended = await concordat(['graph', '--json'], { env: { CONCORDAT_TOKEN: `${SECRET}\nx` } })
  expect(ended.code).toBe(2)
  expect(JSON.parse(ended.stdout)).toMatchObject({ error: 'setting.invalid' })
  expect(toldBy(ended)).not.toContain(SECRET)
})

function problemOf(env: NodeJS.ProcessEnv): string {
  return Object.entries(findToken(env)).flat().join(' ')
}

function toldBy({ stdout, stderr }: Ended): string {
  return stdout + stderr
}
