/** How long messages that Redis hands out for the first time are looked up all the same, after one of them was known. */
const DISTRUST_MS = 60_000

/**
 * To ask the inbox first takes a round trip. What Redis hands out for the first time is not there, unless the group was
 * made again or the server has gone back in time: then the commit finds it, and from there on the inbox is asked first.
 */
export function createTrust() {
  let isLostUntil = Number.NEGATIVE_INFINITY
  return {
    applies: (isRepeat: boolean): boolean => !isRepeat && performance.now() >= isLostUntil,
    lose: () => {
      isLostUntil = performance.now() + DISTRUST_MS
    },
  }
}
