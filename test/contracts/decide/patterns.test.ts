import { describe, expect, test } from 'vitest'
import { findWord, isDecidable, type WordAnswer, type WordQuery } from '../../../contracts/decide/patterns/find-word.ts'
import { fc } from '../../support/property.ts'

const EVERY_WORD: WordQuery = { matching: [], avoiding: [], minLength: 0, maxLength: Infinity, barred: [] }

const word = (text: string): WordAnswer => ({ word: text })
const none: WordAnswer = { none: true }
const beyondRegular: WordAnswer = { unknown: 'pattern-beyond-regular' }
const tooLarge: WordAnswer = { unknown: 'pattern-too-large' }

type Row = readonly [asked: Partial<WordQuery>, answer: WordAnswer]

function holds(rows: readonly Row[]): void {
  test.each(rows)('%j has %j', (asked, answer) => {
    expect(findWord({ ...EVERY_WORD, ...asked })).toEqual(answer)
  })
}

describe('lengths and barred words', () => {
  holds([
    [{}, word('')],
    [{ minLength: 3 }, word('aaa')],
    [{ minLength: -1 }, word('')],
    [{ minLength: 3, maxLength: 2 }, none],
    [{ maxLength: -1 }, none],
    [{ maxLength: 0, barred: [''] }, none],
    [{ barred: ['', 'a', 'b'] }, word('c')],
    [{ minLength: 2, barred: ['aa', 'ab'] }, word('ba')],
    [{ matching: ['^[ab]$'], barred: ['a', 'b'] }, none],
    [{ matching: ['^[ab]+$'], barred: ['a', 'b'] }, word('aa')],
    [{ matching: ['^[ab]+$'], maxLength: 1, barred: ['a', 'b'] }, none],
    [{ matching: ['^.$'], minLength: 2 }, none],
    [{ matching: ['^[a-z]+$'], avoiding: ['^[a-y]*$'], minLength: 4 }, word('aaaz')],
    [{ minLength: 1e9 }, tooLarge],
  ])

  test('counts characters, not code units', () => {
    expect(findWord({ ...EVERY_WORD, matching: ['^\\u{1F600}+$'], minLength: 2, maxLength: 2 })).toEqual(word('😀😀'))
  })

  test('a long word costs no more than its length', () => {
    const found = findWord({ ...EVERY_WORD, matching: ['^[a-z-]+$'], avoiding: ['^[a-z]+$'], minLength: 1_000 })
    expect(found).toEqual(word(`${'a'.repeat(999)}-`))
  })
})

describe('one pattern', () => {
  holds([
    [{ matching: [''] }, word('')],
    [{ avoiding: [''] }, none],
    [{ avoiding: ['.*'] }, none],
    [{ avoiding: ['^.*$'] }, word('\n')],
    [{ avoiding: ['^(.*)$'], maxLength: 0 }, none],
    [{ matching: ['^[a-z0-9-]+$'] }, word('a')],
    [{ matching: ['^\\d{4}-\\d{2}-\\d{2}$'] }, word('0000-00-00')],
    [{ matching: ['^\\S+@\\S+\\.[a-z]{2,}$'] }, word('a@a.aa')],
    [{ matching: ['b'], minLength: 3 }, word('baa')],
    [{ matching: ['^(?<year>\\d{4}?)$'] }, word('0000')],
    [{ matching: ['^$[a-z]*$'] }, word('')],
    [{ matching: ['a^b|b$a'] }, none],
    [{ matching: ['(?:^a|b$)c?$'] }, word('a')],
    [{ matching: ['^[]$'] }, none],
    [{ matching: ['^[^]$'] }, word('a')],
    [{ matching: ['^\\s$'] }, word(' ')],
    [{ matching: ['^\\W$'] }, word('!')],
    [{ matching: ['\\p{Lu}'] }, word('A')],
    [{ matching: ['^\\P{ASCII}$'] }, word('À')],
    [{ matching: ['^\\p{Script=Greek}$'] }, word('Ͱ')],
  ])
})

