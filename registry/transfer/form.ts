import { type Static, Type } from '@sinclair/typebox'
import { Ajv, type ValidateFunction } from 'ajv'
import type { Json, JsonObject } from '../../contracts/index.ts'
import type { StoreRecord } from '../store/store.ts'

/** The form of an export that this release writes and reads; docs/moving-data.md describes it. */
export const FORM = 1

/** What an export holds, the global settings and counters aside. */
export type TransferCounts = { readonly schemas: number; readonly versions: number; readonly subjects: number }

export type Kind = StoreRecord['kind']

/** The kinds of records in the order in which they stand. */
export const KINDS: readonly Kind[] = ['schema', 'version', 'subject', 'counters']

const exactly = { additionalProperties: false } as const
const AnyObject = Type.Unsafe<JsonObject>({ type: 'object' })
// One less than a 32-bit column holds, so that the next one fits, too.
const Numbered = Type.Integer({ minimum: 1, maximum: 2 ** 31 - 2 })
const Counted = Type.Integer({ minimum: 0, maximum: 2 ** 31 - 2 })
const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' })
const Guid = Type.String({ pattern: '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' })
const Subject = Type.String({ pattern: '^\\P{Cc}+$' })

const SchemaRecord = Type.Object(
  {
    kind: Type.Literal('schema'),
    schema: Type.Object(
      {
        id: Numbered,
        guid: Guid,
        fingerprint: Sha256,
        type: Type.Literal('JSON'),
        text: Type.String({ minLength: 1 }),
        references: Type.Array(
          Type.Object({ name: Type.String(), subject: Type.String(), version: Numbered }, exactly),
        ),
        metadata: Type.Optional(AnyObject),
        ruleSet: Type.Optional(AnyObject),
        identity: Sha256,
      },
      exactly,
    ),
  },
  exactly,
)

const VersionRecord = Type.Object(
  {
    kind: Type.Literal('version'),
    version: Type.Object({ subject: Subject, version: Numbered, id: Numbered, deleted: Type.Boolean() }, exactly),
  },
  exactly,
)

const SubjectRecord = Type.Object(
  {
    kind: Type.Literal('subject'),
    subject: Type.Object(
      {
        name: Type.Union([Type.Literal(''), Subject]),
        lastVersion: Counted,
        config: Type.Optional(AnyObject),
        mode: Type.Optional(Type.String({ pattern: '^[A-Z_]{1,40}$' })),
      },
      exactly,
    ),
  },
  exactly,
)

const CountersRecord = Type.Object({ kind: Type.Literal('counters'), maxId: Counted }, exactly)

const Header = Type.Object({ concordat: Type.Literal('export'), form: Type.Integer({ minimum: 1 }) }, exactly)
type Header = Static<typeof Header>

const Footer = Type.Object(
  { concordat: Type.Literal('end'), lines: Counted, schemas: Counted, versions: Counted, subjects: Counted },
  exactly,
)
/** The last line: how many lines stand before it, and what they hold. */
export type Footer = Static<typeof Footer>

/** What each line may be, ready to be asked. */
export type Shapes = {
  readonly isHeader: ValidateFunction<Header>
  readonly isFooter: ValidateFunction<Footer>
  readonly records: { readonly [kind in Kind]: ValidateFunction<StoreRecord> }
}

/** Compiles the shapes; an import does so once. */
export function compileShapes(): Shapes {
  const ajv = new Ajv({ strict: false, ownProperties: true, logger: false })
  return {
    isHeader: ajv.compile<Header>(Header),
    isFooter: ajv.compile<Footer>(Footer),
    records: {
      schema: ajv.compile<Static<typeof SchemaRecord>>(SchemaRecord),
      version: ajv.compile<Static<typeof VersionRecord>>(VersionRecord),
      subject: ajv.compile<Static<typeof SubjectRecord>>(SubjectRecord),
      counters: ajv.compile<Static<typeof CountersRecord>>(CountersRecord),
    },
  }
}

/** Why a value does not have the shape that was asked for last, in words. */
export function whyNot({ errors }: ValidateFunction): string {
  const { instancePath = '', message = 'is not as an export writes it', params = {} } = errors?.[0] ?? {}
  const extra: unknown = params.additionalProperty
  return typeof extra === 'string' ? `${instancePath} has the unknown member "${extra}"` : `${instancePath} ${message}`
}

/** What has been counted and one record more. */
export function countRecord(counts: TransferCounts, record: StoreRecord): TransferCounts {
  switch (record.kind) {
    case 'schema':
      return { ...counts, schemas: counts.schemas + 1 }
    case 'version':
      return { ...counts, versions: counts.versions + 1 }
    case 'subject':
      return record.subject.name === '' ? counts : { ...counts, subjects: counts.subjects + 1 }
    case 'counters':
      return counts
  }
}

/** An own member of an object; undefined of anything else. */
export function memberOf(value: Json, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as JsonObject)[name]
}
