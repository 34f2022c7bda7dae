import type { Json } from '../json.ts'
import { typeOf } from '../schema/types.ts'
import { accepts, BeyondEngine } from './accepts.ts'
import type { Found, Goal, Search } from './family.ts'
import type { UnknownReason } from './verdict.ts'

/** The first of some values that answers a goal; the goal is known to have no others. */
export function fromList(goal: Goal, values: readonly Json[], types: number, search: Search): Found {
  for (const value of values) {
    if ((typeOf(value) & types) === 0) continue
    search.tick()
    const judged = judge(goal, value)
    if (judged === true) return { value }
    if (judged !== false) return judged
  }
  return 'none'
}

/** Whether a value answers a goal. */
export function judge({ met, refused }: Goal, value: Json): boolean | { readonly unknown: UnknownReason } {
  try {
    return met.every((node) => accepts(node, value)) && !refused.some((node) => accepts(node, value))
  } catch (error) {
    if (error instanceof BeyondEngine) return { unknown: 'beyond-engine' }
    throw error
  }
}
