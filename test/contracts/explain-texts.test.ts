import { describe, expect, test } from 'vitest'
import {
  compileCheck,
  compileDecode,
  type DecideOptions,
  decide,
  explain,
  explainVerdict,
  type Finding,
  type Json,
  readSchema,
} from '../../contracts/index.ts'
import type { JsonSchema } from '../../contracts/schema/keywords.ts'

const text: JsonSchema = { type: 'string' }
const integer: JsonSchema = { type: 'integer' }

function object(properties: { readonly [name: string]: JsonSchema }, more: { readonly [keyword: string]: Json } = {}) {
  return { type: 'object', properties, required: Object.keys(properties), ...more }
}

type Pair = {
  readonly title: string
  readonly writer: JsonSchema
  readonly reader: JsonSchema
  readonly options?: DecideOptions
  readonly texts: readonly string[]
}

const PAIRS: readonly Pair[] = [
  {
    title: 'a rename, where the values give it away',
    writer: object({ option: { enum: ['cats', 'dogs'] }, request_id: text }),
    reader: object({ vote: { enum: ['cats', 'dogs'] } }),
    texts: [
      '/vote is required by the reader and never written. The writer writes `option`, which takes the same values: renamed?',
    ],
  },
  {
    title: 'a rename, where the name and the format do',
    writer: object({ user_id: { type: 'string', format: 'uuid' }, request_id: text }),
    reader: object({ userId: { type: 'string', format: 'uuid' } }),
    texts: [
      '/userId is required by the reader and never written. The writer writes `user_id`, which takes the same values: renamed?',
    ],
  },
  {
    title: 'a rename, where the type does',
    writer: object({ ts: integer, option: text }),
    reader: object({ timestamp: integer }),
    texts: [
      '/timestamp is required by the reader and never written. The writer writes `ts`, which takes the same values: renamed?',
    ],
  },
  {
    title: 'fields that are as likely, of which none is proposed',
    writer: object({ from: text, to: text }),
    reader: object({ vote: text }),
    texts: [
      '/vote is required by the reader and never written. The writer writes `from` and `to`, which take the same values: one of them renamed?',
    ],
  },
  {
    title: 'a field that nobody writes, deep inside',
    writer: object({ user: object({ address: object({ zip: text }) }) }),
    reader: object({ user: object({ address: object({ zip: { type: 'string', minLength: 5 }, city: integer }) }) }),
    texts: [
      '/user/address/city is required by the reader and never written',
      '/user/address/zip may be "" for the writer, and the reader takes only texts of at least 5 characters',
    ],
  },
  {
    title: 'a widened enum',
    writer: object({ option: { enum: ['cats', 'dogs', 'birds'] } }),
    reader: object({ option: { enum: ['cats', 'dogs'] } }),
    texts: ['/option may be "birds" for the writer, and the reader takes only "cats" or "dogs"'],
  },
  {
    title: 'an enum of many values',
    writer: object({ size: integer }),
    reader: object({ size: { enum: Array.from({ length: 40 }, (_, i) => i + 1) } }),
    texts: ['/size may be 0 for the writer, and the reader takes only 1, 2, 3, 4, 5, 6, 7, 8 or 32 others'],
  },
  {
    title: 'another type',
    writer: object({ count: { type: 'number' } }),
    reader: object({ count: integer }),
    texts: ['/count may be 0.5 for the writer, and the reader takes only integers'],
  },
  {
    title: 'null',
    writer: object({ note: { type: ['string', 'null'] } }),
    reader: object({ note: text }),
    texts: ['/note may be null for the writer, and the reader takes only text'],
  },
  {
    title: 'a field that has become required',
    writer: object({ option: text }, { required: [] }),
    reader: object({ option: text }),
    texts: ['/option is required by the reader and optional for the writer'],
  },
  {
    title: 'a field that is required beside another one',
    writer: object({ street: text, city: text }, { required: [] }),
    reader: { type: 'object', dependentRequired: { street: ['city'] } },
    texts: ['/city is required by the reader beside `street` and optional for the writer'],
  },
  {
    title: 'bounds',
    writer: object({ weight: { type: 'integer', minimum: 1, maximum: 9 }, name: text }),
    reader: object({ weight: { type: 'integer', minimum: 1, maximum: 5 }, name: { type: 'string', maxLength: 3 } }),
    texts: [
      '/weight may be 9 for the writer, and the reader takes only numbers up to 5',
      '/name may be "aaaa" for the writer, and the reader takes only texts of at most 3 characters',
    ],
  },
  {
    title: 'lists',
    writer: object({ tags: { type: 'array', items: text } }),
    reader: object({ tags: { type: 'array', items: text, minItems: 1 } }),
    texts: ['/tags may be [] for the writer, and the reader takes only lists of at least 1 item'],
  },
  {
    title: 'a pattern and a format',
    writer: object({ slug: text, at: text }),
    reader: object({ slug: { type: 'string', pattern: '^[a-z-]+$' }, at: { type: 'string', format: 'date-time' } }),
    texts: [
      '/slug may be "" for the writer, and the reader takes only texts that match "^[a-z-]+$"',
      '/at may be "" for the writer, and the reader takes only texts in the format "date-time"',
    ],
  },
  {
    title: 'a closed reader',
    writer: object({ option: text, note: text }),
    reader: object({ option: text }, { additionalProperties: false }),
    texts: ['/note is written and refused by the reader, which allows no undeclared fields'],
  },
  {
    title: 'an open writer that nobody guards',
    writer: object({ option: text }),
    reader: object({ option: text, comment: text }, { required: ['option'] }),
    options: { policy: 'strict' },
    texts: ['/comment is undeclared for the writer, who may send anything under this name'],
  },
  {
    title: 'text on a stream where the reader wants an integer',
    writer: object({ weight: text }),
    reader: object({ weight: integer }),
    options: { encoding: 'fields' },
    texts: ['/weight may be "" for the writer, and the reader takes only integers, written in plain digits'],
  },
  {
    title: 'another kind of event',
    writer: { oneOf: ['placed', 'paid', 'sent'].map((kind) => object({ kind: { const: kind } })) },
    reader: object({ kind: { enum: ['placed', 'paid'] } }),
    texts: ['/kind may be "sent" for the writer, and the reader takes only "placed" or "paid"'],
  },
  {
    title: 'a message that is something else',
    writer: { type: ['object', 'null'] },
    reader: { type: 'object' },
    texts: ['The message may be null for the writer, and the reader takes only objects'],
  },
  {
    title: 'a writer that can write nothing',
    writer: object({ option: text }, { required: ['option', 'vote'], additionalProperties: false }),
    reader: object({ option: text }),
    texts: ['The schema accepts no message at all, so that nothing can ever be written'],
  },
  {
    title: 'a value that is ruled out',
    writer: object({ option: text }),
    reader: object({ option: { type: 'string', not: { const: 'none' } } }),
    texts: ['/option may be "none" for the writer, and the reader takes nothing that fits {"const":"none"}'],
  },
]

