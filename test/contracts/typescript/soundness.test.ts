import { expect, test } from 'vitest'
import { compileCheck, type Json, readSchema, sample, typescriptOf } from '../../../contracts/index.ts'
import type { JsonSchema } from '../../../contracts/schema/keywords.ts'
import { schemas } from '../../support/generated-schemas.ts'
import { messagesNear } from '../../support/messages-near.ts'
import { fc } from '../../support/property.ts'
import { type Claim, complaintsOf } from './compiler.ts'

/** The suite's share of schemas; TYPES_RUNS=2000 asks for the long form. The compiler is asked once for all of them. */
const numRuns = Number(process.env.TYPES_RUNS ?? 150)

test('every valid message has the type', { timeout: 30_000 + numRuns * 100 }, async () => {
  const seed = Math.trunc(Math.random() * 2 ** 31)
  const list = fc.sample(schemas, { seed, numRuns })
  const claims = list.map((schema) => claim(schema, validNear(schema, seed)))

  const complaints = await complaintsOf(claims)

  const schemasOf = complaints.map((line) => JSON.stringify(list[Number(/claim-(\d+)/.exec(line)?.[1])]))
  expect({ complaints, schemas: schemasOf }, `with the seed ${seed}`).toEqual({ complaints: [], schemas: [] })
  expect(claims.flatMap(({ messages }) => messages).length).toBeGreaterThan(numRuns)
})

test('messages that break what a type can say do not have it', async () => {
  const schema: JsonSchema = {
    type: 'object',
    properties: { option: { enum: ['cats', 'dogs'] }, weight: { type: 'integer' }, pair: { items: [{ const: 1 }] } },
    required: ['option'],
  }
  const wrong: Json[] = [
    {},
    { option: 'birds' },
    { option: 'cats', weight: '1' },
    { option: 'cats', pair: [2] },
    'cats',
  ]

  const complaints = await complaintsOf(wrong.map((message) => claim(schema, [message])))

  expect(wrong.map((_, i) => complaints.some((line) => line.startsWith(`claim-${i}.ts`)))).toEqual(
    wrong.map(() => true),
  )
})

const ESCAPES = [
  '*/ export const evil = 1 /*',
  "'; export const evil = 1; '",
  '`${evil}`',
  '\\',
  '\\u0027',
  '"',
  'line\nexport const evil = 1',
  'line\u2028export const evil = 1',
  '\u202Eevil\u2066',
  '\uD800',
  '@ts-expect-error',
  ' * @ts-ignore',
  '// @ts-nocheck',
  '__proto__',
  'constructor',
  'readonly',
  'get',
  'new',
  '[name: string]',
  'a?',
  'Array',
  'Object',
  'string',
  '',
  '}',
  '{@link javascript:alert(1)}',
]

/** As text everywhere where a schema has some; as a name, too, but for the one that no schema may carry. */
function schemaOf(text: string): JsonSchema {
  const name = text === '__proto__' ? 'proto' : text
  const words = { title: text, description: text, default: text, $comment: text, examples: [text] }
  return {
    ...words,
    type: 'object',
    properties: {
      [name]: { ...words, enum: [text, { [name]: text }] },
      tsType: { tsType: 'evil', type: 'string', format: text },
      inner: { $ref: `#/$defs/${encodeURIComponent(name.toWellFormed().replaceAll('~', '~0').replaceAll('/', '~1'))}` },
    },
    required: [text],
    $defs: { [name.toWellFormed()]: { ...words, const: text } },
  }
}

test('nothing in a schema becomes code', async () => {
  const claims = ESCAPES.map((text) => claim(schemaOf(text), []))
  const guards = claims.map((one) => ({ ...one, text: `${one.text}\n// @ts-expect-error nothing is called so\nevil` }))

  expect(await complaintsOf(guards)).toEqual([])

  const code = claims.map(({ text }) => text.replaceAll(/\/\*\*[^]*?\*\/|'[^'\n]*'|"(?:[^"\\\n]|\\.)*"/g, ''))
  expect(code.filter((text) => /evil|`|@|\u2028|[^\x20-\x7E\n]/.test(text))).toEqual([])
  expect(
    code
      .map((text) => text.match(/^\S+ \S+/gm) ?? [])
      .flat()
      .filter((start) => start !== 'export type'),
  ).toEqual([])
})

function claim(schema: JsonSchema, messages: readonly Json[]): Claim {
  const { text, findings } = typescriptOf(schema, { name: 'Message' })
  if (findings) throw new Error(`${JSON.stringify(schema)}: ${JSON.stringify(findings)}`)
  return { text, name: 'Message', messages }
}

function validNear(schema: JsonSchema, seed: number): Json[] {
  const { schema: read } = readSchema(schema)
  if (read === undefined) return []
  const near = messagesNear(schema, schema, seed, 20).filter(compileCheck(read).accepts)
  return [...sample(schema, { budget: 3_000 }).valid.map(({ message }) => message), ...near.slice(0, 5)]
}
