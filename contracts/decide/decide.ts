import { compileCheck } from '../check/check.ts'
import type { Json } from '../json.ts'
import { asDeclared } from '../schema/as-declared.ts'
import type { JsonSchema } from '../schema/keywords.ts'
import { readSchema, type Schema } from '../schema/read.ts'
import { compare } from './simple.ts'
import { ENGINE, type Policy, type UnknownReason, type Verdict } from './verdict.ts'

export type DecideOptions = { readonly policy?: Policy }

/**
 * Is all that the writer may write fit for the reader? `compatible` is proved, `incompatible` has a witness that ajv
 * accepts for the writer and refuses for the reader, and everything else is `unknown`. Never throws for bad schemas.
 */
export function decide(
  writerSchema: JsonSchema,
  readerSchema: JsonSchema,
  { policy = 'as-declared' }: DecideOptions = {},
): Verdict {
  const writer = readSchema(writerSchema)
  if (writer.findings) return unknown(policy, 'writer-unreadable', writer.findings)
  const reader = readSchema(readerSchema)
  if (reader.findings) return unknown(policy, 'reader-unreadable', reader.findings)
  const strict = decideRead(writer.schema, reader.schema, 'strict')
  if (policy === 'strict') return strict
  // all that is declared is allowed, so a strict yes is a yes
  if (strict.answer === 'compatible') return { ...strict, policy }
  const declared = decideRead(asDeclared(writer.schema), reader.schema, policy)
  return declared.answer === 'compatible' ? { ...declared, onlyAsDeclared: true } : declared
}

function decideRead(writer: Schema, reader: Schema, policy: Policy): Verdict {
  const common = { policy, engine: ENGINE } as const
  if (writer.canonical === reader.canonical) return { ...common, answer: 'compatible', findings: [] }
  const outcome = compare(writer.root, reader.root, '', (schema, value) => isValid(schema, value, writer))
  if (outcome === 'undecided') return unknown(policy, 'beyond-engine')
  if (outcome.length === 0) return { ...common, answer: 'compatible', findings: [] }
  const findings = outcome.map(({ finding }) => finding)
  const proof = outcome.find(
    ({ witness }) => compileCheck(writer).accepts(witness) && !compileCheck(reader).accepts(witness),
  )
  if (proof === undefined) return unknown(policy, 'witness-unconfirmed', findings)
  return { ...common, answer: 'incompatible', witness: proof.witness, findings }
}

function isValid(root: JsonSchema, value: Json, { dialect, references, canonical, fingerprint }: Schema): boolean {
  return compileCheck({ root, dialect, references, canonical, fingerprint }).accepts(value)
}

function unknown(policy: Policy, reason: UnknownReason, findings: Verdict['findings'] = []): Verdict {
  return { answer: 'unknown', policy, engine: ENGINE, reason, findings }
}
