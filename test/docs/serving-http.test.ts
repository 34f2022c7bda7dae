import { expect, test } from 'vitest'
import { buildApp } from '../../docs/serving-http/app.ts'
import { handle } from '../../docs/serving-http/handler.ts'
import { PROBLEMS } from '../../producers/http/problem.ts'
import type { Broken } from '../../producers/index.ts'
import { RequestRefused } from '../../producers/index.ts'
import { namesIn, rowsUnder } from './markdown.ts'

test('the app of docs/serving-http.md answers as the page says', async () => {
  const votes: ('cats' | 'dogs')[] = []
  const told: Broken[] = []
  const app = await buildApp(votes, (broken) => told.push(broken))
  const post = (poll: string, option: string) =>
    app.inject({ method: 'POST', url: `/polls/${poll}/votes`, payload: { option } })
  expect((await app.inject('/polls/pets/votes')).statusCode).toBe(204)
  expect((await post('pets', 'dogs')).json()).toEqual({ id: 1, option: 'dogs' })
  expect((await post('birds', 'dogs')).statusCode).toBe(404)
  expect((await post('pets', 'birds')).json()).toMatchObject({
    findings: [{ code: 'value.not-allowed', at: '/body/option' }],
  })
  expect((await app.inject('/polls/pets/votes?limit=1000')).statusCode).toBe(400)
  votes.push('birds' as 'dogs')
  expect((await app.inject('/polls/pets/votes')).statusCode).toBe(500)
  expect(told.map(({ side }) => side)).toEqual(['request', 'request', 'response'])
  await app.close()
})

test('the handler of docs/serving-http.md answers Web requests', async () => {
  const request = new Request('http://here/polls/pets/votes', {
    method: 'POST',
    body: '{"option":"cats"}',
    headers: { 'content-type': 'application/json' },
  })
  expect((await handle(request)).status).toBe(201)
  const found = await handle(new Request('http://here/polls/pets/votes?option=cats&option=dogs&limit=1'))
  expect(await found.json()).toEqual(['cats'])
})

test('docs/serving-http.md tells every status with which a guard answers by itself', () => {
  const statuses = rowsUnder('docs/serving-http.md', 'What is answered when').map(([, status = '']) => status)
  expect([...new Set(statuses.filter((status) => /^\d{3}$/.test(status)))].sort()).toEqual(Object.keys(PROBLEMS))
})

test('docs/errors.md lists the errors of HTTP servers', () => {
  const { name, code } = new RequestRefused('It', [])
  expect(namesIn(rowsUnder('docs/errors.md', 'HTTP servers'))).toEqual([name])
  expect(rowsUnder('docs/errors.md', 'HTTP servers')[0]?.[1]).toBe(`\`${code}\``)
})
