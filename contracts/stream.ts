import type { Static, TProperties, TSchema } from '@sinclair/typebox'
import {
  type ChannelFacts,
  type Encoding,
  type Fields,
  factsOf,
  type Headers,
  type SchemaOfFields,
  schemaOf,
  schemaOfFields,
} from './contract.ts'
import type { Message } from './message.ts'
import type { Schema } from './schema/read.ts'
import { layoutOf, type Shapes } from './wire/layout.ts'

/** What is said of a Redis stream: the same value serves a writer's `writes` and a reader's `reads`. */
export type StreamContract<S extends TSchema = TSchema> = {
  readonly kind: 'stream'
  readonly channel: string
  readonly bus: string
  readonly stream: string
  readonly type: S
  readonly schema: Schema
  readonly encoding: Encoding
  /** The entry's field that holds the whole message; only the encoding `json` uses it. */
  readonly field: string
  readonly headers: Headers
  readonly guarded: boolean
  /** The shapes that a reader accepts, as `accepts` declares them; `type` is the current one's, `schema` their union. */
  readonly shapes?: Shapes
} & ChannelFacts

export type StreamOptions = {
  readonly bus?: string
  readonly encoding?: Encoding
  readonly field?: string
  readonly headers?: Headers
  readonly guarded?: boolean
} & ChannelFacts

/** Declares what crosses a Redis stream. Throws `ContractRefused` for what its encoding cannot carry. */
export function stream<F extends Fields>(
  name: string,
  fields: F,
  options: StreamOptions = {},
): StreamContract<SchemaOfFields<F>> {
  const { bus = 'default', encoding = 'fields', field = 'data', headers = 'off', guarded = true } = options
  for (const part of [name, bus]) checkName(part)
  checkFacts(name, options)
  const channel = bus === 'default' ? `stream:${name}` : `stream:${bus}/${name}`
  const type = schemaOfFields(fields)
  const schema = schemaOf(`The contract of ${channel}`, type)
  const contract = {
    kind: 'stream',
    channel,
    bus,
    stream: name,
    type,
    schema,
    encoding,
    field,
    headers,
    guarded,
    ...factsOf(options),
  } as const
  layoutOf(contract, 'reads')
  return contract
}

type Declared<W extends StreamContract, F extends TProperties> = {
  readonly [K in keyof F]: K extends keyof Message<W>
    ? Message<W>[K] extends Static<F[K]>
      ? F[K]
      : Unreadable<K, 'written otherwise'>
    : Unreadable<K, 'never written'>
}
/** The type error that names a field which no writer writes, or writes otherwise. */
type Unreadable<K, Why extends string> = { readonly [why in `${K & string} is ${Why}`]: never }

/** Declares what a reader reads of what is written: a field that no writer writes, or writes otherwise, does not compile. */
export function reads<W extends StreamContract, F extends TProperties>(
  written: W,
  fields: F & Declared<W, F>,
  facts: ChannelFacts = {},
): StreamContract<SchemaOfFields<F>> {
  const { bus, encoding, field, headers } = written
  return stream<F>(written.stream, fields, { ...facts, bus, encoding, field, headers })
}

function checkFacts(name: string, { keepsMs }: ChannelFacts): void {
  if (keepsMs !== undefined && (!Number.isSafeInteger(keepsMs) || keepsMs < 1))
    throw new TypeError(`keepsMs of ${name} is ${keepsMs}; give it a whole number of milliseconds from 1 on.`)
}

function checkName(name: string): void {
  if (!/^[^\s/#\p{Cc}]+$/u.test(name))
    throw new TypeError(
      `"${name}" cannot name a stream or bus: use one or more characters other than white space, "/" and "#".`,
    )
}
