import type { Finding } from '../finding.ts'
import { type Json, pointerTo } from '../json.ts'
import { canonicalJson } from '../schema/canonical.ts'
import type { JsonSchema } from '../schema/keywords.ts'
import { BeyondEngine } from './accepts.ts'
import { breachesOf } from './breaches.ts'
import { edgesOfNode } from './edges.ts'
import { type Found, isFound, type Search } from './family.ts'
import type { Node } from './node.ts'
import { plausible } from './plausible.ts'
import { intern, type Prepared, preparePair } from './prepare.ts'
import { ANYTHING, inDeclaredOrder, meeting, type Route, replacing, routesFrom } from './routes.ts'
import { createSearch, SearchEnded } from './search.ts'

export type SampleOptions = {
  /** Another seed picks other branches, listed values and words for the typical message; 0 unless told otherwise. */
  readonly seed?: number
  /** Steps that all searches together may take. */
  readonly budget?: number
}

/** A message that the schema accepts: `minimal` has what must be there, `typical` all that is declared. */
export type ValidSample =
  | { readonly kind: 'minimal' | 'typical'; readonly message: Json }
  /** Stands on the edge of what one keyword allows at a place. */
  | { readonly kind: 'edge'; readonly at: string; readonly keyword: string; readonly message: Json }

/** A message that the schema refuses, for one keyword at a place. */
export type ViolatingSample = {
  readonly at: string
  readonly keyword: string
  /** Where the keyword's schema stands. */
  readonly pointer: string
  readonly message: Json
}

export type Samples = {
  readonly valid: readonly ValidSample[]
  readonly violating: readonly ViolatingSample[]
  /** Why there are none, or what could not be judged. */
  readonly findings: readonly Finding[]
  /** Questions left open for want of steps, or beyond the engine; each could have brought another message. */
  readonly undecided: number
}

const DEFAULT_BUDGET = 300_000
const MOST_MESSAGES = 100
/** ajv goes through every branch as often as it is met. */
const MOST_BRANCHES = 100_000

/**
 * Messages for tests: valid ones at the least, in the middle and on every edge of what a schema allows, and one for each
 * keyword that can be broken. ajv has accepted each valid one and refused each violating one. Never throws for bad schemas.
 */
export function sample(schema: JsonSchema, options: SampleOptions = {}): Samples {
  try {
    const [{ prepared, findings }] = preparePair(schema, schema)
    if (!prepared) return { ...NOTHING, findings: findings ?? [] }
    if (prepared.weight > MOST_BRANCHES) return { ...NOTHING, findings: [TOO_WIDE] }
    return samplePrepared(prepared, options)
  } catch (error) {
    if (error instanceof RangeError) return { ...NOTHING, findings: [{ code: 'value.too-deep', at: '' }] }
    throw error
  }
}

const NOTHING: Samples = { valid: [], violating: [], findings: [], undecided: 0 }
const TOO_WIDE: Finding = { code: 'check.failed', at: '', reader: { pointer: '', value: 'too many branches' } }

function samplePrepared(prepared: Prepared, { seed = 0, budget = DEFAULT_BUDGET }: SampleOptions): Samples {
  const questions = createQuestions(budget)
  const routes = [...routesFrom(prepared.node, questions)]
  const minimal = questions.find([prepared.node], [])
  const isEmpty = minimal === 'none'
  return {
    valid: isEmpty ? [] : findValid(prepared, minimal, { routes, questions, seed }),
    violating: findViolating(prepared, routes, questions),
    findings: [...(isEmpty ? [EMPTY] : []), ...prepared.beyond.slice(0, 20)],
    undecided: questions.undecided(),
  }
}

const EMPTY: Finding = { code: 'writer.empty', at: '' }

type Work = { readonly routes: readonly Route[]; readonly questions: Questions; readonly seed: number }

