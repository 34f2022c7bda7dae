import { isObject, stepsOf } from '../json.ts'
import type { Target } from '../schema/references.ts'

const LONGEST = 60

/** Gives each type a name of its own; the first who asks gets the name as it is. */
export function createNames(): (wish: string) => string {
  const taken = new Set<string>()
  const counts = new Map<string, number>()
  return (wish) => {
    const base = typeName(wish) ?? 'Unnamed'
    let name = base
    for (let i = counts.get(base) ?? 2; taken.has(name); i++) {
      name = `${base}${i}`
      counts.set(base, i)
    }
    taken.add(name)
    return name
  }
}

/** Words as the name of a type, in letters that need no table to be known; undefined where there are none. */
export function typeName(words: string): string | undefined {
  const plain = words.normalize('NFKD').replaceAll(/\p{Mn}/gu, '')
  const name = (plain.match(/[A-Za-z0-9]+/g) ?? [])
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')
    .slice(0, LONGEST)
  if (name === '') return undefined
  return /^\d/.test(name) ? `Type${name}` : name
}

/** What a schema that others refer to would be called: by its `$id`, or by the last name on the way to it. */
export function wishFor({ schema, pointer }: Target): string {
  const id = isObject(schema) && typeof schema.$id === 'string' ? schema.$id : ''
  const file = id.split(/[#?]/)[0]?.split('/').at(-1) ?? ''
  const steps = stepsOf(pointer).map((step) => step.replace(/^\d+$/, ''))
  return (
    [...steps, file.replace(/(?:\.schema)?(?:\.json)?$/, '')].findLast((name) => typeName(name) !== undefined) ?? ''
  )
}
