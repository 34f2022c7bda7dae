import { formatTest } from '../check/formats.ts'
import { isObject, type Json, type JsonObject, pointerTo } from '../json.ts'
import { canonicalJson } from '../schema/canonical.ts'
import { typeOf } from '../schema/types.ts'
import { isAdditional, type Node, nodeForIndex, nodesForKey } from './node.ts'

/** A keyword that refuses a value, and where. */
export type Violation = { readonly at: string; readonly node: Node; readonly keyword: string; readonly name?: string }

/** Thrown where a schema says something that the engine cannot judge. */
export class BeyondEngine extends Error {
  readonly keyword: string
  constructor(keyword: string) {
    super(`${keyword} is beyond the engine`)
    this.keyword = keyword
  }
}

/** Judges one value, as ajv would. */
export function accepts(node: Node, value: Json): boolean {
  return violations(node, value, '', BRIEFLY).next().done === true
}

/** Whether to tell what a part refuses, or only that it does: telling means to judge it twice. */
type Detail = { readonly isBrief: boolean }
const BRIEFLY: Detail = { isBrief: true }
const IN_FULL: Detail = { isBrief: false }

/** What is known of one value already; references can make a tree of a few schemas that has millions of branches. */
type Judged = Map<Node, boolean>

function isAccepted(node: Node, value: Json, judged: Judged): boolean {
  const known = judged.get(node)
  if (known !== undefined) return known
  const isFit = violations(node, value, '', BRIEFLY, judged).next().done === true
  judged.set(node, isFit)
  return isFit
}

/** Every keyword that refuses the value; of unions and negations, the union or negation itself. */
export function* violations(
  node: Node,
  value: Json,
  at: string,
  detail = IN_FULL,
  judged?: Judged,
): Generator<Violation> {
  if (node.raw === true) return
  if (node.raw === false) return yield { at, node, keyword: 'false' }
  const type = typeOf(value)
  if ((node.types & type) === 0) return yield { at, node, keyword: 'type' }
  if (node.values && !isListed(node, value))
    yield { at, node, keyword: isObject(node.raw) && 'const' in node.raw ? 'const' : 'enum' }
  if (typeof value === 'number') yield* inNumber(node, value, at)
  else if (typeof value === 'string') yield* inString(node, value, at)
  else if (Array.isArray(value)) yield* inArray(node, value, at, detail)
  else if (isObject(value)) yield* inObject(node, value, at, detail)
  if (hasBranches(node)) yield* inBranches(node, value, at, detail, judged ?? new Map())
  if (node.beyond[0] !== undefined) throw new BeyondEngine(node.beyond[0])
}

function hasBranches({ allOf, anyOf, oneOf, not, condition }: Node): boolean {
  return allOf.length > 0 || anyOf !== undefined || oneOf !== undefined || not !== undefined || condition !== undefined
}

function* inBranches(node: Node, value: Json, at: string, detail: Detail, judged: Judged): Generator<Violation> {
  const { allOf, anyOf, oneOf, not, condition } = node
  for (const part of allOf) if (!isAccepted(part, value, judged)) yield* refusal(node, part, value, at, detail)
  if (anyOf && !anyOf.some((branch) => isAccepted(branch, value, judged))) yield { at, node, keyword: 'anyOf' }
  if (oneOf && oneOf.filter((branch) => isAccepted(branch, value, judged)).length !== 1)
    yield { at, node, keyword: 'oneOf' }
  if (not && isAccepted(not, value, judged)) yield { at, node, keyword: 'not' }
  if (!condition) return
  const arm = isAccepted(condition.if, value, judged) ? condition.then : condition.else
  if (arm && !isAccepted(arm, value, judged)) yield* refusal(node, arm, value, at, detail)
}

function* refusal(node: Node, part: Node, value: Json, at: string, detail: Detail): Generator<Violation> {
  if (detail.isBrief) yield { at, node, keyword: 'allOf' }
  else yield* violations(part, value, at, detail)
}