describe('several patterns', () => {
  holds([
    [{ matching: ['^[a-z]+$'], avoiding: ['^[a-z0-9]+$'] }, none],
    [{ matching: ['^[a-z0-9]+$'], avoiding: ['^[a-z]+$'] }, word('0')],
    [{ matching: ['^x-', '-y$'] }, word('x-y')],
    [{ matching: ['^[a-m]$', '^[n-z]$'] }, none],
    [{ matching: ['a', 'b', 'c'], maxLength: 2 }, none],
    [{ matching: ['^\\d+$'], avoiding: ['^0', '1', '[2-8]'] }, word('9')],
    [{ matching: ['^\\w$'], avoiding: ['^[a-zA-Z0-9_]$'] }, none],
    [{ matching: ['^(?:ab|a)*$'], avoiding: ['^(?:a|ab)*$'] }, none],
  ])
})

describe('looks', () => {
  holds([
    [{ matching: ['^(?!foo)[a-z]{3}$'], avoiding: ['^[a-eg-z]'] }, word('faa')],
    [{ matching: ['^(?=.*\\d)(?=.*[A-Z]).{4}$'] }, word('aa0A')],
    [{ matching: ['(?!^a)(?=b)^.*$'] }, word('b')],
    [{ matching: ['^(?!.*--)[a-c-]+$'], avoiding: ['^[a-c]+(?:-[a-c]+)*$'] }, word('-')],
    [{ matching: ['^[a-z-]+(?<!-)$'], avoiding: ['[a-z]$'] }, none],
    [{ matching: ['^(?:(?!a)[ab]|c)$'], avoiding: ['c'] }, word('b')],
    [{ matching: ['^(?!(?!a))'] }, word('a')],
    [{ matching: ['^foo(?=bar)'], maxLength: 5 }, none],
    [{ matching: ['(?<=^foo)bar$'] }, word('foobar')],
    [{ avoiding: ['^(?=a|b)'], matching: ['^[a-c]'] }, word('c')],
  ])
})

describe('what no automaton reads', () => {
  holds([
    [{ matching: ['('] }, beyondRegular],
    [{ matching: ['\\-'] }, beyondRegular],
    [{ matching: ['^(.)\\1{4}x$'] }, beyondRegular],
    [{ matching: ['^(a|b)\\1$'] }, word('aa')],
    [{ matching: ['a(?!.*b)'], avoiding: ['^a'] }, word('ba')],
    [{ matching: ['^(?i:ab)c{3}$'] }, beyondRegular],
    [{ matching: ['^(?:(?!a).)+$'], avoiding: ['^[b-z]'] }, word('0')],
  ])

  test('is known all the same where RegExp confirms the word', () => {
    expect(findWord({ ...EVERY_WORD, matching: ['\\bfoo\\b'] })).toEqual(word('foo'))
    expect(findWord({ ...EVERY_WORD, avoiding: ['(a)\\1'], minLength: 1 })).toEqual(word('a'))
  })

  test('is known where even the regular patterns around it leave no word', () => {
    expect(findWord({ ...EVERY_WORD, matching: ['^a\\b', '^b'] })).toEqual(none)
    expect(findWord({ ...EVERY_WORD, matching: ['(a)\\1'], avoiding: ['(a)\\1'] })).toEqual(none)
  })

  test.each(['^(?!a)b$', '', '^\\p{L}+?$', '(?<=a)b', 'a{0,2000}'])('%j is decidable', (pattern) => {
    expect(isDecidable(pattern)).toBe(true)
  })

  test.each(['\\bfoo', '(a)\\1', 'a(?!b)', '(?:(?!a).)*', '[', '\\-', 'a{20000}', '('.repeat(5_000)])(
    '%.20j is not',
    (pattern) => {
      expect(isDecidable(pattern)).toBe(false)
    },
  )
})

describe('characters', () => {
  holds([
    [{ matching: ['^[\\ud800-\\udfff]$'] }, none],
    [{ matching: ['^[\\ud7ff-\\ue000]$'] }, word('\u{d7ff}')],
    [{ matching: ['^\\0$'] }, word('\0')],
    [{ matching: ['^(?:\\0|aa)$'] }, word('aa')],
    [{ matching: ['^[\\0a]$'], barred: ['a'] }, word('\0')],
    [{ matching: ['^[\\0-\\x08]$'] }, word('\x01')],
    [{ matching: ['^[A-Z0-9]$'] }, word('0')],
    [{ matching: ['^[^a-z0-9]$'] }, word('A')],
    [{ matching: ['^.$'], avoiding: ['^[\\0-\\uffff]$'] }, word('\u{10000}')],
  ])

  test.each(['\\d', '\\D', '\\w', '\\W', '\\s', '\\S', '.', '\\p{L}', '\\P{Lu}', '\\p{Cn}', '\\p{Co}', '[^\\p{N}\\s]'])(
    '%s reads what RegExp reads',
    (set) => {
      const regex = new RegExp(`^${set}$`, 'u')
      const wrong = codePoints().filter((text) => regex.test(text) !== isFound(set, text))
      expect(wrong).toEqual([])
    },
  )
})

