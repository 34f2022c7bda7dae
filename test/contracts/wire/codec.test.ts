import { isDeepStrictEqual } from 'node:util'
import { Type } from '@sinclair/typebox'
import { Ajv2019 } from 'ajv/dist/2019.js'
import addFormats from 'ajv-formats'
import { describe, expect, test } from 'vitest'
import { compileDecode, compileEncode, readSchema, stream } from '../../../contracts/index.ts'
import type { Kind } from '../../../contracts/wire/kinds.ts'
import type { Wire } from '../../../contracts/wire/layout.ts'
import { contracts, entriesFor, type GeneratedContract, messagesFor } from '../../support/generated-contracts.ts'
import { fc } from '../../support/property.ts'

/** Contracts for each law, with eight messages each; CODEC_RUNS=42000 asks for the long form, a million pairs in all. */
const numRuns = Number(process.env.CODEC_RUNS ?? 150)
const timeout = 20_000 + numRuns * 40

function wireOf({ schema }: GeneratedContract, encoding: 'fields' | 'json' = 'fields'): Wire {
  const read = readSchema(schema)
  if (read.findings) throw new Error(JSON.stringify(read.findings))
  return { channel: 'stream:generated', schema: read.schema, encoding, field: 'data', headers: 'off' }
}

/** A judge that shares nothing with the code under test but ajv's own rules. */
function judge(schema: object): (message: unknown) => boolean {
  const ajv = addFormats.default(
    new Ajv2019({ strict: false, allErrors: true, ownProperties: true, multipleOfPrecision: 10, logger: false }),
  )
  const validate = ajv.compile(schema)
  return (message) => validate(message)
}

function without(message: { [name: string]: unknown }, absent: unknown): { [name: string]: unknown } {
  return Object.fromEntries(Object.entries(message).filter(([, value]) => value !== absent))
}

/** Whether JSON carries a value so that it comes back the same, in well-formed Unicode. */
function isCarried(value: unknown): boolean {
  const text = JSON.stringify(value) ?? ''
  return !/\\ud[89a-f]/i.test(text) && text !== '' && isDeepStrictEqual(JSON.parse(text), droppingUndefined(value))
}

function droppingUndefined(value: unknown): unknown {
  if (Array.isArray(value) || typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name, droppingUndefined(member)]),
  )
}

function isOnTheWire({ fields }: GeneratedContract, message: { [name: string]: unknown }): boolean {
  const integers = fields
    .filter(({ kind, name }) => kind === 'integer' && typeof message[name] === 'number')
    .map(({ name }) => message[name])
  return isCarried(without(message, undefined)) && integers.every((value) => Number.isSafeInteger(value))
}

describe('writing', () => {
  test.each(['fields', 'json'] as const)(
    'on %s, accepts exactly what ajv accepts as declared and the wire can carry; decoding gives it back',
    { timeout },
    (encoding) => {
      const property = fc.property(
        contracts.chain((contract) =>
          fc.tuple(fc.constant(contract), fc.array(messagesFor(contract), { minLength: 8, maxLength: 8 })),
        ),
        ([contract, messages]) => {
          const wire = wireOf(contract, encoding)
          const [encode, decode] = [compileEncode(wire), compileDecode(wire)]
          const accepts = judge({ ...contract.schema, additionalProperties: false })
          for (const message of messages) {
            const before = structuredClone(message)
            const { entry } = encode(message)
            const isFit =
              encoding === 'fields' ? isOnTheWire(contract, message) : isCarried(without(message, undefined))
            expect(entry !== undefined).toBe(accepts(message) && isFit)
            expect(message).toEqual(before)
            expect(entry === undefined ? undefined : decode(entry).message).toEqual(
              entry === undefined ? undefined : droppingUndefined(message),
            )
          }
        },
      )
      fc.assert(property, { numRuns })
    },
  )
})

const INTEGER = /^-?(0|[1-9][0-9]*)$/
const NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/

/** DESIGN's words on reading, as plainly as they can be written. */
const READ: { readonly [kind in Kind]: (text: string) => unknown } = {
  text: (text) => text,
  integer: (text) => (INTEGER.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) + 0 : undefined),
  number: (text) => (NUMBER.test(text) && Number.isFinite(Number(text)) ? Number(text) + 0 : undefined),
  boolean: (text) =>
    new Map([
      ['true', true],
      ['false', false],
    ]).get(text),
  json: (text) => {
    try {
      return JSON.parse(text) as unknown
    } catch {
      return undefined
    }
  },
}

function readPlainly(
  contract: GeneratedContract,
  entry: readonly string[],
  accepts: (message: unknown) => boolean,
): unknown {
  const pairs = entry.flatMap((name, i): [string, string][] => (i % 2 === 0 ? [[name, entry[i + 1] ?? '']] : []))
  const kinds = new Map(contract.fields.map(({ name, kind }) => [name, kind]))
  const values = pairs.map(([name, text]): [string, unknown] => [name, READ[kinds.get(name) ?? 'text'](text)])
  const nulls = contract.fields.filter(({ nullable, name }) => nullable && !pairs.some(([given]) => given === name))
  const whole = Object.fromEntries([...values, ...nulls.map(({ name }): [string, unknown] => [name, null])])
  const isReadable =
    new Set(pairs.map(([name]) => name)).size === pairs.length && values.every(([, value]) => value !== undefined)
  return isReadable && accepts(whole)
    ? Object.fromEntries(Object.entries(whole).filter(([name]) => kinds.has(name)))
    : undefined
}

