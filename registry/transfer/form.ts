import { type Static, type TProperties, Type } from '@sinclair/typebox'
import { Ajv, type ValidateFunction } from 'ajv'
import type { Json, JsonObject } from '../../contracts/index.ts'
import type { StoreRecord } from '../store/store.ts'

/** The form of an export that this release writes and reads; docs/moving-data.md describes it. */
export const FORM = 3
/** Forms of releases before this one that it still reads: the first knows no services, and the second no audit. */
export const OLDEST_FORM = 1

/** What an export holds, the global settings and counters aside. */
export type TransferCounts = { readonly schemas: number; readonly versions: number; readonly subjects: number }

export type Kind = StoreRecord['kind']

/** The kinds of records in the order in which they stand. */
export const KINDS: readonly Kind[] = [
  'schema',
  'version',
  'subject',
  'counters',
  'service',
  'service-version',
  'branch',
  'contract',
  'environment',
  'deployment',
  'reservation',
  'override',
  'audit',
  'position',
]

/** The kind of the last record in an export of each form. */
export const LAST_KIND: { readonly [form: number]: Kind } = { 1: 'counters', 2: 'position', 3: 'position' }

/** The form in which records of a kind came. */
export const SINCE: { readonly [kind in Kind]?: number } = { audit: 3 }

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

const Text = Type.String({ minLength: 1, maxLength: 2000, pattern: '^\\P{Cc}+$' })
const Named = Type.String({ minLength: 1, maxLength: 200, pattern: '^\\P{Cc}+$' })
const Place = Type.String({ minLength: 1, maxLength: 1000, pattern: '^\\P{Cc}+$' })
const Time = Type.Integer({ minimum: 0, maximum: 8_640_000_000_000_000 })
const oneOf = (...words: readonly string[]) => Type.Unsafe<string>({ enum: [...words] })
const recordOf = <T extends TProperties>(kind: Kind, member: string, properties: T) =>
  Type.Object({ kind: Type.Literal(kind), [member]: Type.Object(properties, exactly) }, exactly)
const Version = { service: Named, version: Named }
const Ended = { ended: Type.Optional(Numbered), endedAt: Type.Optional(Time) }

/** Services, what they publish, and what runs where. */
const OTHERS = {
  service: recordOf('service', 'service', { name: Named, position: Numbered, mainBranch: Type.Optional(Named) }),
  'service-version': recordOf('service-version', 'version', {
    ...Version,
    position: Numbered,
    buildUrl: Type.Optional(Text),
    createdAt: Time,
    publishedAt: Type.Optional(Time),
  }),
  branch: recordOf('branch', 'branch', { ...Version, branch: Named, position: Numbered }),
  contract: recordOf('contract', 'contract', {
    ...Version,
    place: Place,
    verb: oneOf('writes', 'reads', 'serves', 'calls'),
    part: Type.String({ pattern: '^(?:|request|[1-5]\\d\\d|[1-5]XX|default)$' }),
    schemaId: Numbered,
    fingerprint: Sha256,
    encoding: oneOf('fields', 'json', 'http'),
    field: Type.Optional(Named),
    headers: oneOf('off', 'id', 'full'),
    guarded: Type.Boolean(),
    external: Type.Boolean(),
    keepsMs: Type.Optional(Time),
    subject: Type.Optional(Text),
    subjectVersion: Type.Optional(Numbered),
    origin: Type.Optional(Type.String({ maxLength: 500 })),
  }),
  environment: recordOf('environment', 'environment', {
    name: Named,
    production: Type.Boolean(),
    policy: oneOf('as-declared', 'strict'),
  }),
  deployment: recordOf('deployment', 'deployment', {
    id: Numbered,
    kind: oneOf('deployment', 'release'),
    environment: Named,
    ...Version,
    instance: Type.Optional(Named),
    startedAt: Time,
    ...Ended,
  }),
  reservation: recordOf('reservation', 'reservation', {
    id: Numbered,
    environment: Named,
    ...Version,
    instance: Type.Optional(Named),
    by: Type.Optional(Named),
    startedAt: Time,
    expiresAt: Time,
    closed: Type.Optional(Numbered),
    closedAt: Type.Optional(Time),
    outcome: Type.Optional(oneOf('recorded', 'given-up')),
  }),
  override: recordOf('override', 'override', {
    id: Numbered,
    service: Named,
    version: Type.Optional(Named),
    channel: Type.Optional(Type.String({ maxLength: 1200 })),
    environment: Named,
    reason: Type.String({ maxLength: 1000 }),
    by: Named,
    createdAt: Time,
    expiresAt: Time,
    ...Ended,
  }),
  audit: recordOf('audit', 'row', {
    id: Numbered,
    at: Time,
    who: Named,
    credential: Named,
    action: Type.String({ maxLength: 4000 }),
    outcome: oneOf('done', 'refused'),
    status: Type.Optional(Type.Integer({ minimum: 100, maximum: 599 })),
    address: Type.Optional(Named),
    requestId: Type.Optional(Named),
    details: Type.Optional(AnyObject),
    count: Numbered,
  }),
  position: Type.Object({ kind: Type.Literal('position'), position: Counted }, exactly),
}

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
      service: ajv.compile<StoreRecord>(OTHERS.service),
      'service-version': ajv.compile<StoreRecord>(OTHERS['service-version']),
      branch: ajv.compile<StoreRecord>(OTHERS.branch),
      contract: ajv.compile<StoreRecord>(OTHERS.contract),
      environment: ajv.compile<StoreRecord>(OTHERS.environment),
      deployment: ajv.compile<StoreRecord>(OTHERS.deployment),
      reservation: ajv.compile<StoreRecord>(OTHERS.reservation),
      override: ajv.compile<StoreRecord>(OTHERS.override),
      audit: ajv.compile<StoreRecord>(OTHERS.audit),
      position: ajv.compile<StoreRecord>(OTHERS.position),
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
  if (record.kind === 'schema') return { ...counts, schemas: counts.schemas + 1 }
  if (record.kind === 'version') return { ...counts, versions: counts.versions + 1 }
  const isSubject = record.kind === 'subject' && record.subject.name !== ''
  return isSubject ? { ...counts, subjects: counts.subjects + 1 } : counts
}

/** An own member of an object; undefined of anything else. */
export function memberOf(value: Json, name: string): Json | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
  return (value as JsonObject)[name]
}
