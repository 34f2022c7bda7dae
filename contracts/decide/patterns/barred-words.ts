/** The words that may not be answered, read character by character; undefined once the word is none of them. */
export type Barred = Branch | undefined

export type Branch = {
  readonly id: number
  readonly next: ReadonlyMap<number, Branch>
  /** Whether a barred word ends here. */
  readonly isWhole: boolean
}

type Growing = { readonly id: number; readonly next: Map<number, Growing>; isWhole: boolean }

/** The words as a tree of their common beginnings. */
export function treeOf(words: readonly string[]): Barred {
  if (words.length === 0) return undefined
  let made = 0
  const grow = (): Growing => ({ id: made++, next: new Map(), isWhole: false })
  const root = grow()
  for (const word of words) plant(root, word, grow)
  return root
}

function plant(root: Growing, word: string, grow: () => Growing): void {
  let branch = root
  for (const character of word) {
    const codePoint = character.codePointAt(0) ?? 0
    const next = branch.next.get(codePoint) ?? grow()
    branch.next.set(codePoint, next)
    branch = next
  }
  branch.isWhole = true
}