describe('what a writer and a reader disagree about', () => {
  test.each(PAIRS)('$title', ({ writer, reader, options, texts }) => {
    expect(decide(writer, reader, options).findings.map(explain)).toEqual(texts)
  })
})

describe('what is wrong with a message', () => {
  const schema = object(
    {
      option: { enum: ['cats', 'dogs'] },
      weight: { type: 'integer', maximum: 5 },
      name: { type: 'string', minLength: 2 },
      tags: { type: 'array', maxItems: 1 },
      price: { type: 'number', multipleOf: 0.5 },
    },
    { additionalProperties: false },
  )

  test('value by value', () => {
    const message = { option: 'birds', weight: 9, name: 'x', tags: [1, 2], price: 0.3, extra: true }
    expect(checked(schema, message).map(explain)).toEqual([
      '/extra is not declared by the contract',
      '/option is none of the allowed values ["cats","dogs"]',
      '/weight is more than the maximum 5',
      '/name has fewer than the 2 characters that it needs',
      '/tags has more than the 1 item that it may have',
      '/price is no multiple of 0.5',
    ])
  })

  test('field by field of an entry', () => {
    const { schema: read } = readSchema(object({ weight: integer, open: { type: 'boolean' }, note: text }))
    const decode =
      read &&
      compileDecode({ channel: 'stream:votes', schema: read, encoding: 'fields', field: 'data', headers: 'off' })
    const entry = ['weight', '007', 'open', 'yes', 'open', 'no']
    expect(decode?.(entry).findings?.map(explain)).toEqual([
      '/weight is no integer: wanted digits without a leading zero, within ±(2^53-1)',
      '/open is neither "true" nor "false"',
      '/open stands twice, and has one value',
      '/open is neither "true" nor "false"',
    ])
  })
})

