/** What a schema may be at most. Each limit is named in the finding that it causes and listed in docs/limits.md. */
export const SCHEMA_LIMITS = {
  /** Bytes of the document as UTF-8. */
  bytes: 2 * 1024 * 1024,
  /** Levels of JSON nesting. */
  depth: 500,
  /** Subschemas in the whole document. */
  subschemas: 10_000,
  /** Entries of one `properties` or `patternProperties`. */
  properties: 2_000,
  /** Entries of one `allOf`, `anyOf`, `oneOf` or array-form `items`. */
  branches: 1_000,
  /** Values of one `enum`. */
  enumValues: 10_000,
  /** Characters of one `pattern`. */
  patternLength: 1_000,
} as const

export type SchemaLimit = keyof typeof SCHEMA_LIMITS
export type SchemaLimits = { readonly [limit in SchemaLimit]: number }
