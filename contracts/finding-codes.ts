import type { Finding } from './finding.ts'
import { type Json, stepsOf } from './json.ts'
import { askersOf, listed, showValue as show, tellBreach, tellDemand } from './keyword-words.ts'

const expected = ({ reader }: Finding) => show(reader?.value)
const limit = ({ reader }: Finding) => `the limit ${reader?.pointer ?? ''} (${show(reader?.value)})`

/**
 * Every code that a finding can carry, and its words. Codes are never reused and never renamed; docs/findings.md lists
 * them, and a test compares the two.
 */
export const FINDING_CODES = {
  // a message against its contract
  'value.wrong-type': (f) => `is not of type ${expected(f)}`,
  'value.not-allowed': (f) => `is none of the allowed values ${expected(f)}`,
  'value.refused': (f) => breach(f),
  'value.not-json': () => 'is nothing that JSON can carry, such as undefined in a list, a class instance or a cycle',
  'value.too-deep': () => 'is nested too deeply to be checked',
  'check.failed': (f) => `could not be checked, since the validator itself failed: ${plain(f)}`,
  'field.missing': () => 'is required and missing',
  'field.undeclared': () => 'is not declared by the contract',
  'field.duplicate': () => 'stands twice, and has one value',
  'field.not-an-integer': () => 'is no integer: wanted digits without a leading zero, within ±(2^53-1)',
  'field.not-a-number': () => "is no number in JSON's form",
  'field.not-a-boolean': () => 'is neither "true" nor "false"',
  'field.not-json': () => 'is no JSON text',
  'number.negative-zero': () => 'is -0, which has no form on the wire',
  'number.not-finite': () => 'is not a finite number',
  'number.unsafe-integer': () => 'is an integer beyond ±(2^53-1)',
  'number.out-of-bounds': (f) => breach(f),
  'text.ill-formed': () => 'is ill-formed Unicode (half of a surrogate pair, or bytes or escapes that are no UTF-8)',
  'text.no-form': () =>
    'has no form there: a path takes no empty text, no "." and no "..", a header only Latin letters and signs, without spaces around them',
  'list.empty': () => 'is an empty list, which a request cannot tell from an absent one; leave it out',
  'text.wrong-length': (f) => breach(f),
  'text.no-match': (f) => `does not match the pattern ${expected(f)}`,
  'text.wrong-format': (f) => `is not in the format ${expected(f)}`,

  // an HTTP response against its contract
  'status.undeclared': (f) =>
    `is ${show(f.writer?.value)}, which the contract does not declare; it declares ${declared(f)}`,
  'body.not-json': (f) => `is sent as ${show(f.writer?.value)}, and the contract declares JSON`,
  'body.streamed': () => 'is a stream, which cannot be checked before it is sent; the contract declares JSON',

  // a message of an older shape
  'upcast.no-shape': ({ reader }) => `keeps none of the older shapes either (${show(reader?.value)} were tried)`,
  'upcast.failed': ({ writer, reader }) =>
    `keeps the older shape ${show(reader?.value)}, whose upcaster threw ${show(writer?.value)}; mend the upcaster`,
  'upcast.wrong-result': ({ reader }) =>
    `keeps the older shape ${show(reader?.value)}, whose upcaster made something else than a current message of it; mend the upcaster`,

  // a schema that cannot be read
  'json.malformed': (f) => `is not JSON: ${withoutEcho(plain(f))}`,
  'json.duplicate-key': () => 'stands twice in its object',
  'json.forbidden-name': () => 'is a name that JavaScript gives a meaning of its own; choose another',
  'json.nul-character': () => 'contains the character U+0000, which databases cannot keep',
  'json.number-too-large': (f) =>
    `is ${f.reader ? `the number ${plain(f)}` : 'a number'}, which is too large to be kept`,
  'schema.not-a-schema': (f) => `is no JSON Schema: ${plain(f)}`,
  'schema.unknown-dialect': (f) => `names the dialect ${expected(f)}; supported are draft-07, 2019-09 and 2020-12`,
  'schema.too-large': (f) => `is ${show(f.writer?.value)} bytes long; ${limit(f)} allows no more`,
  'schema.too-deep': (f) => `is nested more deeply than ${limit(f)} allows`,
  'schema.too-many': (f) => `has ${show(f.writer?.value)} entries, more than ${limit(f)} allows`,
  'pattern.too-long': (f) => `is a pattern of ${show(f.writer?.value)} characters, more than ${limit(f)} allows`,
  'pattern.invalid': (f) => `is no regular expression: ${plain(f)}`,
  'ref.unresolved': (f) => `refers to ${expected(f)}, which is not in the document; nothing is fetched from elsewhere`,
  'ref.circular': (f) => `refers to ${expected(f)} in a circle that never ends`,

  // a contract that its encoding cannot carry
  'contract.not-an-object': () =>
    "describes something else than an object with fields; use encoding: 'json', or the body of a request",
  'contract.mixed-kinds': (f) =>
    `may be ${expected(f)}, and a field has one kind on the wire; use encoding: 'json', or the body of a request`,
  'contract.optional-and-nullable': () =>
    "may be absent and may be null, which look the same on the wire; make it one of the two, or use encoding: 'json', or the body of a request",
  'contract.could-be-empty': () =>
    "has no field that is always there, and Redis stores no empty entry; require one that is not nullable, or use encoding: 'json'",
  'contract.open': () => "allows undeclared fields of any kind to be written; declare them, or use encoding: 'json'",
  'contract.reserved-name': () => 'is reserved while headers are on; rename it, or switch headers off',
  'contract.several-shapes': () => 'accepts several shapes, and a writer writes one; write the current contract',

  // a writer against a reader
  'field.never-written': (f) => `is required by the reader and never written${renamed(f)}`,
  'field.not-always-written': (f) => `is required by the reader${beside(f)} and optional for the writer`,
  'field.not-read': () => 'is written and refused by the reader, which allows no undeclared fields',
  'field.may-be-undeclared': () => 'is undeclared for the writer, who may send anything under this name',
  'keyword.beyond-engine': (f) => `uses ${plain(f)}, which the engine cannot judge here`,
  'writer.empty': () => 'accepts no message at all, so that nothing can ever be written',
  'value.not-contained': (f) =>
    isAboutName(f)
      ? `is a name that the writer may write, and the reader ${demand(f)}`
      : `may be ${show(f.writer?.value)} for the writer, and the reader ${demand(f)}`,
  'encoding.differs': (f) =>
    `is written as ${words(f.writer?.value)} and read as ${words(f.reader?.value)}; agree on one`,
  'status.not-read': (f) => `may be answered with ${show(f.writer?.value)}, and the client reads ${statuses(f)}`,
} as const satisfies { readonly [code: string]: (finding: Finding) => string }