function isFound(set: string, text: string): boolean {
  const query = { ...EVERY_WORD, matching: [`^${set}$`, `^\\u{${text.codePointAt(0)?.toString(16)}}$`] }
  return 'word' in findWord(query)
}

/** Both sides of where sets of characters tend to end. */
function codePoints(): string[] {
  const edges = [
    0, 0x0a, 0x0d, 0x20, 0x30, 0x3a, 0x41, 0x5b, 0x5f, 0x61, 0x7b, 0x7f, 0xa0, 0xaa, 0x1680, 0x2000, 0x200b, 0x2028,
  ]
  const far = [
    0x202a, 0x205f, 0x3000, 0xd7ff, 0xe000, 0xf8ff, 0xfeff, 0xffff, 0x1fffe, 0x3134a, 0x4fffe, 0xe0100, 0xffffe,
    0x10fffe,
  ]
  return [...edges, ...far]
    .flatMap((edge) => [Math.max(0, edge - 1), edge, edge + 1].filter(isCharacter))
    .map((one) => String.fromCodePoint(one))
}

function isCharacter(codePoint: number): boolean {
  return codePoint < 0xd800 || codePoint > 0xdfff
}

describe('patterns made to hurt', () => {
  const twoToThe14 = '^(a|b)*a(a|b){14}$'
  holds([
    [{ matching: ['(a|b)*a(a|b){14}'] }, word('a'.repeat(15))],
    [{ matching: ['(a+)+$'] }, word('a')],
    [{ matching: ['^(?:(?:a{1,50}){1,50}){1,50}$'] }, tooLarge],
    [{ matching: ['a{9999999999}'] }, tooLarge],
    [{ matching: [twoToThe14], avoiding: ['^(b|a)*a(a|b){14}$'] }, tooLarge],
    [{ matching: [`^${'ab'.repeat(500)}$`] }, word('ab'.repeat(500))],
    [{ matching: [`^${'a?'.repeat(500)}$`] }, word('')],
    [{ avoiding: ['^(a+)+$'], minLength: 40 }, word(`b${'a'.repeat(39)}`)],
  ])

  test.each([['^(a+)+$'], ['^(?:a*)*$'], ['^(a|a)*$'], ['^(?:(?:a+)+)+$'], ['^(a*){30}$']])(
    'no word is answered that takes RegExp ages to refuse %s',
    (pattern) => {
      const query = { ...EVERY_WORD, matching: ['^a{40}.$'], avoiding: [pattern] }
      expect(findWord(query)).toEqual(tooLarge)
    },
  )

  test('nor ages to find', () => {
    expect(findWord({ ...EVERY_WORD, matching: ['(a+)+b|a'], minLength: 40 })).toEqual(tooLarge)
  })
})

const ALPHABET = ['a', 'b', '\n', '0']
const letters = fc.constantFrom('a', 'b', '0', '\\n', '.', '[ab]', '[^a]', '\\d', '\\w', '[]', '\\P{L}', '[^]')
const quantifiers = fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,2}', '{0,3}?', '*?')

/*
 * Edges stand at the edges, and no character beyond U+FFFF is tried, since V8 itself errs there: `[^]*?[^]^|` does not match
 * the empty word, and in Node 26 `[^a]$` does not match an emoji.
 */
const { pattern: regular } = fc.letrec<{ pattern: string; sequence: string; item: string; atom: string }>((tie) => ({
  pattern: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map((ways) => ways.join('|')),
  sequence: fc
    .tuple(fc.constantFrom('', '^'), fc.array(tie('item'), { maxLength: 4 }), fc.constantFrom('', '$'))
    .map(([start, items, end]) => start + items.join('') + end),
  item: fc.tuple(tie('atom'), quantifiers).map(([atom, quantifier]) => atom + quantifier),
  atom: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { arbitrary: letters, weight: 3 },
    { arbitrary: tie('pattern').map((inner) => `(?:${inner})`), weight: 1 },
  ),
}))

