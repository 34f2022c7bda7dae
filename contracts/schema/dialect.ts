import { isObject, type Json } from '../json.ts'

/** `typebox` is the untagged default: 2019-09 with list-form `items`, as TypeBox writes tuples. */
export type Dialect = 'draft-07' | '2019-09' | '2020-12' | 'typebox'

const BY_URI: { readonly [uri: string]: Dialect } = {
  'json-schema.org/draft-07/schema': 'draft-07',
  'json-schema.org/draft/2019-09/schema': '2019-09',
  'json-schema.org/draft/2020-12/schema': '2020-12',
}

/** The dialect that a document declares in `$schema`, or undefined where it names one that is not supported. */
export function dialectOf(schema: Json): Dialect | undefined {
  const declared = isObject(schema) ? schema.$schema : undefined
  if (declared === undefined) return 'typebox'
  if (typeof declared !== 'string') return undefined
  const key = declared.replace(/^https?:\/\//, '').replace(/#$/, '')
  return Object.hasOwn(BY_URI, key) ? BY_URI[key] : undefined
}

const SINCE_2019 = [
  'dependentRequired',
  'dependentSchemas',
  'unevaluatedProperties',
  'unevaluatedItems',
  'minContains',
  'maxContains',
  '$recursiveRef',
]

/** Keywords that mean something in another dialect and nothing in this one. */
export const FOREIGN_KEYWORDS: { readonly [dialect in Dialect]: ReadonlySet<string> } = {
  'draft-07': new Set([...SINCE_2019, 'prefixItems', '$dynamicRef']),
  '2019-09': new Set(['prefixItems', '$dynamicRef']),
  '2020-12': new Set(['additionalItems', '$recursiveRef']),
  typebox: new Set(['prefixItems', '$dynamicRef']),
}
