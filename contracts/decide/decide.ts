import type { Encoding } from '../contract.ts'
import type { Finding } from '../finding.ts'
import { bundle, type Documents } from '../schema/bundle.ts'
import type { JsonSchema } from '../schema/keywords.ts'
import type { Schema } from '../schema/read.ts'
import { BeyondEngine } from './accepts.ts'
import { isConfirmed } from './confirm.ts'
import { isFound } from './family.ts'
import { findClashes } from './findings.ts'
import { decideHttp } from './http.ts'
import { plainNode } from './node.ts'
import { intern, type Prepared, preparePair } from './prepare.ts'
import { createSearch, SearchEnded } from './search.ts'
import { ENGINE, type Policy, type UnknownReason, type Verdict } from './verdict.ts'
import { decideFields } from './wire.ts'

export type DecideOptions = {
  /** `as-declared` unless told otherwise. */
  readonly policy?: Policy
  /** What is compared: values, as JSON carries them; the entries of a `fields` stream; or the parts of an HTTP message. */
  readonly encoding?: Encoding | 'http'
  /** Other documents by their URI, for references to them; nothing is ever fetched. */
  readonly documents?: Documents
  /** Steps that the search may take; they alone decide whether it answers, so that every machine answers alike. */
  readonly budget?: number
  /** Asked now and then; true ends the search with the reason `clock`. It only protects, and such an answer is not to be kept. */
  readonly shouldStop?: () => boolean
}

export const DEFAULT_BUDGET = 30_000

/**
 * Is all that the writer may write fit for the reader? `compatible` is proved, `incompatible` has a witness that ajv
 * accepts for the writer and refuses for the reader, and everything else is `unknown`. Never throws for bad schemas.
 */
export function decide(writerSchema: JsonSchema, readerSchema: JsonSchema, options: DecideOptions = {}): Verdict {
  const { policy = 'as-declared', encoding = 'json' } = options
  const values = (writer: JsonSchema, reader: JsonSchema) => decideValues(writer, reader, policy, options)
  if (encoding === 'fields') return decideFields(writerSchema, readerSchema, policy, values)
  if (encoding === 'http') return decideHttp(writerSchema, readerSchema, policy, values)
  return values(writerSchema, readerSchema)
}

function decideValues(
  writerSchema: JsonSchema,
  readerSchema: JsonSchema,
  policy: Policy,
  options: DecideOptions,
): Verdict {
  try {
    const [writer, reader] = preparePair(
      bundle(writerSchema, options.documents ?? {}),
      bundle(readerSchema, options.documents ?? {}),
    )
    if (!writer.prepared) return unknown(policy, 'writer-unreadable', writer.findings)
    if (!reader.prepared) return unknown(policy, 'reader-unreadable', reader.findings)
    return decideReadings(writer.prepared, reader.prepared, policy, options)
  } catch (error) {
    return unknown(policy, reasonOf(error))
  }
}

/** Where a schema can be read in two ways, an answer counts when it is that of both, and a witness when it shows it for both. */
function decideReadings(writer: Prepared, reader: Prepared, policy: Policy, options: DecideOptions): Verdict {
  const verdict = decidePrepared(writer, reader, policy, options)
  const [w = writer, r = reader] = [writer.specified(), reader.specified()]
  if (w === writer && r === reader) return verdict
  const other = decidePrepared(w, r, policy, options)
  const unsure = unknown(policy, 'beyond-engine', [...verdict.findings, ...other.findings])
  if (verdict.answer !== other.answer || verdict.answer === 'unknown') return unsure
  if (verdict.answer === 'compatible') return verdict
  if (verdict.witness !== undefined && isConfirmed(verdict.witness, w, r)) return verdict
  return other.witness !== undefined && isConfirmed(other.witness, writer, reader) ? other : unsure
}