const looking = fc
  .tuple(fc.constantFrom('^(?=', '^(?!'), regular, regular, fc.constantFrom('(?<=', '(?<!'), regular)
  .map(([ahead, first, middle, behind, last]) => `${ahead}${first})(?:${middle})${behind}${last})$`)

const patterns = fc.oneof({ arbitrary: regular, weight: 3 }, { arbitrary: looking, weight: 1 })
const words = fc.string({ unit: fc.constantFrom(...ALPHABET, 'é'), maxLength: 6 })

const queries = fc.record({
  matching: fc.array(patterns, { maxLength: 2 }),
  avoiding: fc.array(patterns, { maxLength: 2 }),
  minLength: fc.nat(3),
  maxLength: fc.oneof(fc.nat(4), fc.constant(Infinity)),
  barred: fc.array(words, { maxLength: 3 }),
})

describe('against RegExp', () => {
  test('a word that is answered is one that was asked for', () => {
    const property = fc.property(queries, (query) => {
      const answer = findWord(query)
      expect(!('word' in answer) || satisfying(query)(answer.word)).toBe(true)
    })
    fc.assert(property, { numRuns: 1_000 })
  })

  test('where there is a word, neither none nor a longer word is the answer', () => {
    const property = fc.property(queries, fc.array(words, { minLength: 1, maxLength: 40 }), (query, some) => {
      const known = some.filter(satisfying(query)).map(lengthOf)
      expect(shortestPossible(findWord(query))).toBeLessThanOrEqual(Math.min(...known, Infinity))
    })
    fc.assert(property, { numRuns: 1_000 })
  })

  test('in a small alphabet, it answers what trying all words answers', () => {
    const all = wordsUpTo(4)
    const unknown: WordQuery[] = []
    const property = fc.property(queries, fc.nat(4), (query, maxLength) => {
      const small = { ...query, maxLength, matching: [...query.matching, '^[ab\\n0]*$'] }
      const answer = findWord(small)
      const shortest = all.find(satisfying(small))
      const isUnknown = 'unknown' in answer && unknown.push(small) > 0
      expect(isUnknown || shortestPossible(answer) === (shortest?.length ?? Infinity)).toBe(true)
    })
    fc.assert(property, { numRuns: 500 })
    expect(unknown.length).toBeLessThan(10)
  })

  test('the answer to a query does not depend on what was asked before', () => {
    const property = fc.property(fc.array(queries, { minLength: 2, maxLength: 6 }), (several) => {
      const answers = several.map(findWord)
      expect(several.toReversed().map(twice).map(findWord)).toEqual(answers.toReversed())
    })
    fc.assert(property, { numRuns: 100 })
  })
})

/** The same query in other words, so that its answer is not the remembered one. */
function twice(query: WordQuery): WordQuery {
  return {
    ...query,
    matching: [...query.matching, ...query.matching],
    avoiding: [...query.avoiding, ...query.avoiding],
  }
}

/** The least length that the answer leaves possible; Infinity for none. */
function shortestPossible(answer: WordAnswer): number {
  if ('word' in answer) return lengthOf(answer.word)
  return 'none' in answer ? Infinity : 0
}

function satisfying({ matching, avoiding, minLength, maxLength, barred }: WordQuery): (text: string) => boolean {
  const wanted = matching.map((pattern) => new RegExp(pattern, 'u'))
  const unwanted = avoiding.map((pattern) => new RegExp(pattern, 'u'))
  return (text) =>
    lengthOf(text) >= minLength &&
    lengthOf(text) <= maxLength &&
    !barred.includes(text) &&
    wanted.every((regex) => regex.test(text)) &&
    !unwanted.some((regex) => regex.test(text))
}

function lengthOf(text: string): number {
  return Array.from(text).length
}

function wordsUpTo(length: number): string[] {
  if (length === 0) return ['']
  const shorter = wordsUpTo(length - 1)
  return [...new Set([...shorter, ...shorter.flatMap((one) => ALPHABET.map((letter) => one + letter))])]
}
