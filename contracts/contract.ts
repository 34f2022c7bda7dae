import { type TObject, type TProperties, type TSchema, Type } from '@sinclair/typebox'
import { explain } from './explain.ts'
import type { Finding } from './finding.ts'
import type { JsonSchema } from './schema/keywords.ts'
import { readSchema, type Schema } from './schema/read.ts'

export type Encoding = 'fields' | 'json'
/** Which reserved fields an entry carries beside the message: none, the schema's id, or all that is known. */
export type Headers = 'off' | 'id' | 'full'
export type Direction = 'writes' | 'reads'

/** What one service says of one channel: it writes or reads it, with this schema and this encoding. */
export type Contract = {
  readonly channel: string
  readonly direction: Direction
  readonly schema: JsonSchema
  readonly encoding: Encoding
  readonly headers: Headers
  /** False for a writer that runs without our guards, so that nobody enforces what it declares. */
  readonly guarded: boolean
  /** The entry's field that holds the whole message, where the encoding is `json`. */
  readonly field?: string
} & ChannelFacts

/** What a service knows of a channel beside its own contract. */
export type ChannelFacts = {
  /** Somebody is on the other side whom the registry does not know. */
  readonly external?: boolean
  /** For how long the stream keeps a message, in milliseconds: so long its retired writers count. */
  readonly keepsMs?: number
  /** The subject whose next version the schema becomes when the contract is published. */
  readonly subject?: string
}

/** These facts alone, as far as they are known. */
export function factsOf({ external, keepsMs, subject }: ChannelFacts): ChannelFacts {
  return {
    ...(external !== undefined && { external }),
    ...(keepsMs !== undefined && { keepsMs }),
    ...(subject !== undefined && { subject }),
  }
}

/** A contract that cannot be: its schema cannot be read, or its encoding cannot carry it. */
export class ContractRefused extends Error {
  override readonly name = 'ContractRefused'
  readonly code = 'contract.refused'
  readonly findings: readonly Finding[]

  constructor(what: string, findings: readonly Finding[]) {
    super(`${what} is refused:\n${findings.map((finding) => `  ${explain(finding)}`).join('\n')}`)
    this.findings = findings
  }
}

/** Reads a schema for a contract, or refuses the contract. */
export function schemaOf(what: string, source: TSchema | JsonSchema): Schema {
  const { schema, findings } = readSchema(source)
  if (findings) throw new ContractRefused(what, findings)
  return schema
}

/** Fields as `stream` and `endpoint` take them: the properties of one object, or a whole TypeBox schema. */
export type Fields = TProperties | TSchema
export type SchemaOfFields<F extends Fields> = F extends TSchema ? F : F extends TProperties ? TObject<F> : never

export function schemaOfFields<F extends Fields>(fields: F): SchemaOfFields<F> {
  return (isSchema(fields) ? fields : Type.Object(fields)) as SchemaOfFields<F>
}

function isSchema(fields: Fields): fields is TSchema {
  return Object.getOwnPropertySymbols(fields).length > 0
}
