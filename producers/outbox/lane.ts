/** Messages without a key have a lane of their own, in the order in which they were added. */
const KEYLESS = 0
const KEYED = 8

/**
 * The lane of a message: messages of one lane are published one batch after the other, so that one key stays in one lane
 * for good. The number of lanes and the way from key to lane are never changed: old rows and new ones would overtake
 * each other.
 */
export function laneOf(key: string | undefined): number {
  return key === undefined ? KEYLESS : 1 + (hash(key) % KEYED)
}

/** FNV-1a over the UTF-16 code units. */
function hash(text: string): number {
  let sum = 0x811c9dc5
  for (let i = 0; i < text.length; i++) sum = Math.imul(sum ^ text.charCodeAt(i), 0x01000193)
  return sum >>> 0
}
