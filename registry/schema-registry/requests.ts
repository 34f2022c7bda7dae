import { type Static, type TSchema, Type } from '@sinclair/typebox'

/** May be left out or null, which this API's clients take for the same. */
const Maybe = <T extends TSchema>(schema: T) =>
  Type.Optional(Type.Unsafe<Static<T> | null>({ ...schema, type: [schema.type, 'null'] }))
const AnyObject = Type.Record(Type.String(), Type.Any())

const Reference = Type.Object({ name: Type.String(), subject: Type.String(), version: Type.Integer() })

/** The body of registering, of looking up and of testing. Members that it does not name are ignored, as that API's users expect. */
export const SchemaRequest = Type.Object({
  schema: Maybe(Type.String()),
  schemaType: Maybe(Type.String()),
  references: Maybe(Type.Array(Reference)),
  metadata: Maybe(AnyObject),
  ruleSet: Maybe(AnyObject),
  id: Maybe(Type.Integer()),
  version: Maybe(Type.Integer()),
})
export type SchemaRequest = Static<typeof SchemaRequest>

export const ModeRequest = Type.Object({ mode: Maybe(Type.String()) })
export type ModeRequest = Static<typeof ModeRequest>

export type SubjectPath = { readonly subject: string }
export type VersionPath = SubjectPath & { readonly version: string }
export type IdPath = { readonly id: string }
export type GuidPath = { readonly guid: string }
