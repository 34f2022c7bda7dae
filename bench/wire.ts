import type { Static, TObject } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { FormatRegistry } from '@sinclair/typebox/type'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { fullFormats } from 'ajv-formats/dist/formats.js'
import { compileDecode, compileEncode, type StreamContract, stream } from '../contracts/index.ts'
import { type Case, nanoseconds } from './harness.ts'
import { Order, orders, Vote, votes } from './messages.ts'

export const cases: readonly Case[] = [
  ...casesFor('vote', stream('votes', Vote), votes, { ajv: 2 }),
  ...casesFor('order', stream('orders', Order), orders, { ajv: 0.5 }),
]

/** Ours decodes (or encodes) and checks; the peers only check the typed object, which is all that they can do. */
function casesFor<T extends TObject>(
  name: string,
  contract: StreamContract<T>,
  messages: readonly Static<T>[],
  goal: { readonly ajv: number },
): Case[] {
  const [encode, decode] = [compileEncode(contract), compileDecode(contract)]
  // strings as a connection makes them, not the very constants that the code compares with
  const entries = messages.map((message) => (encode(message).entry ?? []).map((text) => Buffer.from(text).toString()))
  const decoding = () => nanoseconds((i) => decode(at(entries, i)).message)
  const encoding = () => nanoseconds((i) => encode(at(messages, i)).entry)
  const ajv = addFormats.default(new Ajv()).compile(contract.type)
  for (const format of ['uuid', 'date-time', 'email']) FormatRegistry.Set(format, typeBoxFormat(format))
  const typebox = TypeCompiler.Compile(contract.type)
  const byAjv = () => nanoseconds((i) => ajv(at(messages, i)) || undefined)
  const byTypeBox = () => nanoseconds((i) => typebox.Check(at(messages, i)) || undefined)
  const common = { unit: 'ns', better: 'lower' } as const
  return [
    {
      ...common,
      name: `${name}: decode and check`,
      peer: 'ajv, check alone',
      goal: goal.ajv,
      ours: decoding,
      theirs: byAjv,
    },
    { ...common, name: `${name}: decode and check`, peer: 'TypeBox, check alone', ours: decoding, theirs: byTypeBox },
    { ...common, name: `${name}: check and encode`, peer: 'ajv, check alone', ours: encoding, theirs: byAjv },
    { ...common, name: `${name}: check and encode`, peer: 'TypeBox, check alone', ours: encoding, theirs: byTypeBox },
  ]
}

function at<V>(values: readonly V[], i: number): V {
  return values[i % values.length] as V
}

/** TypeBox knows no formats of its own; it gets the very tests that ajv runs. */
function typeBoxFormat(name: string): (text: string) => boolean {
  const known: unknown = fullFormats[name as keyof typeof fullFormats]
  const test: unknown = typeof known === 'object' && known !== null && 'validate' in known ? known.validate : known
  if (test instanceof RegExp) return (text) => test.test(text)
  return test as (text: string) => boolean
}
