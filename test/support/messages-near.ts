import { isObject, type Json, type JsonObject } from '../../contracts/json.ts'
import { type JsonSchema, subschemasOf } from '../../contracts/schema/keywords.ts'
import { readSchema } from '../../contracts/schema/read.ts'
import { type Random, seededRandom } from './random.ts'
import { samplePattern } from './sample-pattern.ts'

/**
 * Messages near a schema: walked from its keywords, so that many keep it, and strewn with its borders and with what
 * another schema, say its reader's, speaks of, so that many stand where the two part. The same seed gives the same list.
 */
export function messagesNear(schema: JsonSchema, other: JsonSchema, seed: number, count: number): Json[] {
  const random = seededRandom(seed)
  const targets = targetsIn(schema)
  const hints = hintsIn([schema, other])
  return Array.from({ length: count }, () => near([schema], { random, targets, hints, left: 150 }, 0))
}

type Hints = {
  readonly names: readonly string[]
  readonly values: readonly Json[]
  readonly numbers: readonly number[]
}
type Walk = {
  readonly random: Random
  readonly targets: ReadonlyMap<JsonSchema, JsonSchema>
  readonly hints: Hints
  /** How many values may still be made with care; it keeps recursion and wide schemas short. */
  left: number
}

/** Where a schema asks twice about each part of a value, ajv takes twice as long for each level. */
const DEEPEST = 6

const TYPES = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'] as const
type Type = (typeof TYPES)[number]

/** Where the references of a document lead, by the schema in which each stands. */
function targetsIn(schema: JsonSchema): Map<JsonSchema, JsonSchema> {
  const { schema: read } = readSchema(schema)
  const targets = new Map<JsonSchema, JsonSchema>()
  if (read === undefined) return targets
  // read makes a copy, and messages are walked over the original: pairs of places at equal pointers
  const originals = new Map<string, JsonSchema>()
  index(schema, '', originals)
  for (const { schema: place, pointer } of read.references.places) {
    const ref = isObject(place) ? (place.$ref ?? place.$dynamicRef ?? place.$recursiveRef) : undefined
    const target = typeof ref === 'string' ? read.references.follow(ref, pointer) : undefined
    const [from, to] = [originals.get(pointer), target && (originals.get(target.pointer) ?? target.schema)]
    if (from !== undefined && to !== undefined) targets.set(from, to)
  }
  return targets
}

function index(schema: JsonSchema, pointer: string, originals: Map<string, JsonSchema>): void {
  originals.set(pointer, schema)
  for (const child of subschemasOf(schema, pointer)) index(child.schema, child.pointer, originals)
}

function hintsIn(schemas: readonly JsonSchema[]): Hints {
  const names = new Set(['a', 'b', 'zz'])
  const values: Json[] = []
  const numbers = new Set([0, 1])
  const visit = (value: Json): void => {
    if (Array.isArray(value)) for (const item of value) visit(item as Json)
    if (!isObject(value)) return
    for (const keyword of ['properties', 'dependentRequired', 'dependentSchemas', 'dependencies'])
      if (isObject(value[keyword])) for (const name of Object.keys(value[keyword])) names.add(name)
    if (Array.isArray(value.required)) for (const name of value.required) names.add(String(name))
    if ('const' in value) values.push(value.const ?? null)
    if (Array.isArray(value.enum)) values.push(...value.enum.slice(0, 20))
    for (const member of Object.values(value)) {
      if (typeof member === 'number') numbers.add(member)
      visit(member)
    }
  }
  for (const schema of schemas) visit(schema)
  return { names: [...names], values, numbers: [...numbers] }
}

/** A value near all of these schemas at once. */
function near(schemas: readonly JsonSchema[], walk: Walk, depth: number): Json {
  const { random } = walk
  if (walk.left-- <= 0 || depth > DEEPEST || random.isHit(0.02)) return anything(walk, depth)
  const atoms: JsonObject[] = []
  gather(schemas, walk, atoms, 0)
  const literals = literalsOf(atoms)
  if (literals !== undefined && literals.length > 0 && random.isHit(0.96)) return random.pick(literals)
  switch (random.pick(typesOf(atoms))) {
    case 'null':
      return null
    case 'boolean':
      return random.isHit(0.5)
    case 'integer':
      return numberNear(atoms, walk, true)
    case 'number':
      return numberNear(atoms, walk, random.isHit(0.4))
    case 'string':
      return textNear(atoms, walk)
    case 'array':
      return listNear(atoms, walk, depth)
    case 'object':
      return objectNear(atoms, walk, depth)
  }
}

