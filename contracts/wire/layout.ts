import { ContractRefused, type Direction, type Encoding, type Headers } from '../contract.ts'
import type { Finding } from '../finding.ts'
import type { FindingCode } from '../finding-codes.ts'
import { pointerTo } from '../json.ts'
import type { Schema } from '../schema/read.ts'
import type { Target } from '../schema/references.ts'
import { conditionsOf, possibleTypes, TYPE, typeNames } from '../schema/types.ts'
import { type FieldTypes, fieldTypes, isOpen, type Kind, kindOf } from './kinds.ts'
import { isReserved } from './reserved.ts'

/** What the wire needs to know of a stream's contract. */
export type Wire = {
  readonly channel: string
  readonly schema: Schema
  readonly encoding: Encoding
  /** The one field of the encoding `json`. */
  readonly field: string
  readonly headers: Headers
  /** A reader's shapes, where it accepts several; `schema` is then their union. */
  readonly shapes?: Shapes
}

/** The shape that a reader knows, and older ones in the order in which they are tried, each with what makes it current. */
export type Shapes = {
  readonly current: Wire
  readonly older: readonly { readonly wire: Wire; readonly upcast: (message: unknown) => unknown }[]
}

export type Field = {
  readonly name: string
  readonly kind: Kind
  readonly required: boolean
  /** Null is possible; in the entry it is the field's absence. */
  readonly nullable: boolean
}

/** How a message lies in the entry of a `fields` stream. */
export type Layout = {
  readonly fields: readonly Field[]
  /** The kind of a field that is not declared by name, where a pattern or `additionalProperties` describes it. */
  readonly kindOfOther: (name: string) => Kind | undefined
}

/** Refuses a contract that its encoding cannot carry; returns how a `fields` message lies in the entry. */
export function layoutOf({ channel, schema, encoding, headers, shapes }: Wire, direction: Direction): Layout {
  if (shapes && direction === 'writes')
    throw new ContractRefused(`The contract of ${channel}`, [finding('contract.several-shapes', '')])
  if (encoding === 'json') return { fields: [], kindOfOther: () => undefined }
  const root: Target = { schema: schema.root, pointer: '' }
  const types = fieldTypes(root, schema.references)
  const findings =
    possibleTypes(root, schema.references) === TYPE.object
      ? [...checkFields(types, headers), ...(direction === 'writes' ? checkWriter(root, schema, types) : [])]
      : [finding('contract.not-an-object', '')]
  if (findings.length > 0) throw new ContractRefused(`The contract of ${channel} (encoding 'fields')`, findings)
  return { fields: fieldsOf(types), kindOfOther: (name) => kindOfOther(types, name) }
}

function fieldsOf({ declared, required, patterns }: FieldTypes): Field[] {
  return [...declared].map(([name, types]) => {
    const all = patterns.filter(({ pattern }) => pattern.test(name)).reduce((sum, match) => sum & match.types, types)
    return { name, kind: kindOf(all) ?? 'text', required: required.has(name), nullable: (all & TYPE.null) !== 0 }
  })
}

function kindOfOther({ patterns, others }: FieldTypes, name: string): Kind | undefined {
  const matching = patterns.filter(({ pattern }) => pattern.test(name))
  if (matching.length > 0) return kindOf(matching.reduce((sum, { types }) => sum & types, ~0))
  return others === undefined ? undefined : kindOf(others)
}

function checkFields({ declared, required, patterns, others }: FieldTypes, headers: Headers): Finding[] {
  const named = [...declared].flatMap(([name, types]) => [
    ...(kindOf(types) ? [] : [mixed(pointerTo('', name), types)]),
    ...(types & TYPE.null && !required.has(name)
      ? [finding('contract.optional-and-nullable', pointerTo('', name))]
      : []),
    ...(headers !== 'off' && isReserved(name) ? [finding('contract.reserved-name', pointerTo('', name))] : []),
  ])
  const matched = patterns.flatMap(({ types, pointer }) => [
    ...(kindOf(types) ? [] : [mixed(pointer, types)]),
    ...(types & TYPE.null ? [finding('contract.optional-and-nullable', pointer)] : []),
  ])
  const rest =
    others === undefined || isOpen({ others }) ? [] : kindOf(others) ? [] : [mixed('/additionalProperties', others)]
  return [...named, ...matched, ...rest]
}

function checkWriter(root: Target, schema: Schema, types: FieldTypes): Finding[] {
  const isAlwaysThere = (name: string) => ((types.declared.get(name) ?? 0) & TYPE.null) === 0
  return [
    ...(isNeverEmpty(root, schema, isAlwaysThere) ? [] : [finding('contract.could-be-empty', '')]),
    ...(isOpen(types) ? [finding('contract.open', '')] : []),
  ]
}

/** Whether every branch requires some field that is never null. */
function isNeverEmpty(at: Target, schema: Schema, isAlwaysThere: (name: string) => boolean): boolean {
  const required = typeof at.schema === 'object' && Array.isArray(at.schema.required) ? at.schema.required : []
  if (required.some((name) => isAlwaysThere(String(name)))) return true
  const conditions = conditionsOf(at, schema.references)
  return conditions.some((alternatives) => alternatives.every((branch) => isNeverEmpty(branch, schema, isAlwaysThere)))
}

function mixed(at: string, types: number): Finding {
  return { ...finding('contract.mixed-kinds', at), reader: { pointer: at, value: [...new Set(typeNames(types))] } }
}

function finding(code: FindingCode, at: string): Finding {
  return { code, at }
}
