import { Type } from '@sinclair/typebox'
import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  accepts,
  ContractRefused,
  compileDecode,
  compileEncode,
  decide,
  type JsonSchema,
  type Message,
  reads,
  type StreamContract,
  service,
  stream,
} from '../../contracts/index.ts'
import { contracts, type GeneratedContract, messagesFor } from '../support/generated-contracts.ts'
import { fc } from '../support/property.ts'

const VotesV1 = stream('votes', { vote: Type.String() })

const VotesV2 = stream('votes', { option: Type.String(), at: Type.String({ format: 'date-time' }) })

const Votes = stream('votes', { option: Type.String(), timestamp: Type.Integer() })

const VotesRead = accepts(Votes, [
  [VotesV2, ({ option, at }) => ({ option, timestamp: Date.parse(at) })],
  [VotesV1, ({ vote }) => ({ option: vote, timestamp: 0 })],
])

const decode = compileDecode(VotesRead)

describe('a reader of several shapes', () => {
  test('has the current message as its own', () => {
    expectTypeOf<Message<typeof VotesRead>>().toEqualTypeOf<{ option: string; timestamp: number }>()
    expect(VotesRead).toMatchObject({ channel: 'stream:votes', stream: 'votes', encoding: 'fields' })
  })

  test.each([
    ['the current shape', ['option', 'dogs', 'timestamp', '7'], { option: 'dogs', timestamp: 7 }],
    ['the one before', ['option', 'dogs', 'at', '1970-01-01T00:00:01Z'], { option: 'dogs', timestamp: 1000 }],
    ['the oldest', ['vote', 'dogs'], { option: 'dogs', timestamp: 0 }],
    [
      'all shapes, of which the first counts',
      ['vote', 'cats', 'option', 'dogs', 'timestamp', '7'],
      { option: 'dogs', timestamp: 7 },
    ],
    [
      'two older shapes, of which the first counts',
      ['vote', 'cats', 'option', 'dogs', 'at', '1970-01-01T00:00:01Z'],
      { option: 'dogs', timestamp: 1000 },
    ],
  ])('makes the current message of %s', (_, entry, message) => {
    expect(decode(entry)).toEqual({ message })
  })

  test('tells what the current shape misses, where no shape fits', () => {
    expect(decode(['option', 'dogs']).findings).toEqual([
      expect.objectContaining({ code: 'field.missing', at: '/timestamp' }),
      { code: 'upcast.no-shape', at: '', reader: { pointer: '', value: 2 } },
    ])
  })

  test('reads their union: every writer of one of them is compatible, and no other', () => {
    const answer = (writer: StreamContract) =>
      decide(writer.schema.root, VotesRead.schema.root, { encoding: 'fields' }).answer
    expect([Votes, VotesV2, VotesV1].map(answer)).toEqual(['compatible', 'compatible', 'compatible'])
    expect(answer(stream('votes', { choice: Type.String() }))).toBe('incompatible')
    expect(service('tally', { reads: [VotesRead] }).contracts[0]?.schema).toEqual(VotesRead.schema.root)
  })

  test('may be what reads() makes', () => {
    const Read = accepts(reads(Votes, { option: Type.String() }), [[VotesV1, ({ vote }) => ({ option: vote })]])
    expectTypeOf<Message<typeof Read>>().toEqualTypeOf<{ option: string }>()
    expect(compileDecode(Read)(['vote', 'dogs'])).toEqual({ message: { option: 'dogs' } })
  })

  test('does not compile with an upcaster of other messages', () => {
    // @ts-expect-error -- timestamp is a number
    accepts(Votes, [[VotesV1, ({ vote }) => ({ option: vote, timestamp: 'never' })]])
    // @ts-expect-error -- V1 has no option
    accepts(Votes, [[VotesV1, ({ option }) => ({ option, timestamp: 0 })]])
    // @ts-expect-error -- nothing is made of it
    expect(accepts(Votes, [[VotesV1, () => undefined]]).shapes?.older).toHaveLength(1)
  })
})

/** Reads votes with an upcaster that need not keep to its type. */
function decodeWith(upcast: () => unknown) {
  return compileDecode(accepts(Votes, [[VotesV1, upcast as () => never]]))
}

describe('an upcaster', () => {
  test('that throws is a finding, without the values that its error may carry', () => {
    const decoded = decodeWith(() => {
      throw new RangeError('secret')
    })(['vote', 'dogs'])
    expect(decoded).toEqual({
      findings: [
        {
          code: 'upcast.failed',
          at: '',
          writer: { pointer: '', value: 'RangeError' },
          reader: { pointer: '', value: 1 },
        },
      ],
    })
  })

  test.each<[string, unknown, string[]]>([
    ['misses a field', { option: 'dogs' }, ['upcast.wrong-result', 'field.missing']],
    ['has a wrong type', { option: 'dogs', timestamp: 0.5 }, ['upcast.wrong-result', 'value.wrong-type']],
    ['is nothing', undefined, ['upcast.wrong-result', 'value.wrong-type']],
    ['is a promise', Promise.resolve(), ['upcast.wrong-result', 'field.missing', 'field.missing']],
  ])('whose result %s is a finding, and what is wrong with it', (_, result, codes) => {
    const { findings = [] } = decodeWith(() => result)(['vote', 'dogs'])
    expect(findings.map(({ code }) => code)).toEqual(codes)
  })
})

