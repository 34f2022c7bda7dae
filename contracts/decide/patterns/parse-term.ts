import { type AST, RegExpParser } from '@eslint-community/regexpp'
import { type CharacterSet, characters, complement } from './character-set.ts'
import { DIGITS, NO_DIGITS, NO_LINE_END, NO_SPACE, NO_WORD, SPACE, WORD } from './escapes.ts'
import { ANYTHING, type AnyTerm, NOTHING } from './term.ts'
import { setOfProperty } from './unicode-property.ts'

const parser = new RegExpParser()

/** The tree of a pattern as JSON Schema reads it, with flag u; throws a SyntaxError where RegExp would. */
export function parseTerm(pattern: string): AnyTerm {
  return choiceOf(parser.parsePattern(pattern, 0, pattern.length, { unicode: true }).alternatives)
}

function choiceOf(alternatives: readonly AST.Alternative[]): AnyTerm {
  return anyOf(alternatives.map(({ elements }) => inOrder(elements.map(termOf))))
}

function termOf(element: AST.Element): AnyTerm {
  switch (element.type) {
    case 'Assertion':
      return termOfAssertion(element)
    case 'Quantifier':
      return { kind: 'repeat', term: termOf(element.element), min: element.min, max: element.max }
    case 'Group':
      return element.modifiers === null ? choiceOf(element.alternatives) : { kind: 'beyond', wider: ANYTHING }
    case 'CapturingGroup':
      return choiceOf(element.alternatives)
    case 'Backreference':
    case 'ExpressionCharacterClass':
      return { kind: 'beyond', wider: ANYTHING }
    case 'Character':
    case 'CharacterClass':
    case 'CharacterSet':
      return { kind: 'character', set: setOf(element) }
  }
}

function termOfAssertion(assertion: AST.Assertion): AnyTerm {
  switch (assertion.kind) {
    case 'start':
    case 'end':
      return { kind: assertion.kind }
    case 'word':
      return { kind: 'beyond', wider: NOTHING }
    case 'lookahead':
    case 'lookbehind': {
      const term = choiceOf(assertion.alternatives)
      return { kind: 'look', isBehind: assertion.kind === 'lookbehind', isNegative: assertion.negate, term }
    }
  }
}

function setOf(element: AST.CharacterClassElement | AST.CharacterSet | AST.CharacterClass): CharacterSet {
  switch (element.type) {
    case 'Character':
      return characters([[element.value, element.value]])
    case 'CharacterClassRange':
      return characters([[element.min.value, element.max.value]])
    case 'CharacterSet':
      return setOfEscape(element)
    case 'CharacterClass': {
      const ranges = element.elements.flatMap(setOf)
      return element.negate ? complement(ranges) : characters(ranges)
    }
    case 'ExpressionCharacterClass':
    case 'ClassStringDisjunction':
      return neverUnderU(element.type)
  }
}

function setOfEscape(set: AST.CharacterSet): CharacterSet {
  switch (set.kind) {
    case 'any':
      return NO_LINE_END
    case 'digit':
      return set.negate ? NO_DIGITS : DIGITS
    case 'space':
      return set.negate ? NO_SPACE : SPACE
    case 'word':
      return set.negate ? NO_WORD : WORD
    case 'property':
      return setOfProperty(set.value === null ? set.key : `${set.key}=${set.value}`, set.negate)
  }
}

function neverUnderU(type: string): never {
  throw new SyntaxError(`${type} needs flag v`)
}

function anyOf(terms: readonly AnyTerm[]): AnyTerm {
  const [only, ...others] = terms
  return only && others.length === 0 ? only : { kind: 'choice', terms }
}

function inOrder(terms: readonly AnyTerm[]): AnyTerm {
  const [only, ...others] = terms
  return only && others.length === 0 ? only : { kind: 'sequence', terms }
}
