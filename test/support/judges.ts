import type { Validator } from '@hyperjump/json-schema'
import { Ajv, type Options } from 'ajv'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { isObject, type Json, type JsonObject } from '../../contracts/json.ts'
import { dialectOf } from '../../contracts/schema/dialect.ts'
import type { JsonSchema } from '../../contracts/schema/keywords.ts'

/** Whether a message keeps a schema; `unsure` where the judge itself breaks. */
export type Judge = (message: Json) => boolean | 'unsure'

/** The first judge, ajv, set up by hand so that the product's own setting is judged too. */
export function ajvJudge(schema: JsonSchema): Judge {
  const options: Options = {
    strict: false,
    validateSchema: false,
    ownProperties: true,
    multipleOfPrecision: 10,
    logger: false,
    // of several errors the first is enough, but then ajv overlooks a missing name ""
    allErrors: JSON.stringify(schema).includes('""'),
  }
  const dialect = dialectOf(schema)
  const ajv =
    dialect === '2020-12' ? new Ajv2020(options) : dialect === 'draft-07' ? new Ajv(options) : new Ajv2019(options)
  addFormats.default(ajv)
  ajv.opts.unevaluated = /"unevaluated(?:Items|Properties)":/.test(JSON.stringify(schema))
  return guarded(() => {
    const accepts = ajv.compile(schema)
    return (message) => accepts(message)
  })
}

const DIALECTS = {
  'draft-07': 'http://json-schema.org/draft-07/schema',
  '2019-09': 'https://json-schema.org/draft/2019-09/schema',
  '2020-12': 'https://json-schema.org/draft/2020-12/schema',
  typebox: 'https://json-schema.org/draft/2019-09/schema',
} as const

let registered = 0
/** By name only, since it comes without types. */
const UNTYPED_FORMATS: string = '@hyperjump/json-schema/formats'

/** The second judge, @hyperjump/json-schema, for what ajv is known to get wrong. */
export async function hyperjumpJudge(schema: JsonSchema): Promise<Judge> {
  const uri = `https://judge.test/${registered++}`
  // loaded only when asked, since most runs never need it
  const [{ registerSchema, setShouldValidateFormat, unregisterSchema, validate }] = await Promise.all([
    import('@hyperjump/json-schema/draft-2019-09'),
    import('@hyperjump/json-schema/draft-2020-12'),
    import('@hyperjump/json-schema/draft-07'),
    import(UNTYPED_FORMATS),
  ])
  setShouldValidateFormat(true)
  try {
    const document = isObject(schema) ? withoutDialect(schema) : schema
    registerSchema(document as Parameters<typeof registerSchema>[0], uri, DIALECTS[dialectOf(schema) ?? 'typebox'])
    const accepts: Validator = await validate(uri)
    return guarded(() => (message) => accepts(message as Parameters<Validator>[0]).valid)
  } catch {
    return () => 'unsure'
  } finally {
    unregisterSchema(uri)
  }
}

function withoutDialect(schema: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => keyword !== '$schema'))
}

/** Where ajv is known to err: an empty list under `contains`, what was evaluated, dynamic references, draft-07 siblings of `$ref`. */
export function isHardForAjv(schema: JsonSchema): boolean {
  return /"(?:contains|unevaluated(?:Items|Properties)|\$dynamicRef|\$recursiveRef|__proto__)"|draft-07/.test(
    JSON.stringify(schema),
  )
}

function guarded(compile: () => (message: Json) => boolean): Judge {
  let compiled: ((message: Json) => boolean) | undefined
  let isBroken = false
  return (message) => {
    if (isBroken) return 'unsure'
    try {
      compiled ??= compile()
      return compiled(message)
    } catch {
      isBroken = compiled === undefined
      return 'unsure'
    }
  }
}
