import type { Check } from '../check/check.ts'
import type { Finding } from '../finding.ts'
import type { FindingCode } from '../finding-codes.ts'
import { pointerTo } from '../json.ts'
import type { Decoded, Encoded } from './codec.ts'
import type { Kind } from './kinds.ts'
import type { Layout } from './layout.ts'
import { formatJson, isPlainObject, parseInteger, parseJsonField, parseNumber } from './text.ts'

type Draft = { [name: string]: unknown }

/** The careful path of reading an entry: any order, every finding. */
export function decodeFields(entry: readonly string[], layout: Layout, check: Check): Decoded {
  const message: Draft = {}
  const undescribed: Draft = {}
  const findings: Finding[] = []
  const kinds = new Map(layout.fields.map(({ name, kind }) => [name, kind]))
  const seen = new Set<string>()
  for (let i = 0; i < entry.length; i += 2) {
    const [name = '', text = ''] = entry.slice(i, i + 2)
    if (seen.has(name)) findings.push({ code: 'field.duplicate', at: pointerTo('', name) })
    seen.add(name)
    const kind = kinds.get(name) ?? layout.kindOfOther(name)
    const value = kind === undefined ? text : parse(kind, text)
    if (value === undefined || Number.isNaN(value))
      findings.push({ code: NOT_A[kind ?? 'json'], at: pointerTo('', name) })
    else set(kind === undefined ? undescribed : message, name, value)
  }
  for (const { name, nullable } of layout.fields) if (nullable && !seen.has(name)) set(message, name, null)
  if (findings.length > 0) return { findings }
  // what nothing describes is checked too, as the text that it is, but not handed on: it stays in the entry
  const refused = check.findings(join(message, undescribed))
  return refused.length > 0 ? { findings: refused } : { message }
}

/** What a text that is not of its kind is called. */
export const NOT_A: { readonly [kind in Kind]: FindingCode } = {
  text: 'text.ill-formed',
  integer: 'field.not-an-integer',
  number: 'field.not-a-number',
  boolean: 'field.not-a-boolean',
  json: 'field.not-json',
}

/** The value of a text of a kind; undefined or NaN for a text that is none. */
export function parse(kind: Kind, text: string): unknown {
  switch (kind) {
    case 'text':
      return text
    case 'integer':
      return parseInteger(text)
    case 'number':
      return parseNumber(text)
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined
    case 'json':
      return parseJsonField(text)
  }
}

/** The careful path of writing an entry: every finding, and no field that the contract does not describe. */
export function encodeFields(message: unknown, layout: Layout, check: Check): Encoded {
  const refused = check.findings(message)
  if (refused.length > 0) return { findings: refused }
  if (!isPlainObject(message)) return { findings: [{ code: 'value.not-json', at: '' }] }
  const entry: string[] = []
  const findings: Finding[] = []
  for (const name of namesInOrder(message, layout)) {
    const value = message[name]
    const kind = layout.fields.find((field) => field.name === name)?.kind ?? layout.kindOfOther(name)
    if (value === undefined || value === null) continue
    const formatted = kind === undefined ? ({ code: 'field.undeclared', at: '' } as const) : format(kind, value, name)
    if (formatted.code === undefined) entry.push(name, formatted.text)
    else findings.push({ code: formatted.code, at: pointerTo('', name) + formatted.at })
  }
  return findings.length > 0 ? { findings } : { entry }
}

function namesInOrder(message: Draft, { fields }: Layout): string[] {
  const declared = fields.map(({ name }) => name).filter((name) => Object.hasOwn(message, name))
  return [...new Set([...declared, ...Object.keys(message)])]
}

/** The text of a value of a kind, or what stands against it. */
export function format(kind: Kind, value: unknown, name: string): ReturnType<typeof formatJson> {
  if (!name.isWellFormed()) return { code: 'text.ill-formed', at: '' }
  if (kind === 'integer' && !Number.isSafeInteger(value)) return { code: 'number.unsafe-integer', at: '' }
  const formatted = formatJson(value)
  return kind === 'text' && formatted.code === undefined ? { text: String(value) } : formatted
}

function join(message: Draft, undescribed: Draft): Draft {
  const whole: Draft = {}
  for (const part of [message, undescribed]) for (const name of Object.keys(part)) set(whole, name, part[name])
  return whole
}

/** Sets a member under any name; assigning to `__proto__` would set something else. */
function set(draft: Draft, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(draft, name, { value, enumerable: true, configurable: true, writable: true })
  else draft[name] = value
}