describe('reading', () => {
  test('accepts exactly the entries whose texts have the right form and whose message ajv accepts', { timeout }, () => {
    const property = fc.property(
      contracts.chain((contract) =>
        fc.tuple(fc.constant(contract), fc.array(entriesFor(contract), { minLength: 8, maxLength: 8 })),
      ),
      ([contract, entries]) => {
        const decode = compileDecode(wireOf(contract))
        const accepts = judge(contract.schema)
        for (const entry of entries) {
          const { message, findings } = decode(entry)
          expect(message).toEqual(readPlainly(contract, entry, accepts))
          expect(findings !== undefined && findings.length > 0).toBe(message === undefined)
        }
      },
    )
    fc.assert(property, { numRuns })
  })

  test.each([
    ['""', ''],
    ['hexadecimal', '0x10'],
    ['a leading space', ' 1'],
    ['an exponent', '1e3'],
    ['a fraction', '1.0'],
    ['a leading zero', '01'],
    ['a plus', '+1'],
    ['2^53', '9007199254740992'],
  ])('takes %s for no integer', (_, text) => {
    const decode = compileDecode(stream('counts', { count: Type.Integer() }))
    expect(decode(['count', text]).findings).toEqual([{ code: 'field.not-an-integer', at: '/count' }])
  })

  test('reads -0 as 0, for integers and numbers', () => {
    const decode = compileDecode(stream('counts', { count: Type.Integer(), ratio: Type.Number() }))
    expect(decode(['count', '-0', 'ratio', '-0']).message).toEqual({ count: 0, ratio: 0 })
  })

  test('says that a field stands twice, even one that the contract does not declare', () => {
    const decode = compileDecode(stream('votes', { option: Type.String() }))
    expect(decode(['option', 'dogs', 'x', '1', 'x', '2']).findings).toEqual([{ code: 'field.duplicate', at: '/x' }])
  })

  test('takes reserved fields off where headers are on, and keeps them as data where they are off', () => {
    const fields = { option: Type.String() }
    const closed = Type.Object(fields, { additionalProperties: false })
    const entry = ['option', 'dogs', '_sid', '7', '_dead_id', '1-1']
    expect(compileDecode(stream('votes', closed, { headers: 'full' }))(entry).message).toEqual({ option: 'dogs' })
    expect(compileDecode(stream('votes', closed))(entry).findings?.map(({ at }) => at)).toEqual(['/_sid', '/_dead_id'])
  })

  test('finds the message in its own field on json, beside whatever else stands in the entry', () => {
    const decode = compileDecode(stream('votes', Type.Array(Type.Integer()), { encoding: 'json', field: 'payload' }))
    expect(decode(['source', 'x', 'payload', '[1,2]']).message).toEqual([1, 2])
    expect(decode(['source', 'x']).findings).toEqual([{ code: 'field.missing', at: '/payload' }])
    expect(decode(['payload', '[1,']).findings).toEqual([{ code: 'field.not-json', at: '/payload' }])
    expect(decode(['payload', '[1]', 'payload', '[2]']).findings).toEqual([{ code: 'field.duplicate', at: '/payload' }])
  })

  test('survives a message nested deeper than the stack', () => {
    const Tree = Type.Recursive((Self) => Type.Object({ child: Type.Optional(Self) }), { $id: 'Tree' })
    const decode = compileDecode(stream('trees', Tree, { encoding: 'json' }))
    const deep = '{"child":'.repeat(90_000) + '{}' + '}'.repeat(90_000)
    expect(decode(['data', deep]).findings).toEqual([{ code: 'value.too-deep', at: '' }])
  })
})

describe('fields of union messages', () => {
  const Change = Type.Union([
    Type.Object({ kind: Type.Literal('set'), key: Type.String(), value: Type.Integer() }),
    Type.Object({ kind: Type.Literal('delete'), key: Type.String() }),
  ])

  test('are encoded by the kind that they have in every branch', () => {
    const contract = stream('changes', Change)
    const entry = compileEncode(contract)({ kind: 'set', key: 'a', value: 3 }).entry
    expect(entry).toEqual(['kind', 'set', 'key', 'a', 'value', '3'])
    expect(compileDecode(contract)(entry ?? []).message).toEqual({ kind: 'set', key: 'a', value: 3 })
  })

  test('are refused where no branch declares them', () => {
    const refused = compileEncode(stream('changes', Change))({ kind: 'delete', key: 'a', value: 3 } as never)
    expect(refused.findings).toHaveLength(1)
  })
})

test('a map of integers is carried by its pattern, and a writer of one must be able to fill it', () => {
  const Scores = Type.Intersect([
    Type.Object({ game: Type.String() }),
    Type.Record(Type.String({ pattern: '^p_' }), Type.Integer()),
  ])
  const contract = stream('scores', Scores)
  const entry = compileEncode(contract)({ game: 'chess', p_one: 1 } as never).entry
  expect(entry).toEqual(['game', 'chess', 'p_one', '1'])
  expect(compileDecode(contract)(entry ?? []).message).toEqual({ game: 'chess', p_one: 1 })
})
