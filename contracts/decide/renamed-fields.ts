import type { Schema } from '../schema/read.ts'
import { BeyondEngine } from './accepts.ts'
import type { Node } from './node.ts'
import { intern, preparePair } from './prepare.ts'
import { likelyRenames } from './rename.ts'
import { changed, routesFrom } from './routes.ts'
import { createSearch, SearchEnded } from './search.ts'

type Names = { readonly removed: readonly string[]; readonly added: readonly string[] }

const MOST_STEPS = 5_000
const MOST_NAMES = 20

/** Fields of one object that are likely to have been renamed: the new names, each with the old one. */
export function renamesBetween(
  older: Schema,
  newer: Schema,
  [from, to]: readonly [older: string, newer: string],
  { removed, added }: Names,
): Map<string, string> {
  const renames = new Map<string, string>()
  if (removed.length === 0 || added.length > MOST_NAMES || removed.length > MOST_NAMES) return renames
  const [writer, reader] = preparePair(older.root, newer.root)
  const before = writer.prepared && nodeAt(writer.prepared.node, from)
  const after = reader.prepared && nodeAt(reader.prepared.node, to)
  if (!before || !after) return renames
  for (const name of added) {
    const old = renameOf(before, after, name, removed)
    if (old !== undefined && ![...renames.values()].includes(old)) renames.set(name, old)
  }
  return renames
}

function nodeAt(root: Node, pointer: string): Node | undefined {
  const search = createSearch({ steps: 0, intern })
  for (const { node } of routesFrom(root, { ...search, find: () => 'none' })) if (node.pointer === pointer) return node
  return undefined
}

/** Whether the object would be the same under another name of one field, all other changes left aside. */
function renameOf(before: Node, after: Node, to: string, removed: readonly string[]): string | undefined {
  const search = createSearch({ steps: MOST_STEPS, intern })
  try {
    const suggestion = likelyRenames([before], [reading(before, after, to, removed)], to, search)
    return suggestion && 'rename' in suggestion ? suggestion.rename.from : undefined
  } catch (error) {
    if (error instanceof SearchEnded || error instanceof BeyondEngine) return undefined
    throw error
  }
}

function reading(before: Node, after: Node, to: string, removed: readonly string[]): Node {
  const { object } = before
  const gone = new Set(removed)
  const field = after.object.properties.get(to)
  const kept = [...object.properties].filter(([name]) => !gone.has(name))
  const required = object.required.filter((name) => !gone.has(name))
  const properties = new Map(field ? [...kept, [to, field] as const] : kept)
  const isRequired = after.object.required.includes(to)
  return changed(before, `reading ${after.id} ${to} ${JSON.stringify(removed)}`, {
    object: { ...object, properties, required: isRequired ? [...required, to] : required, additional: undefined },
  })
}