/** All that is demanded of one value, one alternative chosen of each union. */
function gather(schemas: readonly JsonSchema[], walk: Walk, atoms: JsonObject[], depth: number): void {
  const { random, targets } = walk
  for (const schema of schemas) {
    if (!isObject(schema) || atoms.length > 60 || depth > 30) continue
    atoms.push(schema)
    const more = [...schemasOf(schema.allOf)]
    const target = targets.get(schema)
    if (target !== undefined) more.push(target)
    for (const branches of [schemasOf(schema.anyOf), schemasOf(schema.oneOf)])
      if (branches.length > 0) more.push(random.pick(branches))
    if (schema.if !== undefined) {
      const arm = random.isHit(0.5)
        ? [schema.if, schema.then]
        : [schema.else, isObject(schema.if) ? schema.if.not : undefined]
      more.push(...arm.filter(isSchema))
    }
    if (isSchema(schema.not) && random.isHit(0.1)) more.push(schema.not)
    for (const dependent of [schema.dependentSchemas, schema.dependencies])
      if (isObject(dependent) && random.isHit(0.7)) more.push(...Object.values(dependent).filter(isSchema))
    gather(more, walk, atoms, depth + 1)
  }
}

function literalsOf(atoms: readonly JsonObject[]): readonly Json[] | undefined {
  const lists = atoms.flatMap((atom): (readonly Json[])[] => [
    ...('const' in atom ? [[atom.const ?? null]] : []),
    ...(Array.isArray(atom.enum) ? [atom.enum as readonly Json[]] : []),
  ])
  const [first, ...rest] = lists
  if (first === undefined) return undefined
  const texts = rest.map((list) => new Set(list.map((value) => JSON.stringify(value))))
  const common = first.filter((value) => texts.every((set) => set.has(JSON.stringify(value))))
  return common.length > 0 ? common : first
}

const SPEAKS_OF: { readonly [keyword: string]: Type } = {
  minimum: 'number',
  maximum: 'number',
  exclusiveMinimum: 'number',
  exclusiveMaximum: 'number',
  multipleOf: 'number',
  minLength: 'string',
  maxLength: 'string',
  pattern: 'string',
  format: 'string',
  items: 'array',
  prefixItems: 'array',
  contains: 'array',
  minItems: 'array',
  maxItems: 'array',
  uniqueItems: 'array',
  properties: 'object',
  required: 'object',
  additionalProperties: 'object',
  patternProperties: 'object',
  propertyNames: 'object',
  minProperties: 'object',
  maxProperties: 'object',
  dependentRequired: 'object',
}

function typesOf(atoms: readonly JsonObject[]): readonly Type[] {
  const declared = atoms.flatMap(({ type }) => (type === undefined ? [] : [[type].flat().map(String)]))
  const allowed = TYPES.filter((type) =>
    declared.every((list) => list.includes(type) || (type === 'integer' && list.includes('number'))),
  )
  const spoken = atoms.flatMap((atom) =>
    Object.keys(atom).flatMap((keyword) => (Object.hasOwn(SPEAKS_OF, keyword) ? [SPEAKS_OF[keyword] as Type] : [])),
  )
  const likely = spoken.filter((type) => allowed.includes(type))
  return allowed.length === 0 ? TYPES : [...allowed, ...likely, ...likely, ...likely]
}

function numberNear(atoms: readonly JsonObject[], { random, hints }: Walk, isWhole: boolean): number {
  const bounds = atoms.flatMap((atom) =>
    [atom.minimum, atom.maximum, atom.exclusiveMinimum, atom.exclusiveMaximum].filter((n) => typeof n === 'number'),
  )
  const steps = atoms.flatMap(({ multipleOf }) =>
    typeof multipleOf === 'number' && multipleOf > 0 ? [multipleOf] : [],
  )
  const step = steps.length > 0 ? Math.max(...steps) : isWhole ? 1 : 0.5
  const starts = [...bounds, ...bounds, random.pick(hints.numbers), 0, 3]
  const tries = Array.from({ length: 12 }, () => {
    const start = random.pick(starts) + step * random.pick([0, 0, 1, -1, 2, -2, 7])
    const aligned = steps.length > 0 ? exactly(Math.round(start / step) * step) : start
    return isWhole ? (Number.isInteger(aligned) ? aligned : Math.round(aligned)) : aligned
  })
  const fit = tries.filter((n) => atoms.every((atom) => isWithin(n, atom)))
  return fit.length > 0 && random.isHit(0.93) ? random.pick(fit) : random.pick(tries)
}

/** Without the noise of floating point: 3 * 0.1 as 0.3. */
function exactly(n: number): number {
  return Math.abs(n) < 1e9 ? Number(n.toFixed(9)) : n
}

