import type { Finding } from '../finding.ts'
import type { Json } from '../json.ts'

/** `strict`: all that the writer's schema allows. `as-declared`: what a writer that sends only declared fields can send. */
export type Policy = 'strict' | 'as-declared'

/** Why nothing could be proved. The list is closed; docs/verdicts.md explains each. */
export type UnknownReason =
  | 'writer-unreadable'
  | 'reader-unreadable'
  | 'writer-empty'
  | 'beyond-engine'
  | 'too-intricate'
  | 'pattern'
  | 'format'
  | 'number-precision'
  | 'budget'
  | 'clock'
  | 'witness-unconfirmed'

/** The answer to "is all that the writer may write fit for the reader?". */
export type Verdict = {
  readonly answer: 'compatible' | 'incompatible' | 'unknown'
  readonly policy: Policy
  /** The engine's version; verdicts of another one may differ. */
  readonly engine: string
  /** The answer would not be `compatible` for a writer that also sends what it does not declare. */
  readonly onlyAsDeclared?: true
  /** One message that the writer may write and the reader refuses; every `incompatible` has one, judged by ajv. */
  readonly witness?: Json
  /** The witness as it would lie on a `fields` stream. */
  readonly wire?: readonly (readonly [field: string, text: string])[]
  readonly reason?: UnknownReason
  readonly findings: readonly Finding[]
}

export const ENGINE = '1'