export type FindingCode = keyof typeof FINDING_CODES

/** A value that is itself words, such as an engine's message. */
function plain({ reader }: Finding): string {
  return words(reader?.value)
}

/** V8 repeats the text, or a part of it, behind what it found. */
function withoutEcho(message: string): string {
  return message.replace(/, (?:\.{3})?"[^]*" is not valid JSON$/, '')
}

function words(value: Json | undefined): string {
  return typeof value === 'string' ? value : show(value)
}

function statuses({ reader }: Finding): string {
  return Array.isArray(reader?.value) && reader.value.length > 0
    ? `only ${reader.value.join(', ')}`
    : 'no status at all'
}

function declared({ reader }: Finding): string {
  return Array.isArray(reader?.value)
    ? listed(
        reader.value.map((status: Json) => words(status)),
        'and',
      )
    : show(reader?.value)
}

function breach({ reader }: Finding): string {
  return reader === undefined ? 'is refused by the schema' : tellBreach(reader)
}

function demand({ reader }: Finding): string {
  return reader === undefined ? 'refuses it' : tellDemand(reader)
}

function isAboutName({ reader }: Finding): boolean {
  return reader?.pointer.endsWith('/propertyNames') === true
}

/** The fields beside which another one is required, where it is not always. */
function beside({ at, reader }: Finding): string {
  const askers = askersOf(reader?.value ?? null, stepsOf(at).at(-1) ?? '')
  return askers.length === 0
    ? ''
    : ` beside ${listed(
        askers.map((name) => `\`${name}\``),
        'or',
      )}`
}

function renamed({ suggestion }: Finding): string {
  if (suggestion === undefined) return ''
  if ('rename' in suggestion)
    return `. The writer writes \`${suggestion.rename.from}\`, which takes the same values: renamed?`
  const names = suggestion.candidates.map((name) => `\`${name}\``)
  return `. The writer writes ${listed(names, 'and')}, which take the same values: one of them renamed?`
}