function decidePrepared(writer: Prepared, reader: Prepared, policy: Policy, options: DecideOptions): Verdict {
  if (isBlurred(writer.schema, reader.schema)) return unknown(policy, 'number-precision')
  if (policy === 'strict') {
    const verdict = compare(writer, reader, policy, options)
    if (verdict.answer !== 'incompatible') return verdict
    const declared = writer.declared()
    const isSafer = isContained(declared, reader, options) && !isContained(declared, NOTHING, options)
    return isSafer ? { ...verdict, onlyAsDeclared: true } : verdict
  }
  if (writer.beyond.some(({ reader: place }) => typeof place?.value === 'string' && place.value.startsWith('$'))) {
    // what is behind such a reference cannot be closed; whatever holds for all of it holds
    const all = compare(writer, reader, policy, options)
    return all.answer === 'compatible' ? all : unknown(policy, 'beyond-engine', writer.beyond)
  }
  const verdict = compare(writer.declared(), reader, policy, options)
  if (verdict.answer !== 'compatible') return verdict
  if (isContained(writer, reader, options)) return verdict
  return isEmpty(verdict) ? unknown(policy, 'writer-empty', verdict.findings) : { ...verdict, onlyAsDeclared: true }
}

/** Whether containment is proved; where it is not, nobody asks here why. */
function isContained(
  { node }: Prepared,
  reader: Pick<Prepared, 'node'>,
  { budget = DEFAULT_BUDGET, shouldStop }: DecideOptions,
): boolean {
  try {
    return createSearch({ steps: budget, shouldStop, intern }).find([node], [reader.node]) === 'none'
  } catch (error) {
    reasonOf(error) // anything but the end of the search is thrown on
    return false
  }
}

/** A reader that refuses everything: only a writer that writes nothing is contained in it. */
const NOTHING = { node: Object.assign(plainNode('', false, {}), { possible: 0, candidates: [] }) }

/** Whether floating point makes one number of two that are written differently. */
function isBlurred(writer: Schema, reader: Schema): boolean {
  return isMistaken(writer, reader) || isMistaken(reader, writer)
}

function isMistaken(one: Schema, other: Schema): boolean {
  return one.inexact.some((written) => {
    if (other.inexact.includes(written)) return false
    const number = Number(written)
    return other.inexact.some((text) => Number(text) === number) || other.canonical.includes(String(number))
  })
}

function isEmpty({ findings }: Verdict): boolean {
  return findings.some(({ code }) => code === 'writer.empty')
}

function compare(
  writer: Prepared,
  reader: Prepared,
  policy: Policy,
  { budget = DEFAULT_BUDGET, shouldStop }: DecideOptions,
): Verdict {
  const common = { policy, engine: ENGINE } as const
  const search = createSearch({ steps: budget, shouldStop, intern })
  try {
    const found = search.find([writer.node], [reader.node])
    if (found === 'none') {
      const isNothing = writer.node.id !== reader.node.id && search.find([writer.node], []) === 'none'
      return { ...common, answer: 'compatible', findings: isNothing ? [{ code: 'writer.empty', at: '' }] : [] }
    }
    if (!isFound(found))
      return unknown(
        policy,
        found.unknown,
        found.unknown === 'beyond-engine' ? [...writer.beyond, ...reader.beyond].slice(0, 20) : [],
      )
    const clashes = findClashes(writer.node, reader.node, found.value, search)
    const proof = clashes.find(({ witness }) => isConfirmed(witness, writer, reader))
    const findings = clashes.map(({ finding }) => finding)
    if (!proof) return unknown(policy, 'witness-unconfirmed', findings)
    return { ...common, answer: 'incompatible', witness: proof.witness, findings }
  } catch (error) {
    return unknown(policy, reasonOf(error))
  }
}

function reasonOf(error: unknown): UnknownReason {
  if (error instanceof SearchEnded) return error.reason
  if (error instanceof BeyondEngine) return 'beyond-engine'
  // a schema or value nested more deeply than the stack
  if (error instanceof RangeError) return 'too-intricate'
  throw error
}

function unknown(policy: Policy, reason: UnknownReason, findings: readonly Finding[] = []): Verdict {
  return { answer: 'unknown', policy, engine: ENGINE, reason, findings }
}
