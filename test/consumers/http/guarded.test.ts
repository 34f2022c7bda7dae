import { Type } from '@sinclair/typebox'
import Fastify from 'fastify'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type HttpClient, httpClient } from '../../../consumers/index.ts'
import { endpoint, type Json, type OpenApiDocument, type RequestParts } from '../../../contracts/index.ts'
import { castVote, createVoteApi } from '../../../docs/calling-http/cast-vote.ts'
import { buildApp } from '../../../docs/openapi/app.ts'
import { guardHandler, guardRoutes, serve } from '../../../producers/index.ts'
import { problemsOf, schemaAt } from '../../contracts/openapi/document.ts'
import { ajvJudge } from '../../support/judges.ts'
import { fc } from '../../support/property.ts'

const Echo = endpoint('Echo', {
  provider: 'echo',
  method: 'PUT',
  path: '/echo/{a}/:b',
  request: {
    path: { a: Type.String(), b: Type.Integer() },
    query: {
      list: Type.Optional(Type.Array(Type.String())),
      where: Type.Optional(Type.Object({ x: Type.Number() })),
      flag: Type.Optional(Type.Boolean()),
    },
    headers: { 'x-text': Type.Optional(Type.String()), 'X-List': Type.Optional(Type.Array(Type.Integer())) },
    body: Type.Unknown(),
  },
  responses: { 200: Type.Unknown() },
})

/** Fastify refuses bodies with names that JavaScript gives a meaning of its own. */
const jsons: fc.Arbitrary<Json> = fc
  .jsonValue({ maxDepth: 2 })
  .map((value) => JSON.parse(JSON.stringify(value)) as Json)
  .filter((value) => !/"(?:__proto__|constructor)"/.test(JSON.stringify(value)))
const letters = fc.oneof(
  fc.string({ minLength: 1, maxLength: 1 }),
  fc.constantFrom('\0', '\n', 'é', '山', '💡', '\u2028', '%2F', '/', '+'),
)
const texts = fc.string({ maxLength: 8, unit: letters })
const inPath = texts.filter((text) => !['', '.', '..'].includes(text))
const inHeader = fc.string({ maxLength: 8 }).map((text) => text.trim())
const numbers = fc.integer()
const requestParts: fc.Arbitrary<RequestParts<typeof Echo>> = fc.record({
  path: fc.record({ a: inPath, b: numbers }),
  query: fc.record(
    {
      list: fc.array(texts, { minLength: 1, maxLength: 3 }),
      where: fc.record({ x: numbers }),
      flag: fc.boolean(),
    },
    { requiredKeys: [], noNullPrototype: true },
  ),
  headers: fc.record(
    { 'x-text': inHeader, 'X-List': fc.array(numbers, { minLength: 1, maxLength: 3 }) },
    { requiredKeys: [], noNullPrototype: true },
  ),
  body: jsons,
})

// fetch sends a list in a header as one line with commas
test.each([
  ['Fastify', echoThroughFastify],
  ['a Web handler', echoThroughWeb],
] as const)('what a client sends is what the handler behind the guard of %s is given', async (_where, echo) => {
  const client = await echo()
  const property = fc.asyncProperty(requestParts, async (given) => {
    expect((await client.call(Echo, given)).body).toEqual(given)
  })
  await fc.assert(property, { numRuns: 200 })
})

async function echoThroughFastify(): Promise<HttpClient> {
  const app = Fastify()
  onTestFinished(() => app.close())
  await app.register(guardRoutes, { serves: [Echo] })
  app.route(serve(Echo, (given) => ({ status: 200, body: given })))
  return httpClient({ baseUrl: await app.listen({ host: '127.0.0.1', port: 0 }) })
}

async function echoThroughWeb(): Promise<HttpClient> {
  const handler = guardHandler(Echo, (given) => ({ status: 200, body: given }))
  return httpClient({ baseUrl: 'http://echo.test', fetch: (url, init) => handler(new Request(url, init)) })
}

describe('the document of a guarded app', () => {
  test('is valid, served by the app, and tells every answer that it gives', async () => {
    const app = await buildApp(new Set([9]))
    onTestFinished(() => app.close())
    const document: OpenApiDocument = (await app.inject('/openapi.json')).json()
    expect(await problemsOf(document)).toEqual([])

    const json = { 'content-type': 'application/json' }
    const asked = [
      { url: '/polls/1/votes?tag=a&tag=b', headers: json, payload: '{"option":"dogs"}' },
      { url: '/polls/9/votes', headers: json, payload: '{"option":"dogs"}' },
      { url: '/polls/0/votes', headers: json, payload: '{"option":"dogs"}' },
      { url: '/polls/1/votes', headers: json, payload: '{"option":' },
      { url: '/polls/1/votes', headers: { 'content-type': 'text/plain' }, payload: 'dogs' },
      { url: '/polls/1/votes', headers: json, payload: `"${'x'.repeat(2_000_000)}"` },
    ]
    const answers = await Promise.all(asked.map((request) => app.inject({ method: 'POST', ...request })))

    expect(answers.map(({ statusCode }) => statusCode)).toEqual([201, 409, 400, 400, 415, 413])
    for (const answer of answers) expect([answer.body, isTold(document, answer)]).toEqual([answer.body, true])
  })

  test('refuses the bodies that the app refuses, and no others', async () => {
    const app = await buildApp(new Set())
    onTestFinished(() => app.close())
    const document: OpenApiDocument = (await app.inject('/openapi.json')).json()
    const isBody = ajvJudge(schemaAt(document, `${OPERATION}/requestBody/content/application~1json/schema`))
    const property = fc.asyncProperty(bodies, async (body) => {
      const { statusCode } = await app.inject({
        method: 'POST',
        url: '/polls/1/votes',
        payload: JSON.stringify(body),
        headers: JSON_TYPE,
      })
      expect(statusCode).toBe(isBody(body) === true ? 201 : 400)
    })
    await fc.assert(property, { numRuns: 100 })
  })
})

const OPERATION = '/paths/~1polls~1{poll}~1votes/post'
const JSON_TYPE = { 'content-type': 'application/json' }
const options = fc.constantFrom<Json>('cats', 'dogs', 'mice', 1, null)
const bodies: fc.Arbitrary<Json> = fc.oneof(
  fc.record({ option: options }, { requiredKeys: [] }),
  fc.record({
    option: options,
    more: jsons,
  }),
  fc.constantFrom<Json>([], 'dogs', null, 1),
)

type Injected = { readonly statusCode: number; readonly headers: object; readonly body: string }

/** Whether a document has an answer's status, with its content type, and a schema that accepts its body. */
function isTold(document: OpenApiDocument, { statusCode, headers, body }: Injected): boolean {
  const contentType = String((headers as { 'content-type'?: string })['content-type']).split(';', 1)[0] ?? ''
  const place = `${OPERATION}/responses/${statusCode}/content/${contentType.replace('/', '~1')}/schema`
  return ajvJudge(schemaAt(document, place))(JSON.parse(body) as Json) === true
}

describe('the example of the docs', () => {
  test('votes, and is told why a vote does not count', async () => {
    const app = await buildApp(new Set([9]))
    onTestFinished(() => app.close())
    const voteApi = createVoteApi(await app.listen({ host: '127.0.0.1', port: 0 }), 'token')
    expect(await castVote(voteApi, 1, 'dogs', 'k-1')).toBe('Vote 1 counts.')
    expect(await castVote(voteApi, 9, 'cats', 'k-2')).toBe('It does not count: The poll is closed.')
  })
})