test('encodings and statuses', () => {
  const findings: Finding[] = [
    {
      code: 'status.undeclared',
      at: '/status',
      writer: { pointer: '/status', value: 418 },
      reader: { pointer: '/responses', value: [200, 404] },
    },
    { code: 'status.not-read', at: '', writer: { pointer: '', value: '409' }, reader: { pointer: '', value: ['201'] } },
    {
      code: 'encoding.differs',
      at: '',
      writer: { pointer: '', value: 'fields' },
      reader: { pointer: '', value: 'JSON in the field "data"' },
    },
    { code: 'contract.mixed-kinds', at: '/size', reader: { pointer: '/size', value: ['string', 'integer'] } },
    { code: 'contract.optional-and-nullable', at: '/note' },
  ]
  expect(findings.map(explain)).toEqual([
    '/status is 418, which the contract does not declare; it declares 200 and 404',
    'The request may be answered with "409", and the client reads only 201',
    'The message is written as fields and read as JSON in the field "data"; agree on one',
    `/size may be ["string","integer"], and a field has one kind on the wire; use encoding: 'json', or the body of a request`,
    `/note may be absent and may be null, which look the same on the wire; make it one of the two, or use encoding: 'json', or the body of a request`,
  ])
})

describe('a whole verdict', () => {
  const sides = { writer: 'vote-api', reader: 'tally' }

  test('of a rename', () => {
    const verdict = decide(object({ option: { enum: ['cats', 'dogs'] } }), object({ vote: { enum: ['cats', 'dogs'] } }))
    expect(explainVerdict(verdict, sides)).toEqual([
      'No: tally refuses some of what vote-api may write, for one reason:',
      '- /vote is required by the reader and never written. The writer writes `option`, which takes the same values: renamed?',
      'For example {"option":"cats"}: vote-api may write it, and tally refuses it. ajv, an engine that is not ours, says the same of both.',
      'If both run, every message of this kind stops at tally. Behind a guard it becomes a dead letter: kept whole, and done nothing with until somebody sends it again. Without a guard, what happens is up to tally.',
      'The likely cause: `option` and `vote` are one field under two names. Its values fit, and under the other name the whole message would pass; but it is a guess.',
      'To mend it: let tally read `option`, or let vote-api write `vote` beside it until all readers have moved.',
    ])
  })

  test('of fields that are as likely', () => {
    const verdict = decide(object({ from: text, to: text }), object({ vote: text }))
    expect(explainVerdict(verdict, sides).slice(-2)).toEqual([
      'The likely cause: `vote` was renamed. `from` and `to` would fit equally well, so none is proposed.',
      'To mend it: let vote-api write `vote`, or let tally do without it.',
    ])
  })

  test('of several reasons on a stream', () => {
    const writer = object({ weight: { type: 'integer', maximum: 9 }, note: text }, { required: ['weight'] })
    const reader = object({ weight: { type: 'integer', maximum: 5 }, note: text })
    expect(explainVerdict(decide(writer, reader, { encoding: 'fields' }), sides)).toEqual([
      'No: tally refuses some of what vote-api may write, for 2 reasons:',
      '- /note is required by the reader and optional for the writer.',
      '- /weight may be 9 for the writer, and the reader takes only numbers up to 5.',
      expect.stringMatching(/^For example \{"weight":\d\}: /),
      expect.stringMatching(/^On the stream it would lie as: weight "\d"$/),
      expect.stringMatching(/^If both run, /),
      'To mend it: require `note` of vote-api, or make it optional for tally.',
      'To mend it: let tally take more at /weight, or let vote-api write less there.',
    ])
  })

  test('that holds only as declared, and its other side', () => {
    const [writer, reader] = [object({ option: text }), object({ option: text }, { additionalProperties: false })]
    expect(explainVerdict(decide(writer, reader), sides)).toEqual([
      'Yes: tally reads all that vote-api may write. That is proved for every message, not only for examples.',
      "It holds as long as vote-api sends only what it declares. Our producer's guard enforces that; a writer without one may also send undeclared fields, and then the answer is no.",
    ])
    expect(explainVerdict(decide(writer, reader, { policy: 'strict' }), sides).slice(-2)).toEqual([
      'To mend it: close the schema of vote-api, or ask as declared where its producer has a guard.',
      'Asked under strict, where vote-api may send whatever its open schema allows. If it sends only what it declares, the answer is yes.',
    ])
  })

  test('that nobody knows', () => {
    expect(
      explainVerdict(decide({ type: 'string', pattern: '(a)\\1' }, { type: 'string', pattern: '^b' }), sides),
    ).toEqual([
      'Unknown: it is not proved that tally reads all that vote-api may write, and no message was found that shows the contrary.',
      'The answer hangs on a pattern that is no plain regular language, or too large as one. A simpler pattern would be decided.',
    ])
  })
})

function checked(schema: JsonSchema, message: Json): Finding[] {
  const { schema: read } = readSchema(schema)
  return read ? compileCheck(read).findings(message) : []
}