function findValid({ node, check }: Prepared, minimal: Found, { routes, questions, seed }: Work): ValidSample[] {
  const kept = createKept<ValidSample>(node, (message) => check.accepts(message))
  if (isFound(minimal)) kept.add({ kind: 'minimal', message: minimal.value })
  const typical = attempt(() => plausible(node, { ...questions, pick: picker(seed) }))
  if (typical !== undefined) kept.add({ kind: 'typical', message: typical }, true)
  for (const route of routes)
    for (const { keyword, met } of edgesOfNode(route.node)) {
      if (kept.isFull()) return kept.list
      const found = questions.first(met.map((inner) => ({ met: [node, meeting(route, inner)], refused: [] })))
      if (found) kept.add({ kind: 'edge', at: route.at, keyword, message: found.value })
    }
  return kept.list
}

function findViolating({ node, check }: Prepared, routes: readonly Route[], questions: Questions): ViolatingSample[] {
  const kept = createKept<ViolatingSample>(node, (message) => check.refuses(message))
  for (const route of routes)
    for (const { keyword, name, without, prefer } of breachesOf(route.node)) {
      if (kept.isFull()) return kept.list
      const found = questions.first(
        [...prefer, ANYTHING].map((wish) => ({ met: replacing(route, without, wish), refused: [node] })),
      )
      const at = name === undefined ? route.at : pointerTo(route.at, name)
      if (found) kept.add({ at, keyword, pointer: pointerTo(route.node.pointer, keyword), message: found.value })
    }
  return kept.list
}

/** Messages that ajv has confirmed, each once. */
function createKept<S extends Sample>(root: Node, isConfirmed: (message: Json) => boolean) {
  const list: S[] = []
  const seen = new Set<string>()
  return {
    list,
    isFull: () => list.length >= MOST_MESSAGES,
    add: (one: S, isTold = false) => {
      const message = inDeclaredOrder([root], one.message)
      const key = canonicalJson(message)
      if ((isTold || !seen.has(key)) && isConfirmed(message)) list.push({ ...one, message })
      seen.add(key)
    },
  }
}

type Sample = { readonly message: Json }

type Question = { readonly met: readonly Node[]; readonly refused: readonly Node[] }
type Questions = Pick<Search, 'find' | 'constant' | 'matching'> & {
  /** The answer to the first question that has one. */
  readonly first: (questions: readonly Question[]) => { readonly value: Json } | undefined
  readonly undecided: () => number
}

/** What one question costs at least, and what it may cost of the whole. */
const LEAST_STEPS = 20
const LARGEST_SHARE = 20
/** How often a search asks whether to stop. */
const STEPS_BETWEEN = 256

/** One search for each question, so that a hard one does not eat up the steps of all others. */
function createQuestions(budget: number): Questions {
  let left = budget
  let undecided = 0
  const find = (met: readonly Node[], refused: readonly Node[]): Found => {
    left -= LEAST_STEPS
    const steps = Math.min(left, Math.ceil(budget / LARGEST_SHARE))
    const shouldStop = () => ((left -= STEPS_BETWEEN), false)
    return attempt(() => createSearch({ steps, shouldStop, intern }).find(met, refused)) ?? { unknown: 'budget' }
  }
  const first = (questions: readonly Question[]) => {
    let isOpen = false
    for (const { met, refused } of questions) {
      const found = find(met, refused)
      if (isFound(found)) return found
      isOpen ||= found !== 'none'
    }
    if (isOpen) undecided++
    return undefined
  }
  const { constant, matching } = createSearch({ steps: 0, intern })
  return { find, first, constant, matching, undecided: () => undecided }
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (!isGivenUp(error)) throw error
    return undefined
  }
}

function isGivenUp(error: unknown): boolean {
  return error instanceof SearchEnded || error instanceof BeyondEngine || error instanceof RangeError
}

/** Seed 0 picks the first; every other one picks by the field's name, so that a new field changes no other's value. */
function picker(seed: number): <T>(list: readonly T[], name: string) => T | undefined {
  return (list, name) => list[seed === 0 ? 0 : mixed(name, seed) % Math.max(1, list.length)]
}

function mixed(text: string, seed: number): number {
  let hash = seed >>> 0
  for (const character of `${text}.`) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return (hash ^ (hash >>> 15)) >>> 0
}
