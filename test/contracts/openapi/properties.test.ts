import { expect, test } from 'vitest'
import {
  dialectOf,
  type Json,
  type JsonSchema,
  openapi,
  readSchema,
  type Schema,
  sample,
} from '../../../contracts/index.ts'
import { isObject } from '../../../contracts/json.ts'
import { contracts, type GeneratedField } from '../../support/generated-contracts.ts'
import { schemas } from '../../support/generated-schemas.ts'
import { ajvJudge, hyperjumpJudge } from '../../support/judges.ts'
import { messagesNear } from '../../support/messages-near.ts'
import { fc } from '../../support/property.ts'
import { ECHOED, echoing, lostReferencesIn, problemsOf, schemaAt } from './document.ts'

/** The suite's share; OPENAPI_RUNS=20000 asks for the long form. */
const numRuns = Number(process.env.OPENAPI_RUNS ?? 60)
const timeout = 20_000 + numRuns * 100

/** What ajv gets wrong. */
const isDisputed = (schema: JsonSchema): boolean => /"(?:contains|unevaluated\w+)"/.test(JSON.stringify(schema))

/** What OpenAPI's dialect would read otherwise. */
const isRefused = (schema: JsonSchema): boolean =>
  dialectOf(schema) !== '2020-12' &&
  ['"contains"', '"unevaluatedItems"'].every((name) => JSON.stringify(schema).includes(name))

test('documents of generated contracts are valid, and every reference in them leads to something', {
  timeout,
}, async () => {
  const property = fc.asyncProperty(
    schemas.filter((schema) => !isRefused(schema)),
    async (schema) => {
      const document = openapi({ title: 'echo', version: '1', serves: [echoing(schema)] })
      expect(lostReferencesIn(document)).toEqual([])
      expect(await problemsOf(document)).toEqual([])
    },
  )
  await fc.assert(property, { numRuns })
})

test('a generated schema judges messages in the document as in the contract', { timeout }, () => {
  const plain = schemas.filter((schema) => !isDisputed(schema))
  const property = fc.property(plain, fc.nat(), (schema, seed) => {
    const messages = messagesFor(schema, seed)
    expect(messages.map(ajvJudge(inDocument(schema)))).toEqual(messages.map(ajvJudge(schema)))
  })
  fc.assert(property, { numRuns })
})

test('so does one that asks what was found or left over', { timeout }, async () => {
  // the second judge knows other formats in each dialect
  const plain = schemas.filter((schema) => !isRefused(schema) && !JSON.stringify(schema).includes('"format"'))
  const disputed = plain.filter(isDisputed)
  const property = fc.asyncProperty(disputed, fc.nat(), async (schema, seed) => {
    const messages = messagesFor(schema, seed)
    const inContract = messages.map(await hyperjumpJudge(schema))
    expect(messages.map(await hyperjumpJudge(inDocument(schema)))).toEqual(inContract)
  })
  await fc.assert(property, { numRuns: numRuns / 2 })
})

test('documents of generated fields in a query and in headers are valid', { timeout }, async () => {
  const property = fc.asyncProperty(contracts, async ({ fields, schema }) => {
    const { $defs = {} } = schema
    const part = objectOf(fields.filter(({ kind, schema: field }) => kind !== 'json' || isPlainObject(field)))
    const request = read({
      type: 'object',
      properties: { query: part, headers: part, body: part },
      $defs,
    })
    const endpoint = { ...echoing({}), path: '/echo/{always}/:option', request }
    const document = openapi({ title: 'echo', version: '1', serves: [endpoint] })
    expect(lostReferencesIn(document)).toEqual([])
    expect(await problemsOf(document)).toEqual([])
  })
  await fc.assert(property, { numRuns })
})

function read(source: object | boolean): Schema {
  const { schema, findings } = readSchema(source)
  if (findings) throw new Error(JSON.stringify(findings))
  return schema
}

function inDocument(schema: JsonSchema): JsonSchema {
  return schemaAt(openapi({ title: 'echo', version: '1', serves: [echoing(schema)] }), ECHOED)
}

function messagesFor(schema: JsonSchema, seed: number): Json[] {
  const { valid, violating } = sample(schema, { budget: 20_000 })
  return [...[...valid, ...violating].map(({ message }) => message), ...messagesNear(schema, schema, seed, 20)]
}

function isPlainObject(schema: Json): boolean {
  return isObject(schema) && schema.type === 'object'
}

function objectOf(fields: readonly GeneratedField[]): object {
  return {
    type: 'object',
    properties: Object.fromEntries(fields.map(({ name, schema }) => [name, schema])),
    required: fields.filter(({ required }) => required).map(({ name }) => name),
  }
}
