import { fc } from '../../support/property.ts'
import { follow, type Schema } from './described.ts'
import type { Known } from './known.ts'

/** Where lists go on, for lists that never told so. */
const cursors = [
  '\u0000',
  '\ud800',
  -1,
  2 ** 31,
  0.5,
  null,
  [],
  { service: '\u0000', version: '\ud800' },
  { service: '', version: '', place: '\u0000', verb: 'x', part: '', at: '\ud800' },
].map((key) => Buffer.from(JSON.stringify(key)).toString('base64url'))

/** Texts that have no business where they stand. */
export const strangeText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(...cursors),
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    'a\u0000b',
    '\ud800',
    '\u202e',
    '__proto__',
    'constructor',
    '../..',
    '..%2f..',
    '%',
    '%00',
    "' OR 1=1 --",
    '<script>alert(1)</script>',
    '-1',
    '0',
    '9'.repeat(30),
    '1e400',
    '2147483648',
    'latest',
    'LATEST',
    'branch:main',
    'branch:',
    ':.context:name',
    ':*:',
    '__GLOBAL',
    'http://169.254.169.254/',
    'x'.repeat(300),
    'x'.repeat(2100),
    'true',
    'null',
    '[object Object]',
  ),
)

/** Values that have no business where they stand. */
export const strangeValue: fc.Arbitrary<unknown> = fc.oneof(
  strangeText,
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0.5,
    2 ** 31,
    2 ** 53,
    1e300,
    [],
    {},
    [[[]]],
    { $ref: '#' },
    { $ref: 'http://169.254.169.254/latest' },
    { $ref: 'file:///etc/passwd' },
    { pattern: '^(a+)+$' },
    { pattern: '(' },
    { anyOf: [] },
    { enum: [] },
    { type: 'object', properties: { _sid: {} }, required: ['toString'] },
    '{"$ref":"#"}',
    '{"a":1,"a":2}',
    'x'.repeat(100_000),
    Array.from({ length: 500 }, (_, i) => i),
  ),
)

export type Values = {
  /** Mostly what is known under a name, which is there or nearly so. */
  readonly named: (name: string, otherwise: fc.Arbitrary<unknown>, of?: string) => fc.Arbitrary<unknown>
  /** Values of a schema of the document, as far as its requests use keywords. */
  readonly of: (schema: Schema) => fc.Arbitrary<unknown>
}

/** Values for requests to a server of whose state something is known. */
export function createValues(known: Known): Values {
  const named: Values['named'] = (name, otherwise, of = '') => {
    const some = known.get(`${of}/${name}`) ?? known.get(name) ?? []
    if (some.length === 0) return otherwise
    return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...some) }, { weight: 1, arbitrary: otherwise })
  }
  const of = (schema: Schema, depth = 0): fc.Arbitrary<unknown> => {
    const { $ref, anyOf, const: only, enum: values } = schema
    if ($ref !== undefined) return of(follow(schema), depth)
    if (Array.isArray(anyOf)) return fc.oneof(...anyOf.map((one: Schema) => of(one, depth)))
    if (only !== undefined) return fc.constant(only)
    if (Array.isArray(values)) return fc.constantFrom(...(values as unknown[]))
    const types = [schema.type ?? 'object'].flat() as string[]
    return fc.oneof(...types.map((type) => ofType(type, schema, depth)))
  }
  const ofType = (type: string, schema: Schema, depth: number): fc.Arbitrary<unknown> => {
    const { minimum = 0, maximum = 100_000, minLength = 0, maxLength = 20, minItems = 0, items = {} } = schema
    switch (type) {
      case 'string':
        return fc.string({ minLength: Number(minLength), maxLength: Math.min(20, Number(maxLength)) })
      case 'integer':
        return fc.integer({ min: Number(minimum), max: Number(maximum) })
      case 'boolean':
        return fc.boolean()
      case 'null':
        return fc.constant(null)
      case 'array':
        return fc.array(of(items as Schema, depth + 1), { minLength: Number(minItems), maxLength: depth > 3 ? 0 : 2 })
      default:
        return objectOf(schema, depth)
    }
  }
  const objectOf = ({ properties = {}, patternProperties = {}, required = [] }: Schema, depth: number) => {
    const members = Object.entries(properties as { [name: string]: Schema })
    const [free] = Object.values(patternProperties as { [pattern: string]: Schema })
    const names = fc.constantFrom('200', '4XX', 'default', 'a')
    if (members.length === 0) return fc.dictionary(names, free ? of(free, depth + 1) : fc.string(), { maxKeys: 2 })
    const arbitraries = members.map(([name, member]) => [name, named(name, of(member, depth + 1))] as const)
    return fc.record(Object.fromEntries(arbitraries), { requiredKeys: required as string[] })
  }
  return { named, of }
}
