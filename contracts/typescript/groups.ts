import { ANY_TYPE, TYPE } from '../schema/types.ts'
import { type Type, UNKNOWN, unionOf, word } from './tree.ts'

/** JSON's types as TypeScript tells them apart; each is translated by itself. */
export type Group = 'string' | 'number' | 'boolean' | 'array' | 'object' | 'null'

const BITS: { readonly [group in Group]: number } = {
  string: TYPE.string,
  number: TYPE.integer | TYPE.fraction,
  boolean: TYPE.boolean,
  array: TYPE.array,
  object: TYPE.object,
  null: TYPE.null,
}

const WHOLE: { readonly [group in Group]: Type } = {
  string: word('string'),
  number: word('number'),
  boolean: word('boolean'),
  array: { kind: 'list', item: UNKNOWN },
  object: { kind: 'object', members: [], others: UNKNOWN },
  null: word('null'),
}

/** The groups of a set of types, in the order in which they are told. */
export function groupsIn(types: number): Group[] {
  return (Object.keys(BITS) as Group[]).filter((group) => (BITS[group] & types) !== 0)
}

/** Whether nothing of the types lies outside the group. */
export function isWithin(types: number, group: Group): boolean {
  return (types & ~BITS[group]) === 0
}

export function bitsOf(group: Group): number {
  return BITS[group]
}

/** All values of a group. */
export function wholeOf(group: Group): Type {
  return WHOLE[group]
}

/** All values of some types. */
export function valuesOf(types: number): Type {
  return types === ANY_TYPE ? UNKNOWN : unionOf(groupsIn(types).map(wholeOf))
}
