import { isObject, type Json } from '../json.ts'
import type { JsonSchema } from '../schema/keywords.ts'
import { ANY_TYPE, TYPE } from '../schema/types.ts'
import { listOf, textOf } from './edges.ts'
import { exactNode } from './exact.ts'
import { isNever, type Node } from './node.ts'
import { intern } from './prepare.ts'
import { ANYTHING, ask, both, changed } from './routes.ts'

/** A keyword that a message can break, and the node without it. */
export type Breach = {
  readonly keyword: string
  /** The member of which the keyword speaks, where it is one. */
  readonly name?: string
  readonly without: Node
  /** What a breaking value is rather than anything: a mistake that people make. */
  readonly prefer: readonly Node[]
}

/** Each keyword of a node by itself. What is said inside of it belongs to other nodes. */
export function breachesOf(node: Node): Breach[] {
  if (node.raw === true) return []
  if (node.raw === false) return [{ keyword: 'false', without: ANYTHING, prefer: [] }]
  return [
    ...ofObjects(node),
    ...ofValues(node),
    ...ofNumbers(node),
    ...ofStrings(node),
    ...ofArrays(node),
    ...ofUnions(node),
  ]
}

const MANY = Number.POSITIVE_INFINITY

function breach(node: Node, keyword: string, changes: Partial<Node>, name?: string): Breach {
  const loose = { candidates: undefined, possible: changes.types ?? node.types, ...changes }
  const without = changed(node, `without ${keyword} ${name ?? ''}`, loose)
  return {
    keyword,
    without,
    prefer: [ask(`type ${node.possible}`, { types: node.possible })],
    ...(name === undefined ? {} : { name }),
  }
}

function ofValues(node: Node): Breach[] {
  const { types, values, raw } = node
  const breaches: Breach[] = []
  // a number where text is wanted, and text for everything else
  const confused = [constant(types & TYPE.string ? 12 : 'text')]
  if (types !== ANY_TYPE) breaches.push({ ...breach(node, 'type', { types: ANY_TYPE }), prefer: confused })
  if (values)
    breaches.push(
      unlisted(breach(node, written(raw, 'const', 'enum'), { values: undefined, scalars: new Set(), structures: [] })),
    )
  return breaches
}

/** Of a list of texts, rather another text than none. */
function unlisted(one: Breach): Breach {
  return { ...one, prefer: [...one.prefer.map((type) => both(type, constant('another'))), ...one.prefer] }
}

function constant(value: Json): Node {
  return exactNode(value, intern)
}

function ofNumbers(node: Node): Breach[] {
  const { number, raw } = node
  const { minimum, isMinimumOpen, maximum, isMaximumOpen, multipleOf } = number
  const without = (keyword: string, part: Partial<Node['number']>, near: readonly number[]) =>
    nearer(breach(node, keyword, { number: { ...number, ...part } }), near)
  const breaches: Breach[] = []
  if (minimum > -MANY) {
    const keyword = isMinimumOpen ? 'exclusiveMinimum' : written(raw, 'minimum', 'format')
    const near = isMinimumOpen ? [minimum] : [minimum - (multipleOf ?? 1), minimum - 1]
    breaches.push(without(keyword, { minimum: -MANY, isMinimumOpen: false }, near))
  }
  if (maximum < MANY) {
    const keyword = isMaximumOpen ? 'exclusiveMaximum' : written(raw, 'maximum', 'format')
    const near = isMaximumOpen ? [maximum] : [maximum + (multipleOf ?? 1), maximum + 1]
    breaches.push(without(keyword, { maximum: MANY, isMaximumOpen: false }, near))
  }
  if (multipleOf !== undefined) {
    const near = [multipleOf / 2, multipleOf * 1.5, multipleOf + 1, multipleOf * 0.1]
    breaches.push(without(written(raw, 'multipleOf', 'format'), { multipleOf: undefined }, near))
  }
  return breaches
}

/** Rather a short number right beside what is allowed than any. */
function nearer(one: Breach, values: readonly number[]): Breach {
  const near = values.filter(Number.isFinite).map((value) => constant(Number(value.toPrecision(15)) + 0))
  return { ...one, prefer: [...near, ...one.prefer] }
}

