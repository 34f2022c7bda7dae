import type { FindingCode } from './finding-codes.ts'
import type { Json } from './json.ts'

/** A place in one side's schema and what stands there. */
export type Place = { readonly pointer: string; readonly value: Json }

/** One reason, as data. Words are made at the edge, by `explain`. */
export type Finding = {
  readonly code: FindingCode
  /** JSON Pointer into the message or schema that was looked at. */
  readonly at: string
  readonly writer?: Place
  readonly reader?: Place
  /** The likely cause: a field that was renamed; or, where several are as likely, which. */
  readonly suggestion?:
    | { readonly rename: { readonly from: string; readonly to: string } }
    | { readonly candidates: readonly string[] }
}
