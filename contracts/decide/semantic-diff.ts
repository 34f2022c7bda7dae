import type { Finding } from '../finding.ts'
import type { Json } from '../json.ts'
import type { JsonSchema } from '../schema/keywords.ts'
import { readSchema, type Schema } from '../schema/read.ts'
import { DEFAULT_BUDGET, decide } from './decide.ts'
import { type Difference, findDifferences, type PlaceOfDifferences, type Told } from './differences.ts'
import { createPatch, type Patch } from './patch.ts'
import type { Policy, UnknownReason, Verdict } from './verdict.ts'

export type SemanticDiffOptions = {
  /** `strict` unless told otherwise. */
  readonly policy?: Policy
  /** Steps that all questions together may take. */
  readonly budget?: number
}

/** Whether a change is safe for one side; a breaking one with a message that shows it, judged by ajv. */
export type Judgement =
  | { readonly answer: 'safe' }
  | { readonly answer: 'breaking'; readonly witness: Json }
  | { readonly answer: 'unknown'; readonly reason: UnknownReason }

/** What the engine says of a change: safe for both sides means that nothing has changed but the words. */
export type Mark = {
  /** Can those who read with the change read what was written before it? */
  readonly forOldData: Judgement
  /** Can those who read without the change read what is written after it? */
  readonly forOldReaders: Judgement
}

/** One change, and what it means taken by itself. */
export type SchemaChange = Told & { readonly mark: Mark }

/** All changes at one place of the messages and below it, and what they mean together. */
export type ChangedPlace = {
  /** JSON Pointer into the messages; a step `*` stands for every item, or every field that has no name. */
  readonly at: string
  readonly changes: readonly SchemaChange[]
  readonly below: readonly ChangedPlace[]
  readonly mark: Mark
}

export type SemanticDiff = {
  /** The whole message; what has not changed is left out. */
  readonly root: ChangedPlace
  /** There are more changes than are listed. */
  readonly isCut: boolean
  /** Why there is nothing to compare. */
  readonly findings: readonly Finding[]
}

const ALL_STEPS = 600_000

/**
 * What has changed from one version of a schema to the next, and what each change means to those who read. The engine
 * answers for each change by itself: it compares the older version with the older version after only that change.
 */
export function semanticDiff(older: JsonSchema, newer: JsonSchema, options: SemanticDiffOptions = {}): SemanticDiff {
  try {
    const [from, to] = [readSchema(older), readSchema(newer)]
    const judge = createJudge(older, options)
    if (!from.schema || !to.schema)
      return {
        root: unchanged(judge(newer)),
        isCut: false,
        findings: [...(from.findings ?? []), ...(to.findings ?? [])],
      }
    return compare(from.schema, to.schema, judge)
  } catch (error) {
    // versions nested more deeply than the stack
    if (error instanceof RangeError) return { root: unchanged(TOO_INTRICATE), isCut: false, findings: [TOO_DEEP] }
    throw error
  }
}

const TOO_DEEP: Finding = { code: 'schema.too-deep', at: '', reader: { pointer: '', value: 'the stack' } }
const UNKNOWN: Judgement = { answer: 'unknown', reason: 'too-intricate' }
const TOO_INTRICATE: Mark = { forOldData: UNKNOWN, forOldReaders: UNKNOWN }

function unchanged(mark: Mark): ChangedPlace {
  return { at: '', changes: [], below: [], mark }
}

function compare(older: Schema, newer: Schema, judge: Judge): SemanticDiff {
  const { root, isCut } = findDifferences(older, newer)
  const patch = createPatch(older, newer)
  const whole = judge(newer.root)
  return { root: { ...markPlace(root, patch, judge), mark: whole }, isCut, findings: [] }
}

function markPlace(place: PlaceOfDifferences, patch: Patch, judge: Judge): ChangedPlace {
  const below = [...place.below.values()].filter((part) => differencesIn(part).length > 0)
  const changes = place.differences.map((difference) => ({ ...difference.told, mark: judge(patch([difference])) }))
  const parts = below.map((part) => markPlace(part, patch, judge))
  const [only, second] = [...changes, ...parts]
  const mark = only && !second ? only.mark : judge(patch(differencesIn(place)))
  return { at: place.at, changes, below: parts, mark }
}

function differencesIn(place: PlaceOfDifferences): Difference[] {
  return [...place.differences, ...[...place.below.values()].flatMap(differencesIn)]
}

type Judge = (patched: JsonSchema | undefined) => Mark

/** What one question costs at least, and how many characters are prepared for the price of a step. */
const LEAST_STEPS = 100
const CHARACTERS_PER_STEP = 3
/** How often a search asks whether to stop. */
const STEPS_BETWEEN = 256

/** Asks the engine in both directions, out of one purse. */
function createJudge(older: JsonSchema, { policy = 'strict', budget = ALL_STEPS }: SemanticDiffOptions): Judge {
  let left = budget
  const shouldStop = () => ((left -= STEPS_BETWEEN), false)
  const ask = (writer: JsonSchema, reader: JsonSchema, cost: number): Judgement => {
    left -= LEAST_STEPS + cost
    if (left < 0) return { answer: 'unknown', reason: 'budget' }
    return toJudgement(decide(writer, reader, { policy, budget: Math.min(DEFAULT_BUDGET, left), shouldStop }))
  }
  return (patched) => {
    if (patched === undefined) return TOO_INTRICATE
    const cost = Math.ceil((JSON.stringify(patched) ?? '').length / CHARACTERS_PER_STEP)
    return { forOldData: ask(older, patched, cost), forOldReaders: ask(patched, older, 0) }
  }
}

function toJudgement({ answer, witness, reason }: Verdict): Judgement {
  switch (answer) {
    case 'compatible':
      return { answer: 'safe' }
    case 'incompatible':
      return { answer: 'breaking', witness: witness ?? null }
    case 'unknown':
      return { answer: 'unknown', reason: reason ?? 'too-intricate' }
  }
}