describe('shapes are refused', () => {
  test.each<[string, () => unknown, string]>([
    ['of two channels', () => accepts(Votes, [[stream('other', { a: Type.String() }), never]]), 'has the channel'],
    [
      'of two encodings',
      () => accepts(Votes, [[stream('votes', { a: Type.String() }, { encoding: 'json' }), never]]),
      'has the encoding "json", and the current one "fields"',
    ],
    [
      'of two dialects',
      () => accepts(Votes, [[stream('votes', Type.Object({}, { $schema: DRAFT_07 })), never]]),
      'is written in draft-07',
    ],
    ['that have older shapes themselves', () => accepts(Votes, [[VotesRead, never]]), 'list them all in one place'],
    ['on top of older shapes', () => accepts(VotesRead, [[VotesV1, never]]), 'list them all in one place'],
  ])('%s', (_, define, words) => {
    expect(define).toThrow(TypeError)
    expect(define).toThrow(words)
  })

  test('whose kinds of one field do not agree', () => {
    const old = stream('votes', { option: Type.String(), timestamp: Type.String() })
    const define = () => accepts(Votes, [[old, never]])
    expect(define).toThrow(ContractRefused)
    expect(define).toThrow('/timestamp may be ["integer","string"], and a field has one kind on the wire')
  })

  test('for a writer, who writes one', () => {
    const words = 'a writer writes one; write the current contract'
    expect(() => compileEncode(VotesRead)).toThrow(words)
    expect(() => service('api', { writes: [VotesRead] })).toThrow(words)
  })
})

const DRAFT_07 = 'http://json-schema.org/draft-07/schema#'

function never(): never {
  throw new Error('nothing is decoded here')
}

/** A schema that refers to its own parts, and has the name of all others of its sort. */
function named(field: string) {
  return Type.Unsafe<{ [name: string]: unknown }>({
    $id: 'Vote',
    type: 'object',
    properties: { [field]: { $ref: '#/$defs/value' } },
    required: [field],
    $defs: { value: { enum: [field] } },
  })
}

describe('references in shapes', () => {
  test('still lead to their own parts', () => {
    const tree = Type.Recursive((Tree) => Type.Object({ under: Type.Array(Tree) }))
    const Read = accepts(stream('s', { tree }), [
      [stream('s', named('a')), () => ({ tree: { under: [] } })],
      [stream('s', named('b')), () => ({ tree: { under: [{ under: [] }] } })],
    ])
    const read = compileDecode(Read)
    expect(read(['tree', '{"under":[{"under":[]}]}']).message).toEqual({ tree: { under: [{ under: [] }] } })
    expect(read(['a', 'a']).message).toEqual({ tree: { under: [] } })
    expect(read(['b', 'b']).message).toEqual({ tree: { under: [{ under: [] }] } })
    expect(read(['b', 'a']).findings).toBeDefined()
    expect(decide(named('b') as unknown as JsonSchema, Read.schema.root).answer).toBe('compatible')
  })
})

describe('what an older writer encodes', () => {
  // the absence of a field that only one shape has cannot mean null in that one
  const withoutNulls = contracts.filter(({ fields }) => !fields.some(({ nullable }) => nullable))

  test.each([
    ['fields', withoutNulls],
    ['json', contracts],
  ] as const)('on %s, is decoded to what the first fitting upcaster makes of it', (encoding, generated) => {
    const withMessages = generated.chain((contract) =>
      fc.tuple(fc.constant(contract), fc.array(messagesFor(contract), { minLength: 6, maxLength: 6 })),
    )
    const property = fc.property(withMessages, withMessages, ([first, firstMessages], [second, secondMessages]) => {
      const older = [contractOf(first, encoding), contractOf(second, encoding)] as const
      const read = tryToAccept(stream('s', Current, { encoding }), older)
      fc.pre(read !== undefined)
      const [encoders, decoders] = [older.map((one) => compileEncode(one)), older.map((one) => compileDecode(one))]
      for (const message of [...firstMessages, ...secondMessages])
        for (const encode of encoders) {
          const entry = encode(message).entry ?? []
          const made = decoders.map((decodeOne) => decodeOne(entry).message)
          const by = made.findIndex((one) => one !== undefined)
          expect(read?.(entry).message).toEqual(by < 0 ? undefined : { 'made of': made[by], by: String(by) })
        }
    })
    fc.assert(property, { numRuns: 100 })
  })
})

const Current = Type.Object({ 'made of': Type.Object({}), by: Type.String() })

function contractOf({ schema }: GeneratedContract, encoding: 'fields' | 'json') {
  return stream('s', Type.Unsafe<{ [name: string]: unknown }>(schema), { encoding })
}

/** Nothing where the two clash on the kind of a field, which is refused. */
function tryToAccept<S extends StreamContract>(current: StreamContract<typeof Current>, [a, b]: readonly [S, S]) {
  try {
    const shapes = [[a, madeBy('0')] as const, [b, madeBy('1')] as const] as const
    return compileDecode(accepts(current, shapes))
  } catch (error) {
    if (error instanceof ContractRefused) return undefined
    throw error
  }
}

function madeBy(by: string) {
  return (message: unknown) => ({ 'made of': message as object, by })
}
