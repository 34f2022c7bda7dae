import { isObject } from '../json.ts'
import type { References, Target } from '../schema/references.ts'
import { conditionsOf } from '../schema/types.ts'
import type { Group } from './groups.ts'
import { valuesIn } from './values.ts'

/** Intersections of unions multiply; what would go beyond this is left out, which makes the type wider. */
const MOST_COMBINATIONS = 1_000
const UNCOUNTED = 1e9

/** Of the conditions on one value, those whose combinations TypeScript can bear. */
export type Bearable = (conditions: readonly Target[][], group: Group) => Target[][]

/** `isPossible` says whether a schema has values in a group at all. */
export function createBearable(
  references: References,
  isPossible: (target: Target, group: Group) => boolean,
): Bearable {
  const known = new Map<string, number>()
  const widthOf = (target: Target, group: Group): number => {
    const key = `${group} ${target.pointer}`
    const width = known.get(key) ?? computeWidth(target, group)
    known.set(key, width)
    return width
  }
  /** How many members the union of a schema's values in one group has. */
  const computeWidth = (target: Target, group: Group): number => {
    if (!isPossible(target, group)) return 0
    const values = isObject(target.schema) ? (valuesIn(target.schema) ?? []) : []
    const factors = conditionsOf(target, references).map((alternatives) => widthOfAny(alternatives, group))
    return Math.min(
      UNCOUNTED,
      [values.length, ...factors].reduce((product, factor) => product * Math.max(1, factor), 1),
    )
  }
  const widthOfAny = (alternatives: readonly Target[], group: Group): number =>
    alternatives.reduce((sum, branch) => sum + widthOf(branch, group), 0)

  return (conditions, group) => {
    let combinations = 1
    return conditions.filter((alternatives) => {
      const width = Math.max(1, widthOfAny(alternatives, group))
      const isBearable = combinations === 1 || combinations * width <= Math.max(combinations, MOST_COMBINATIONS)
      if (isBearable) combinations *= width
      return isBearable
    })
  }
}
