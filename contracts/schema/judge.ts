import { _, Ajv, type CodeKeywordDefinition, type Options, type ValidateFunction } from 'ajv'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { Dialect } from './dialect.ts'
import { type JsonSchema, mapSubschemas } from './keywords.ts'
import { mentionsNullable, nullableAsType } from './nullable.ts'

const OPTIONS: Options = {
  strict: false,
  validateSchema: false,
  allErrors: true,
  ownProperties: true,
  logger: false,
  // 19.99 is a multiple of 0.01 although floating point says otherwise
  multipleOfPrecision: 10,
}

/** A new ajv for one schema: instances are not shared, since an `$id` may stand only once in each and nothing leaves it again. */
export function createAjv(dialect: Dialect, options: Options = {}): Ajv {
  const settings = { ...OPTIONS, ...options }
  const ajv =
    dialect === '2020-12' ? new Ajv2020(settings) : dialect === 'draft-07' ? new Ajv(settings) : new Ajv2019(settings)
  addFormats.default(ajv)
  return ajv
}

/** Compiles a schema, or what stands in it at a pointer. */
export function compileWithAjv(schema: Judged, options: Options = {}, pointer = ''): ValidateFunction {
  const { dialect, canonical } = schema
  const counted = canonical.includes('"contains":') ? withLeastItems(schema.root) : schema.root
  const root = mentionsNullable(canonical) ? nullableAsType(counted) : counted
  // ajv takes ten times as long to optimise the code of a large schema as to write it
  const isLarge = canonical.length > LARGE
  const ajv = createAjv(dialect, isLarge ? { ...options, code: { optimize: false }, inlineRefs: false } : options)
  // keeping account of what was evaluated is slow, and ajv errs in it at times: only for schemas that ask for it
  ajv.opts.unevaluated = /"unevaluated(?:Items|Properties)":/.test(canonical)
  if (canonical.includes('"unevaluatedItems":')) countEvaluatedItems(ajv)
  if (pointer === '' || typeof root === 'boolean') return ajv.compile(root)
  const found = ajv.addSchema(root, 'root').getSchema(`root#${pointer.split('/').map(encodeURIComponent).join('/')}`)
  if (found === undefined) throw new Error(`Nothing stands at ${pointer} of the schema ${canonical.slice(0, 200)}`)
  return found
}
const LARGE = 5_000

/**
 * `contains` asks for an item at least, so saying it changes nothing; but ajv 8.20 forgets it for an empty list that comes
 * after a good one, as the second list of `[["a"], []]` does.
 */
function withLeastItems(schema: JsonSchema): JsonSchema {
  if (typeof schema === 'boolean') return schema
  const copy = mapSubschemas(schema, withLeastItems)
  const isNeeded = 'contains' in schema && !('minContains' in schema) && (schema.minItems ?? 0) === 0
  return isNeeded ? { ...copy, minItems: 1 } : copy
}

/**
 * What a recursive reference has evaluated is known when the message is there: a number of items, `true` for all, or
 * nothing; ajv 8.20 compares it with the length as it is, so that two items are more than all of them.
 */
function countEvaluatedItems(ajv: Ajv): void {
  const known = ajv.getKeyword('unevaluatedItems') as CodeKeywordDefinition
  ajv.removeKeyword('unevaluatedItems').addKeyword({
    ...known,
    keyword: 'unevaluatedItems',
    code(context, ruleType) {
      const { gen, it } = context
      const { items } = it
      if (typeof items === 'object') it.items = gen.const('count', _`${items} === true ? Infinity : ${items} || 0`)
      known.code(context, ruleType)
    },
  })
}

type Judged = { readonly root: JsonSchema; readonly dialect: Dialect; readonly canonical: string }

const META_SCHEMAS: { readonly [dialect in Dialect]: string } = {
  'draft-07': 'http://json-schema.org/draft-07/schema',
  '2019-09': 'https://json-schema.org/draft/2019-09/schema',
  '2020-12': 'https://json-schema.org/draft/2020-12/schema',
  typebox: 'https://json-schema.org/draft/2019-09/schema',
}
const metaSchemas = new Map<Dialect, ValidateFunction>()

/** The dialect's own schema of schemas, compiled on first use. */
export function metaSchemaOf(dialect: Dialect): ValidateFunction {
  let found = metaSchemas.get(dialect)
  if (found === undefined) {
    found = createAjv(dialect, { allErrors: false, validateFormats: false }).getSchema(META_SCHEMAS[dialect])
    if (found === undefined) throw new Error(`ajv does not know the schema of ${dialect}`)
    metaSchemas.set(dialect, found)
  }
  return found
}