function ofStrings(node: Node): Breach[] {
  const { minLength, maxLength, pattern, format } = node.string
  const without = (keyword: string, part: Partial<Node['string']>) =>
    breach(node, keyword, { string: { ...node.string, ...part } })
  return [
    ...(minLength > 0 ? [rather(without('minLength', { minLength: 0 }), textOf(minLength - 1))] : []),
    ...(maxLength < MANY ? [without('maxLength', { maxLength: MANY })] : []),
    ...(pattern === undefined ? [] : [without('pattern', { pattern: undefined })]),
    ...(format === undefined ? [] : [without('format', { format: undefined })]),
  ]
}

function rather(one: Breach, near: Node): Breach {
  return { ...one, prefer: [near, ...one.prefer] }
}

function ofArrays(node: Node): Breach[] {
  const { array, raw } = node
  const { contains, rest } = array
  const without = (keyword: string, part: Partial<Node['array']>) =>
    breach(node, keyword, { array: { ...array, ...part } })
  const closing = isObject(raw) && raw.items === false ? 'items' : written(raw, 'additionalItems', 'unevaluatedItems')
  return [
    ...(array.minItems > 0 ? [rather(without('minItems', { minItems: 0 }), listOf(array.minItems - 1))] : []),
    ...(array.maxItems < MANY ? [without('maxItems', { maxItems: MANY })] : []),
    ...(array.isUnique ? [without('uniqueItems', { isUnique: false })] : []),
    ...(rest && isNever(rest) ? [without(closing, { rest: undefined })] : []),
    ...(contains && contains.min > 0
      ? [without(written(raw, 'minContains', 'contains'), { contains: { ...contains, min: 0 } })]
      : []),
    ...(contains && contains.max < MANY ? [without('maxContains', { contains: { ...contains, max: MANY } })] : []),
  ]
}

function ofObjects(node: Node): Breach[] {
  const { object, raw } = node
  const without = (keyword: string, part: Partial<Node['object']>, name?: string) =>
    breach(node, keyword, { object: { ...object, ...part } }, name)
  const missing = object.required.map((name) =>
    without('required', { required: object.required.filter((other) => other !== name) }, name),
  )
  const dependent = object.dependentRequired.map(([name], i) =>
    without(
      written(raw, 'dependentRequired', 'dependencies'),
      { dependentRequired: object.dependentRequired.filter((_, j) => i !== j) },
      name,
    ),
  )
  return [
    ...missing,
    ...dependent,
    ...(object.additional && isNever(object.additional)
      ? [
          {
            ...without(written(raw, 'additionalProperties', 'unevaluatedProperties'), { additional: undefined }),
            prefer: [undeclared()],
          },
        ]
      : []),
    ...(object.propertyNames ? [without('propertyNames', { propertyNames: undefined })] : []),
    ...(object.minProperties > 0 ? [without('minProperties', { minProperties: 0 })] : []),
    ...(object.maxProperties < MANY ? [without('maxProperties', { maxProperties: MANY })] : []),
  ]
}

const UNDECLARED_NAME = 'undeclared'

/** An object that has a member which nobody is likely to have declared. */
function undeclared(): Node {
  return ask('undeclared', {
    types: TYPE.object,
    object: { required: [UNDECLARED_NAME], properties: new Map([[UNDECLARED_NAME, constant(true)]]) },
  })
}

function ofUnions(node: Node): Breach[] {
  return [
    ...(node.anyOf ? [unlisted(breach(node, 'anyOf', { anyOf: undefined }))] : []),
    ...(node.oneOf ? [unlisted(breach(node, 'oneOf', { oneOf: undefined }))] : []),
    ...(node.not ? [breach(node, 'not', { not: undefined })] : []),
  ]
}

/** Of two keywords that come to the same part of a node, the one that is written. */
function written(raw: JsonSchema, keyword: string, other: string): string {
  return isObject(raw) && keyword in raw ? keyword : other
}
