import { type AST, RegExpParser } from '@eslint-community/regexpp'
import type { Random } from './random.ts'

const parser = new RegExpParser()
const parsed = new Map<string, AST.Pattern | undefined>()

/** A word that a pattern most likely matches; assertions are passed over, so that whoever asks checks it. */
export function samplePattern(pattern: string, random: Random): string {
  if (!parsed.has(pattern)) parsed.set(pattern, parse(pattern))
  const found = parsed.get(pattern)
  const sample = found === undefined ? '' : oneOf(found.alternatives, random)
  return random.isHit(0.9) ? sample : random.pick(['x', ' ', '\n']) + sample
}

function parse(pattern: string): AST.Pattern | undefined {
  try {
    return parser.parsePattern(pattern, 0, pattern.length, { unicode: true })
  } catch {
    return undefined
  }
}

function oneOf(alternatives: readonly AST.Alternative[], random: Random): string {
  return random
    .pick(alternatives)
    .elements.map((element) => word(element, random))
    .join('')
}

function word(element: AST.Element, random: Random): string {
  switch (element.type) {
    case 'Character':
      return String.fromCodePoint(element.value)
    case 'Group':
    case 'CapturingGroup':
      return oneOf(element.alternatives, random)
    case 'Quantifier':
      return repeated(element, random)
    case 'CharacterSet':
      return characterOf(element, random)
    case 'CharacterClass':
      return element.negate ? characterOutside(element, random) : characterIn(element, random)
    case 'Assertion':
    case 'Backreference':
    case 'ExpressionCharacterClass':
      return ''
  }
}

function repeated({ element, min, max }: AST.Quantifier, random: Random): string {
  const most = Math.min(max, min + 3, 2000)
  const times = random.pick([min, min, Math.min(min + 1, most), most])
  return Array.from({ length: times }, () => word(element, random)).join('')
}

function characterOf(set: AST.CharacterSet, random: Random): string {
  switch (set.kind) {
    case 'digit':
      return set.negate ? 'a' : random.pick(['0', '1', '9'])
    case 'space':
      return set.negate ? 'a' : random.pick([' ', '\t'])
    case 'word':
      return set.negate ? '-' : random.pick(['a', 'Z', '0', '_'])
    case 'any':
      return random.pick(['a', 'b', '0', '-', '\u{1f600}'])
    case 'property':
      return set.negate ? '0' : random.pick(['a', 'A', '\u00e9'])
  }
}

function characterIn({ elements }: AST.CharacterClass, random: Random): string {
  if (elements.length === 0) return ''
  const element = random.pick(elements)
  if (element.type === 'CharacterClassRange')
    return String.fromCodePoint(random.pick([element.min.value, element.max.value]))
  if (element.type === 'Character') return String.fromCodePoint(element.value)
  return element.type === 'CharacterSet' ? characterOf(element, random) : 'a'
}

function characterOutside(node: AST.CharacterClass, random: Random): string {
  const isOutside = RegExp(node.raw, 'u')
  const found = ['a', 'b', 'z', 'A', '0', '_', '-', ' ', '.', '/', '\u00e9'].filter((text) => isOutside.test(text))
  return found.length === 0 ? '' : random.pick(found)
}