function* inNumber(node: Node, value: number, at: string): Generator<Violation> {
  const { minimum, isMinimumOpen, maximum, isMaximumOpen, multipleOf } = node.number
  if (value < minimum || (isMinimumOpen && value === minimum))
    yield { at, node, keyword: isMinimumOpen ? 'exclusiveMinimum' : 'minimum' }
  if (value > maximum || (isMaximumOpen && value === maximum))
    yield { at, node, keyword: isMaximumOpen ? 'exclusiveMaximum' : 'maximum' }
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) yield { at, node, keyword: 'multipleOf' }
}

/** With ajv's tolerance, which makes 19.99 a multiple of 0.01. */
export function isMultiple(value: number, divisor: number): boolean {
  const quotient = value / divisor
  return Math.abs(Math.round(quotient) - quotient) <= 1e-10
}

function* inString(node: Node, value: string, at: string): Generator<Violation> {
  const { minLength, maxLength, pattern, regex, format } = node.string
  const length = minLength > 0 || maxLength < Number.POSITIVE_INFINITY ? lengthOf(value) : 0
  if (length < minLength) yield { at, node, keyword: 'minLength' }
  if (length > maxLength) yield { at, node, keyword: 'maxLength' }
  if (pattern !== undefined && !(regex ?? new RegExp(pattern, 'u')).test(value)) yield { at, node, keyword: 'pattern' }
  if (format !== undefined && !hasFormat(format, value)) yield { at, node, keyword: 'format' }
}

/** Length in code points. */
export function lengthOf(text: string): number {
  let length = 0
  for (const _ of text) length++
  return length
}

export function hasFormat(format: string, value: string): boolean {
  const test = formatTest(format)
  return typeof test === 'string' || test(value)
}

/** Where nothing is told, no place is needed. */
function below(at: string, step: string | number, { isBrief }: Detail): string {
  return isBrief ? at : pointerTo(at, step)
}

function* inArray(node: Node, value: readonly Json[], at: string, detail: Detail): Generator<Violation> {
  const { minItems, maxItems, isUnique, contains } = node.array
  if (value.length < minItems) yield { at, node, keyword: 'minItems' }
  if (value.length > maxItems) yield { at, node, keyword: 'maxItems' }
  if (isUnique && new Set(value.map(canonicalJson)).size < value.length) yield { at, node, keyword: 'uniqueItems' }
  for (const [i, item] of value.entries()) {
    const here = nodeForIndex(node.array, i)
    if (here) yield* violations(here, item, below(at, i, detail), detail)
  }
  if (!contains) return
  const count = value.filter((item) => accepts(contains.node, item)).length
  if (count < contains.min || count > contains.max) yield { at, node, keyword: 'contains' }
}

function* inObject(node: Node, value: JsonObject, at: string, detail: Detail): Generator<Violation> {
  const part = node.object
  const keys = Object.keys(value)
  for (const name of part.required)
    if (!Object.hasOwn(value, name)) yield { at: pointerTo(at, name), node, keyword: 'required', name }
  if (keys.length < part.minProperties) yield { at, node, keyword: 'minProperties' }
  if (keys.length > part.maxProperties) yield { at, node, keyword: 'maxProperties' }
  for (const key of keys) yield* inMember(node, key, value[key] ?? null, at, detail)
  for (const [name, names] of part.dependentRequired)
    if (Object.hasOwn(value, name))
      for (const other of names)
        if (!Object.hasOwn(value, other))
          yield { at: pointerTo(at, other), node, keyword: 'dependentRequired', name: other }
  for (const [name, dependent] of part.dependentSchemas)
    if (Object.hasOwn(value, name)) yield* violations(dependent, value, at, detail)
}

function* inMember(node: Node, key: string, value: Json, at: string, detail: Detail): Generator<Violation> {
  const part = node.object
  const here = below(at, key, detail)
  if (part.propertyNames && !accepts(part.propertyNames, key))
    yield { at: here, node, keyword: 'propertyNames', name: key }
  for (const member of nodesForKey(part, key)) {
    const isExtra = member === part.additional && isAdditional(part, key)
    if (isExtra && member.possible === 0) yield { at: here, node, keyword: 'additionalProperties', name: key }
    else yield* violations(member, value, here, detail)
  }
}

function isListed({ scalars, structures }: Node, value: Json): boolean {
  if (typeof value !== 'object' || value === null) return scalars.has(value)
  return structures.some((structure) => accepts(structure, value))
}
