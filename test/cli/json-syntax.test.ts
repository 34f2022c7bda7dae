import { expect, test } from 'vitest'
import { brokenOffset } from '../../cli/json-syntax.ts'
import { fc } from '../support/property.ts'

test.each([
  ['{"a": }', 6],
  ['{"a": 1,}', 8],
  ['{"a" 1}', 5],
  ['{"a": 1 "b": 2}', 8],
  ['[1, 2', 5],
  ['[1, 2}', 5],
  ['{a: 1}', 1],
  ['"open', 0],
  ['["tab\there"]', 1],
  ['["\\x"]', 1],
  ['{"a": 01}', 7],
  ['{"a": tru}', 6],
  ['{} {}', 3],
  ['  ', 2],
  ['', 0],
  ['[]]', 2],
  ['['.repeat(100_000), 100_000],
])('%j stops being JSON at %i', (text, offset) => {
  expect(brokenOffset(text)).toBe(offset)
})

test('what is JSON goes on to its end', () => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom('', ' ', '\r\n\t'), (text, space) => {
      expect(brokenOffset(`${space}${text}${space}`)).toBe(`${space}${text}${space}`.length)
    }),
  )
})

/** In a broken text, number or word V8 goes on to the place inside; here it is where that begins. */
test('between the values it stops where V8 stops, as far as V8 says where', () => {
  const plainJson = fc.json().map((text) => text.replaceAll(/true|false|null/g, '0'))
  const broken = fc
    .tuple(plainJson, fc.nat(), fc.constantFrom(',', '}', ']', ':', '1', '{'))
    .map(([text, at, put]) => text.slice(0, at % (text.length + 1)) + put + text.slice(at % (text.length + 1)))
    .map((text) => ({ text, position: positionIn(text) }))
    .filter(({ position }) => position !== undefined)
  fc.assert(
    fc.property(broken, ({ text, position }) => {
      expect(brokenOffset(text)).toBe(position)
    }),
  )
})

function positionIn(text: string): number | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    const [, position] = /: (?:Une|E)xpected .* at position (\d+)/.exec(String(error)) ?? []
    return position === undefined ? undefined : Number(position)
  }
}
