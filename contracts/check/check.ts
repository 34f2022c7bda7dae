import type { ValidateFunction } from 'ajv'
import type { Finding } from '../finding.ts'
import { compileWithAjv } from '../schema/judge.ts'
import type { Schema } from '../schema/read.ts'
import { toFindings } from './findings.ts'

/** A schema made ready to check messages. Checking never changes the message. */
export type Check = {
  readonly accepts: (message: unknown) => boolean
  /** Whether ajv itself said no; not where it could not judge. */
  readonly refuses: (message: unknown) => boolean
  /** Everything that is wrong, up to `FINDINGS_LIMIT`; empty for a message that `accepts` accepts. Values stay out of it. */
  readonly findings: (message: unknown) => Finding[]
}

export const FINDINGS_LIMIT = 20

/** Compiles a schema with ajv, in two forms when first needed: stopping at the first error makes the common case fast. */
export function compileCheck(schema: Schema): Check {
  let first: ValidateFunction | undefined
  let all: ValidateFunction | undefined
  const findings = (message: unknown): Finding[] =>
    attempt(() => {
      all ??= compileWithAjv(schema, { allErrors: true, verbose: true })
      return all(message) ? [] : toFindings(all.errors ?? []).slice(0, FINDINGS_LIMIT)
    })
  // stopping at the first error, ajv takes the missing name "" for "nothing is missing"
  const isSlow = /"required":\[[^\]]*""/.test(schema.canonical)
  const judge = (message: unknown): Finding[] =>
    isSlow
      ? findings(message)
      : attempt(() => ((first ??= compileWithAjv(schema, { allErrors: false }))(message) ? [] : REFUSED))
  return {
    findings,
    accepts: (message) => judge(message).length === 0,
    refuses: (message) => judge(message).some(({ code }) => code !== 'check.failed' && code !== 'value.too-deep'),
  }
}

const REFUSED: Finding[] = [{ code: 'value.refused', at: '' }]

/** What ajv cannot judge is refused: a message deeper than the stack, or a schema on which its compiled code breaks. */
function attempt(judge: () => Finding[]): Finding[] {
  try {
    return judge()
  } catch (error) {
    if (error instanceof RangeError) return [{ code: 'value.too-deep', at: '' }]
    return [{ code: 'check.failed', at: '', reader: { pointer: '', value: (error as Error).message } }]
  }
}
