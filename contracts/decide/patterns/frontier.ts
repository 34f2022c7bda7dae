/** Where a search has still to go: places by the least length of a word that may be found from there. */
export type Frontier<Place> = {
  /** Places that are equally promising are taken in the order in which they are given. */
  readonly add: (places: readonly Place[]) => void
  readonly take: () => Place | undefined
}

export function createFrontier<Place extends { readonly promise: number }>(): Frontier<Place> {
  const later = new Map<number, Place[]>()
  let [now, last] = [0, 0]
  let stack: Place[] = []
  const add = (places: readonly Place[]): void => {
    for (const place of places) if (place.promise > now) put(place)
    for (const place of places.toReversed()) if (place.promise <= now) stack.push(place)
  }
  const put = (place: Place): void => {
    const bucket = later.get(place.promise)
    if (bucket) bucket.push(place)
    else later.set(place.promise, [place])
    last = Math.max(last, place.promise)
  }
  const take = (): Place | undefined => {
    while (stack.length === 0 && now < last) {
      now++
      stack = later.get(now)?.toReversed() ?? []
      later.delete(now)
    }
    return stack.pop()
  }
  return { add, take }
}
