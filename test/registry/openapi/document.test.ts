import { expect, test } from 'vitest'
import { describeRegistry, SURFACES } from '../../../registry/openapi/document.ts'
import { templateOf } from '../../../registry/openapi/routes.ts'
import { readOpenApi } from '../../../registry/services/openapi.ts'
import { lostReferencesIn, problemsOf } from '../../contracts/openapi/document.ts'
import { send } from '../send.ts'
import { temporaryRegistry } from '../temporary.ts'
import { listOperations } from './described.ts'
import { seed } from './seed.ts'

const document = describeRegistry()

test("the document is one by OpenAPI's own schema", async () => {
  expect(await problemsOf(document)).toEqual([])
})

test('all that it refers to is there', () => {
  expect(lostReferencesIn(document)).toEqual([])
})

test('no two operations share an id, and no two surfaces the name of a schema', () => {
  const ids = SURFACES.flatMap(({ operations }) => Object.values(operations).map(({ id }) => id))
  expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([])
  const names = SURFACES.flatMap(({ schemas }) => Object.keys(schemas))
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
})

test('it is served as JSON, and does not tell which release serves it', async () => {
  await using registry = await temporaryRegistry()
  const answer = await send(registry, 'GET /api/openapi.json')
  expect(answer).toMatchObject({ status: 200, type: 'application/json', body: document })
  expect(answer.body).toMatchObject({ openapi: '3.1.1', info: { version: '1' } })
})

test('the registry reads its own description, every operation of it', () => {
  const operations = SURFACES.flatMap((surface) => Object.keys(surface.operations))
  const read = readOpenApi(document, '')
  const known = read.map(({ method, path }) => `${method} ${path}`)
  expect(known.toSorted()).toEqual(operations.map(templateOf).toSorted())
})

test('who calls the registry can publish what it calls', async () => {
  await using registry = await temporaryRegistry()
  const only = ['POST /subjects/{subject}/versions', 'GET /api/can-i-deploy']
  const callsOf = [{ provider: 'registry', openapi: document, only }]
  const to = 'POST /api/services/pipeline/versions/1/contracts'
  const { status, body } = await send(registry, to, { callsOf })
  expect({ status, body }).toMatchObject({ status: 201, body: { service: 'pipeline' } })
  expect(JSON.stringify(body)).toContain('http:registry POST /subjects/{}/versions#409')
})

test('whoever is described is asked who they are, but where nobody need be known', () => {
  const open = listOperations().filter(({ responses }) => !responses.has(401))
  expect(open.map(({ path }) => path)).toEqual(['/health', '/ready'])
})

test('the examples of bodies are taken', async () => {
  await using registry = await temporaryRegistry()
  await seed(registry.app)
  const answers: string[] = []
  for (const { method, path, parameters, body } of listOperations())
    for (const example of body?.examples ?? []) {
      const values = new Map(parameters.map((one) => [one.name, String(one.example)]))
      const url = path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(values.get(name) ?? ''))
      const { status } = await send(registry, `${method as 'POST'} ${url as '/'}`, example)
      answers.push(`${status} ${method} ${path}`)
    }
  expect(answers.filter((answer) => !answer.startsWith('20'))).toEqual([])
  expect(answers.length).toBeGreaterThan(15)
})
