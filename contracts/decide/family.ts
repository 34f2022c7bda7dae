import type { Json } from '../json.ts'
import type { Node } from './node.ts'
import type { UnknownReason } from './verdict.ts'

/** What a search for a value found: one, the proof that there is none, or neither. */
export type Found = { readonly value: Json } | 'none' | { readonly unknown: UnknownReason }

/** What is asked for: a value that some nodes accept and others refuse. */
export type Goal = { readonly met: readonly Node[]; readonly refused: readonly Node[] }

/** A node that must accept the value, or must refuse it. */
export type Literal = { readonly node: Node; readonly isMet: boolean }

/** One way to go on: more literals about the same value, and more for its cell. `enter` is false where they contradict. */
export type Branch<Cell> = {
  readonly literals: readonly Literal[]
  readonly enter?: (cell: Cell) => boolean
  /** Cheap proof that this way leads nowhere, before it is gone. */
  readonly isDead?: (cell: Cell, search: Search) => boolean
}

/**
 * All that is known of a value of one type is gathered in a cell: bounds of a number, members of an object. A family knows
 * its cell: how a schema that must be met narrows it, in which ways a schema can be refused, and which value fits it.
 */
export type Family<Cell> = {
  readonly create: (types: number) => Cell
  readonly copy: (cell: Cell) => Cell
  /** Narrows the cell to what the node's own keywords accept; false where nothing is left. */
  readonly meet: (node: Node, cell: Cell) => boolean
  /** Choices that come with meeting the node: of each list, one branch must be gone. */
  readonly choices: (node: Node) => readonly (readonly Branch<Cell>[])[]
  /** The ways to break one of the node's own keywords. */
  readonly refuse: (node: Node) => readonly Branch<Cell>[]
  /** Whether cell and node obviously have no value in common. May say false for want of a proof. */
  readonly isDisjoint: (cell: Cell, node: Node) => boolean
  /** A value that fits the cell. */
  readonly build: (cell: Cell, search: Search) => Found
}

/** What a family may ask of the search, for the parts of its values. */
export type Search = {
  readonly find: (met: readonly Node[], refused: readonly Node[]) => Found
  /** Nodes made for a question: exactly this value; a text that matches a pattern. */
  readonly constant: (value: Json) => Node
  readonly matching: (pattern: string) => Node
  readonly tick: () => void
}

export function isFound(found: Found): found is { readonly value: Json } {
  return typeof found === 'object' && 'value' in found
}