function isWithin(n: number, { minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonObject): boolean {
  if (typeof minimum === 'number' && n < minimum) return false
  if (typeof maximum === 'number' && n > maximum) return false
  if (typeof exclusiveMinimum === 'number' && n <= exclusiveMinimum) return false
  return !(typeof exclusiveMaximum === 'number' && n >= exclusiveMaximum)
}

const FORMATS: { readonly [format: string]: readonly string[] } = {
  'date-time': ['2024-02-29T12:00:00Z', '2024-02-30T12:00:00Z'],
  date: ['2024-02-29', '2023-02-29'],
  time: ['12:00:00Z', '25:00:00Z'],
  uuid: ['00000000-0000-4000-8000-000000000000', 'ABCDEF01-0000-4000-8000-000000000000'],
  email: ['a@example.com', 'a@'],
  uri: ['https://example.com/a', 'http:'],
  ipv4: ['127.0.0.1', '256.0.0.1'],
  ipv6: ['::1', ':::'],
  hostname: ['example.com', '-'],
  'uri-reference': ['/a', '\\'],
  regex: ['^a$', '('],
}

function textNear(atoms: readonly JsonObject[], { random, hints }: Walk): string {
  const lengths = atoms.flatMap(({ minLength, maxLength }) =>
    [minLength, maxLength].filter((n) => typeof n === 'number'),
  )
  const made: string[] = ['', 'a', random.pick(hints.names)]
  for (const { pattern, format } of atoms) {
    if (typeof pattern === 'string') for (let i = 0; i < 4; i++) made.push(samplePattern(pattern, random))
    if (typeof format === 'string' && Object.hasOwn(FORMATS, format)) made.push(...(FORMATS[format] ?? []))
  }
  made.push(...hints.values.filter((value) => typeof value === 'string'))
  for (const length of lengths.filter((n) => n < 3000))
    for (const n of [length, length + 1, length - 1]) {
      made.push(random.pick(['a', 'b', '\u{1f600}']).repeat(Math.max(0, n)))
      made.push(stretched(random.pick(made), Math.max(0, n)))
    }
  const fit = made.filter((text) => atoms.every((atom) => isFit(text, atom)))
  return fit.length > 0 && random.isHit(0.95) ? random.pick(fit) : random.pick(made)
}

function stretched(text: string, length: number): string {
  return text.length > length ? text.slice(0, length) : text + (text.at(-1) ?? 'x').repeat(length - text.length)
}

function isFit(text: string, { minLength, maxLength, pattern, format }: JsonObject): boolean {
  const length = Array.from(text).length
  if (typeof minLength === 'number' && length < minLength) return false
  if (typeof maxLength === 'number' && length > maxLength) return false
  if (typeof format === 'string' && Object.hasOwn(FORMATS, format) && !FORMATS[format]?.slice(0, 1).includes(text))
    return false
  return typeof pattern !== 'string' || isMatch(pattern, text)
}

const expressions = new Map<string, RegExp | undefined>()

function isMatch(pattern: string, text: string): boolean {
  if (!expressions.has(pattern)) expressions.set(pattern, compiled(pattern))
  return expressions.get(pattern)?.test(text) ?? false
}

function compiled(pattern: string): RegExp | undefined {
  try {
    return RegExp(pattern, 'u')
  } catch {
    return undefined
  }
}

function listNear(atoms: readonly JsonObject[], walk: Walk, depth: number): Json[] {
  const { random } = walk
  const numbers = (keyword: string) => atoms.map((atom) => atom[keyword]).filter((n) => typeof n === 'number')
  const prefix = Math.max(0, ...atoms.map((atom) => prefixOf(atom).length))
  const least = Math.max(0, ...numbers('minItems'))
  const most = Math.min(12, ...numbers('maxItems'))
  const wanted = atoms.some(({ contains }) => contains !== undefined) ? Math.max(1, ...numbers('minContains')) : 0
  const lengths = [least, most, prefix, prefix + 1, least + 1, wanted, ...numbers('maxContains').map((n) => n + 1)]
  const fit = lengths.filter((n) => n >= least && n <= most)
  const length = Math.min(40, fit.length > 0 && random.isHit(0.95) ? random.pick(fit) : random.pick(lengths))
  const list: Json[] = []
  const isUnique = atoms.some(({ uniqueItems }) => uniqueItems === true) && random.isHit(0.95)
  for (let i = 0; i < length; i++) {
    const candidates = Array.from({ length: isUnique ? 4 : 1 }, () => near(itemsAt(atoms, i, random), walk, depth + 1))
    list.push(candidates.find((item) => !isUnique || !isAmong(item, list)) ?? null)
  }
  if (!isUnique && list.length > 1 && random.isHit(0.2)) list[list.length - 1] = list[0] as Json
  return list
}

function isAmong(item: Json, list: readonly Json[]): boolean {
  return list.some((other) => JSON.stringify(other) === JSON.stringify(item))
}

function prefixOf({ prefixItems, items }: JsonObject): JsonSchema[] {
  return schemasOf(Array.isArray(prefixItems) ? prefixItems : items)
}

function itemsAt(atoms: readonly JsonObject[], at: number, random: Random): JsonSchema[] {
  return atoms.flatMap((atom) => {
    const prefix = prefixOf(atom)
    const rest = Array.isArray(atom.items) ? atom.additionalItems : atom.items
    const contained = isSchema(atom.contains) && random.isHit(0.45) ? [atom.contains] : []
    return [...[prefix[at] ?? rest ?? atom.unevaluatedItems].filter(isSchema), ...contained]
  })
}

function objectNear(atoms: readonly JsonObject[], walk: Walk, depth: number): JsonObject {
  const { random } = walk
  const required = new Set(atoms.flatMap(({ required: names }) => (Array.isArray(names) ? names.map(String) : [])))
  const least = Math.max(0, ...atoms.map((atom) => atom.minProperties).filter((n) => typeof n === 'number'))
  const most = Math.min(40, ...atoms.map((atom) => atom.maxProperties).filter((n) => typeof n === 'number'))
  const names = new Set([...required].filter(() => random.isHit(0.98)))
  const optional = optionalNames(atoms, walk)
  const chance = random.pick([0.1, 0.5, 0.9])
  for (const name of optional) if (names.size < least || (names.size < most && random.isHit(chance))) names.add(name)
  addDependents(names, atoms)
  return Object.fromEntries(
    [...names].flatMap((name): [string, Json][] => {
      const schemas = membersAt(atoms, name)
      if (schemas.includes(false) && random.isHit(0.97)) return []
      return [[name, near(schemas, walk, depth + 1)]]
    }),
  )
}

function optionalNames(atoms: readonly JsonObject[], { random, hints }: Walk): string[] {
  const names: string[] = []
  for (const atom of atoms) {
    if (isObject(atom.properties)) names.push(...Object.keys(atom.properties).filter(() => random.isHit(0.9)))
    for (const pattern of isObject(atom.patternProperties) ? Object.keys(atom.patternProperties) : [])
      names.push(samplePattern(pattern, random), samplePattern(pattern, random))
    const words = isObject(atom.propertyNames) ? [atom.propertyNames.pattern] : []
    for (const word of words) if (typeof word === 'string') names.push(samplePattern(word, random))
  }
  const isClosed = atoms.some((atom) => atom.additionalProperties === false || atom.unevaluatedProperties === false)
  if (random.isHit(isClosed ? 0.05 : 0.5)) for (let i = 0; i < 3; i++) names.push(random.pick(hints.names))
  const allowed = names.filter((name) =>
    atoms.every(({ propertyNames }) => !isObject(propertyNames) || isFit(name, propertyNames)),
  )
  const isOrdered = random.isHit(0.5)
  return isOrdered ? allowed : allowed.toReversed()
}

function addDependents(names: Set<string>, atoms: readonly JsonObject[]): void {
  for (const { dependentRequired, dependencies } of atoms)
    for (const [name, needed] of Object.entries({
      ...(isObject(dependencies) ? dependencies : {}),
      ...(isObject(dependentRequired) ? dependentRequired : {}),
    }))
      if (names.has(name) && Array.isArray(needed)) for (const other of needed) names.add(String(other))
}

function membersAt(atoms: readonly JsonObject[], name: string): JsonSchema[] {
  return atoms.flatMap((atom) => {
    const named = isObject(atom.properties) && Object.hasOwn(atom.properties, name) ? [atom.properties[name]] : []
    const matched = Object.entries(isObject(atom.patternProperties) ? atom.patternProperties : {})
      .filter(([pattern]) => isMatch(pattern, name))
      .map(([, schema]) => schema)
    const own = [...named, ...matched]
    return (own.length > 0 ? own : [atom.additionalProperties]).filter(isSchema)
  })
}

function anything(walk: Walk, depth: number): Json {
  const { random, hints } = walk
  if (depth < 3 && random.isHit(0.2)) return { [random.pick(hints.names)]: anything(walk, depth + 1) }
  if (depth < 3 && random.isHit(0.1)) return [anything(walk, depth + 1)]
  return random.pick<Json>([...hints.values, ...hints.numbers, ...STRAY])
}

const STRAY: readonly Json[] = [null, true, false, 0, 1, -1, 0.5, 2, '', 'a', 'b', 'zz', [], {}, [1], { a: 1 }]

function schemasOf(value: Json | undefined): JsonSchema[] {
  return Array.isArray(value) ? value.filter(isSchema) : []
}

function isSchema(value: Json | undefined): value is JsonSchema {
  return typeof value === 'boolean' || isObject(value)
}
