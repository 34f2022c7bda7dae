import { type TSchema, Type } from '@sinclair/typebox'

/** A schema among the document's components. */
export function refer(name: string): TSchema {
  return Type.Unsafe({ $ref: `#/components/schemas/${name}` })
}

/** A text that is one of a few. */
export function oneOf(values: readonly string[]): TSchema {
  return Type.Unsafe({ type: 'string', enum: values })
}

export function optional(schema: TSchema): ReturnType<typeof Type.Optional> {
  return Type.Optional(schema)
}

/** A moment, as ISO 8601 has it. */
export const Time = Type.String({ format: 'date-time' })
/** Counts and numbers that the registry gives, which begin at 1. */
export const Count = Type.Integer({ minimum: 0 })
export const Id = Type.Integer({ minimum: 1 })
export const Texts = Type.Array(Type.String())
export const AnyObject = Type.Unsafe({ type: 'object' })
export const Anything = Type.Unsafe({})
/** A JSON Schema. */
export const AnySchema = Type.Unsafe({ type: ['object', 'boolean'] })

export const Name = Type.String()
export const VersionName = { service: Name, version: Name }
export const Policy = oneOf(['as-declared', 'strict'])

/** What is common to lists: where they go on. */
export const NEXT = { next: optional(Type.String({ description: 'Where the list goes on, for `after`.' })) }
