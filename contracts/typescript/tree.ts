/** A TypeScript type before it is text. */
export type Type =
  /** A name, a literal or one of TypeScript's own types, as it is written. */
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'union' | 'both'; readonly types: readonly Type[] }
  | { readonly kind: 'list'; readonly item: Type }
  | { readonly kind: 'tuple'; readonly items: readonly Element[]; readonly rest?: Type }
  | ObjectType

export type Element = { readonly type: Type; readonly isOptional: boolean }

export type ObjectType = {
  readonly kind: 'object'
  readonly members: readonly Member[]
  /** What stands under every other name. */
  readonly others?: Type
  /**
   * Open, and without a member that must be there. TypeScript refuses a value for such a type when they have no member in
   * common, unless it has an index signature.
   */
  readonly isLoose?: true
}

export type Member = Element & { readonly name: string; readonly comment: readonly string[] }

export const UNKNOWN = word('unknown')
export const NEVER = word('never')

export function word(text: string): Type & { readonly kind: 'word' } {
  return { kind: 'word', text }
}

/** One of several types, each told once. */
export function unionOf(types: readonly Type[]): Type {
  const flat = distinct(types.flatMap((type) => (type.kind === 'union' ? type.types : [type])))
  if (flat.some((type) => isWord(type, 'unknown'))) return UNKNOWN
  const possible = flat.filter((type) => !isWord(type, 'never'))
  const [only = NEVER] = possible
  return possible.length > 1 ? { kind: 'union', types: possible } : only
}

/** All of several types at once. */
export function bothOf(types: readonly Type[]): Type {
  const flat = distinct(types.flatMap((type) => (type.kind === 'both' ? type.types : [type])))
  if (flat.some((type) => isWord(type, 'never'))) return NEVER
  const telling = tightened(flat.filter((type) => !isWord(type, 'unknown')))
  const [only = UNKNOWN] = telling
  return telling.length > 1 ? { kind: 'both', types: telling } : only
}

/** Beside a member that must be there, no part of the whole needs to be loose. */
function tightened(types: readonly Type[]): readonly Type[] {
  const isHeld = types.some((type) => type.kind === 'object' && type.members.some(({ isOptional }) => !isOptional))
  if (!isHeld) return types
  return types.map((type) =>
    type.kind === 'object' && type.isLoose ? { kind: type.kind, members: type.members } : type,
  )
}

function isWord(type: Type, text: string): boolean {
  return type.kind === 'word' && type.text === text
}

/** Types that are more than a word are not compared: that would cost more than telling them twice. */
function distinct(types: readonly Type[]): Type[] {
  const seen = new Set<string>()
  return types.filter((type) => {
    if (type.kind !== 'word') return true
    const isNew = !seen.has(type.text)
    seen.add(type.text)
    return isNew
  })
}
