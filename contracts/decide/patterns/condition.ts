/** A statement about words: what each leaf says, combined. */
export type Condition<Leaf> =
  | { readonly kind: 'leaf'; readonly leaf: Leaf }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition<Leaf>[] }
  | { readonly kind: 'not'; readonly of: Condition<Leaf> }

/** True, false, or (undefined) not known yet. */
export type Truth = boolean | undefined

export function leaf<Leaf>(it: Leaf): Condition<Leaf> {
  return { kind: 'leaf', leaf: it }
}

export function not<Leaf>(of: Condition<Leaf>): Condition<Leaf> {
  return { kind: 'not', of }
}

export function mapLeaves<From, To>(condition: Condition<From>, change: (leaf: From) => To): Condition<To> {
  switch (condition.kind) {
    case 'leaf':
      return { kind: 'leaf', leaf: change(condition.leaf) }
    case 'not':
      return { kind: 'not', of: mapLeaves(condition.of, change) }
    case 'all':
    case 'any':
      return { kind: condition.kind, of: condition.of.map((part) => mapLeaves(part, change)) }
  }
}

export function truthOf<Leaf>(condition: Condition<Leaf>, ask: (leaf: Leaf) => Truth): Truth {
  switch (condition.kind) {
    case 'leaf':
      return ask(condition.leaf)
    case 'not':
      return opposite(truthOf(condition.of, ask))
    case 'all':
      return truthOfAll(condition.of, ask, false)
    case 'any':
      return truthOfAll(condition.of, ask, true)
  }
}

/** `decisive` is the truth of one part that settles the whole. */
function truthOfAll<Leaf>(parts: readonly Condition<Leaf>[], ask: (leaf: Leaf) => Truth, decisive: boolean): Truth {
  let whole: Truth = !decisive
  for (const part of parts) {
    const truth = truthOf(part, ask)
    if (truth === decisive) return decisive
    if (truth === undefined) whole = undefined
  }
  return whole
}

function opposite(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth
}
