import { isObject } from '../json.ts'
import { canonicalJson } from '../schema/canonical.ts'
import type { JsonSchema } from '../schema/keywords.ts'

/** Which branch of one version is which of the other: by what they say, then by their tag, then as the last on both sides. */
export function matchBranches(before: readonly JsonSchema[], after: readonly JsonSchema[]): Map<number, number> {
  const matches = new Map<number, number>()
  const taken = new Set<number>()
  const match = (nameOf: (branch: JsonSchema) => string | undefined) => {
    for (const [i, branch] of before.entries()) {
      const name = matches.has(i) ? undefined : nameOf(branch)
      const j = after.findIndex((other, at) => name !== undefined && !taken.has(at) && nameOf(other) === name)
      if (j < 0) continue
      matches.set(i, j)
      taken.add(j)
    }
  }
  match(canonicalJson)
  match(tagOf)
  if (before.length - matches.size === 1 && after.length - taken.size === 1) match(() => 'the last')
  return matches
}

/** The fields of a branch that have one value. */
function tagOf(branch: JsonSchema): string | undefined {
  const fields = isObject(branch) ? Object.entries(isObject(branch.properties) ? branch.properties : {}) : []
  const tags = fields.flatMap(([name, schema]) =>
    isObject(schema) && 'const' in schema ? [[name, schema.const ?? null]] : [],
  )
  return tags.length > 0 ? canonicalJson(tags) : undefined
}
