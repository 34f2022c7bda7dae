import { createCache } from './cache.ts'
import { type CharacterSet, characters, complement, type Range } from './character-set.ts'

const properties = createCache<CharacterSet>({ limit: 100, weigh: () => 1 })

/**
 * The characters of `L`, `Script=Greek` and the like, asked of RegExp itself: a table of our own could be of another version
 * of Unicode than the engine that validates.
 */
export function setOfProperty(name: string, isNegated: boolean): CharacterSet {
  if (isNegated) return properties.find(`not ${name}`, () => complement(setOfProperty(name, false)))
  return properties.find(name, () => characters(rangesOf(new RegExp(`\\p{${name}}`, 'u'))))
}

function rangesOf(regex: RegExp): readonly Range[] {
  const ranges: [number, number][] = []
  for (const [first, last] of alike()) {
    if (!regex.test(String.fromCodePoint(first))) continue
    const before = ranges.at(-1)
    if (before && before[1] === first - 1) before[1] = last
    else ranges.push([first, last])
  }
  return ranges
}

/** Planes in which characters differ; in the others all do alike but the last two, which are none. */
const MIXED_PLANES = [0, 1, 2, 3, 14]

function* alike(): Generator<Range> {
  for (let plane = 0; plane <= 16; plane++) {
    const [first, last] = [plane * 0x10000, plane * 0x10000 + 0xffff]
    const isMixed = MIXED_PLANES.includes(plane)
    if (!isMixed) yield [first, last - 2]
    for (let one = isMixed ? first : last - 1; one <= last; one++) yield [one, one]
  }
}
