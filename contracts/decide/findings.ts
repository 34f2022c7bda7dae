import type { Finding } from '../finding.ts'
import { isObject, type Json, pointerTo, stepsOf } from '../json.ts'
import { accepts, type Violation, violations } from './accepts.ts'
import { isFound, type Search } from './family.ts'
import { ANY_ID, isAny, type Node, plainNode } from './node.ts'
import { declares, nodesAt, undeclaredAbove } from './places.ts'
import { intern } from './prepare.ts'
import { likelyRenames } from './rename.ts'
import { SearchEnded } from './search.ts'

/** One reason against the reader, with a message that shows it. */
export type Clash = { readonly finding: Finding; readonly witness: Json }

const MOST_FINDINGS = 20
const MOST_PARTS = 200

/**
 * Every reason, one for each of the reader's keywords that the writer can break. The reader is the sum of its keywords, so
 * each that the witness at hand does not break already is asked by itself; missing fields come first, since they tell most.
 */
export function findClashes(writer: Node, reader: Node, witness: Json, search: Search): Clash[] {
  const clashes = new Map<string, Clash>()
  const add = (message: Json): void => {
    for (const violation of violations(reader, message, '')) {
      const key = `${violation.at} ${violation.keyword} ${violation.node.pointer}`
      if (!clashes.has(key))
        clashes.set(key, { witness: message, finding: toFinding(writer, reader, message, violation, search) })
    }
  }
  add(witness)
  try {
    for (const part of partsOf(reader).slice(0, MOST_PARTS)) {
      if (clashes.size >= MOST_FINDINGS) break
      const found = accepts(part, witness) ? search.find([writer], [part]) : 'none'
      if (isFound(found)) add(found.value)
    }
  } catch (error) {
    if (!(error instanceof SearchEnded)) throw error
  }
  return [...clashes.values()]
}

/** Parts are a matter of the node alone, and live as long as it does. */
const knownParts = new WeakMap<Node, readonly Node[]>()

function partsOf(node: Node): readonly Node[] {
  const known = knownParts.get(node) ?? [...eachPart(node)]
  knownParts.set(node, known)
  return known
}

/** The keywords of a node, each as a node of its own, those first whose breach is easiest to understand. */
function* eachPart(node: Node): Generator<Node> {
  const { object } = node
  for (const name of object.required) yield asking(node, `required ${name}`, { object: { required: [name] } })
  for (const [name, member] of object.properties)
    if (!isAny(member))
      yield asking(node, `properties ${name} ${member.id}`, { object: { properties: new Map([[name, member]]) } })
  for (const inner of new Set(node.allOf)) yield* eachPart(inner)
  const properties = new Map([...object.properties.keys()].map((name): [string, Node] => [name, ANYTHING]))
  const rest = { ...node, allOf: [], object: { ...object, required: [], properties } }
  yield Object.assign(asking(node, `rest ${node.id}`, rest), {
    oneOf: node.oneOf,
    condition: node.condition,
    beyond: node.beyond,
    possible: node.types,
  })
}

const ANYTHING = Object.assign(plainNode('', true, {}), { id: ANY_ID })

function asking(node: Node, key: string, parts: Parameters<typeof plainNode>[2]): Node {
  return Object.assign(plainNode(node.pointer, node.raw, parts), { id: intern(`part ${key}`) })
}

function toFinding(writer: Node, reader: Node, witness: Json, violation: Violation, search: Search): Finding {
  const { at, node, keyword, name } = violation
  const readerPlace = { pointer: pointerTo(node.pointer, keyword), value: rawKeyword(node, keyword) }
  if (keyword === 'required' || keyword === 'dependentRequired') {
    const parent = at.slice(0, at.lastIndexOf('/'))
    const writers = nodesAt([writer], parent)
    if (declares(writers, name ?? '')) return { code: 'field.not-always-written', at, reader: readerPlace }
    const suggestion = likelyRenames(writers, nodesAt([reader], parent), name ?? '', search)
    return { code: 'field.never-written', at, reader: readerPlace, ...(suggestion ? { suggestion } : {}) }
  }
  const undeclared = undeclaredAbove(writer, at)
  if (undeclared !== undefined) return { code: 'field.may-be-undeclared', at: undeclared, reader: readerPlace }
  const value = valueOf(witness, at)
  if (keyword === 'additionalProperties' || keyword === 'false')
    return { code: 'field.not-read', at, writer: { pointer: at, value }, reader: readerPlace }
  const [there] = nodesAt([writer], at)
  return { code: 'value.not-contained', at, writer: { pointer: there?.pointer ?? '', value }, reader: readerPlace }
}

function rawKeyword({ raw }: Node, keyword: string): Json {
  return (isObject(raw) ? raw[keyword] : undefined) ?? raw
}

function valueOf(witness: Json, at: string): Json {
  return stepsOf(at).reduce<Json>((value, step) => (value as { [step: string]: Json } | null)?.[step] ?? null, witness)
}
