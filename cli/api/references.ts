import { isObject } from '../../contracts/json.ts'
import { parseJson } from '../../contracts/schema/json-text.ts'
import { isSchemaShaped, type JsonSchema } from '../../contracts/schema/keywords.ts'
import { SCHEMA_LIMITS } from '../../contracts/schema/limits.ts'
import { Refused } from '../refused.ts'
import type { Api } from './client.ts'

type Version = { readonly subject: string; readonly version: number }
type Reference = Version & { readonly name: string }

const MOST_REFERENCES = 100

/** The schemas that a subject's version refers to, directly and through others, by the names that its references use. */
export async function documentsOf(api: Api, version: Version): Promise<{ readonly [name: string]: JsonSchema }> {
  const found = new Map<string, JsonSchema>()
  const open = [...(await ask(api, version)).references]
  for (let next = open.pop(); next; next = open.pop()) {
    if (found.has(next.name)) continue
    if (found.size >= MOST_REFERENCES) throw notUnderstood(api, `more than ${MOST_REFERENCES} references`)
    const { schema, references } = await ask(api, next)
    found.set(next.name, schema)
    open.push(...references)
  }
  return Object.fromEntries(found)
}

async function ask(
  api: Api,
  { subject, version }: Version,
): Promise<{ readonly schema: JsonSchema; readonly references: readonly Reference[] }> {
  const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}`
  const { schema, references = [] } = await api.get<Readonly<Record<string, unknown>>>(path, 'schema')
  const { value } = typeof schema === 'string' ? parseJson(schema, SCHEMA_LIMITS.depth) : {}
  if (!isSchemaShaped(value) || !Array.isArray(references) || !references.every(isReference))
    throw notUnderstood(api, 'something else than a version of a subject')
  return { schema: value, references }
}

function isReference(value: unknown): value is Reference {
  if (!isObject(value)) return false
  const { name, subject, version } = value
  return typeof name === 'string' && typeof subject === 'string' && typeof version === 'number'
}

function notUnderstood({ url }: Api, what: string): Refused {
  return new Refused('failed', 'registry.not-understood', `${url} answered with ${what}: check the address.`)
}
