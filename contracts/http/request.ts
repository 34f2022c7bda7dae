import type { Static, TSchema } from '@sinclair/typebox'
import { compileCheck, FINDINGS_LIMIT } from '../check/check.ts'
import type { EndpointContract } from '../endpoint.ts'
import type { Finding } from '../finding.ts'
import type { FindingCode } from '../finding-codes.ts'
import { pointerTo } from '../json.ts'
import { NOT_A, parse } from '../wire/fields.ts'
import { type Form, type PartLayout, requestLayout, type TextPart } from './layout.ts'
import type { Texts } from './query.ts'

/** The described parts of a request, as the contract types them. A part that it does not describe is not among them. */
export type RequestParts<C> = C extends { readonly requestType: infer S extends TSchema } ? Static<S> : unknown

/** The same as a client may say them: path, query and headers of which nothing is required may be left out. */
export type SentParts<C> = unknown extends RequestParts<C> ? unknown : Sent<RequestParts<C>>
type Sent<P> = { [K in keyof P as MayLack<P, K> extends true ? never : K]: P[K] } & {
  [K in keyof P as MayLack<P, K> extends true ? K : never]?: P[K]
}
type MayLack<P, K extends keyof P> = K extends TextPart ? (object extends P[K] ? true : false) : false

/** A request as it came: path parameters decoded, header names in lower case, the body parsed; undefined where there is none. */
export type RawRequest = { readonly [part in TextPart]?: Texts } & { readonly body?: unknown }

export type DecodedRequest<P = unknown> =
  | { readonly parts: P; readonly findings?: undefined }
  | { readonly parts?: undefined; readonly findings: readonly Finding[] }

/** Decodes a request and checks it as its server declares it. What came is never changed. */
export type DecodeRequest<P = unknown> = (request: RawRequest) => DecodedRequest<P>

type Draft = { [name: string]: unknown }

/** Compiles the server's side of a contract: how a request is read and judged. */
export function compileRequestDecode<C extends EndpointContract>(contract: C): DecodeRequest<RequestParts<C>> {
  const { parts: layouts, hasBody } = requestLayout(contract)
  const check = compileCheck(contract.request)
  const decode = (request: RawRequest): DecodedRequest => {
    const reading: Reading = { findings: undefined, undescribed: undefined }
    const parts: Draft = {}
    for (const layout of layouts) parts[layout.part] = readPart(layout, request[layout.part] ?? NOTHING, reading)
    if (hasBody && request.body !== undefined) parts.body = request.body
    if (reading.findings) return { findings: reading.findings }
    const whole = reading.undescribed ? { ...parts, query: join(parts.query, reading.undescribed) } : parts
    return check.accepts(whole) ? { parts } : { findings: check.findings(whole) }
  }
  // what was checked against the schema has the schema's type
  return decode as DecodeRequest<RequestParts<C>>
}

type Reading = {
  findings: Finding[] | undefined
  /** Parameters of the query that nothing describes: checked too, as the texts that they are, but not handed on. */
  undescribed: Draft | undefined
}

const NOTHING: Texts = {}

function readPart(layout: PartLayout, texts: Texts, reading: Reading): Draft {
  const typed: Draft = {}
  let taken = 0
  for (const parameter of layout.parameters) {
    const given = Object.hasOwn(texts, parameter.wireName) ? texts[parameter.wireName] : undefined
    if (given === undefined) {
      if (parameter.nullable) set(typed, parameter.name, null)
    } else {
      taken++
      readInto(typed, layout.part, parameter, given, reading)
    }
  }
  if (layout.part !== 'path') readOthers(typed, layout, texts, taken, reading)
  return typed
}

function readOthers(
  typed: Draft,
  { part, parameters, formOfOther }: PartLayout,
  texts: Texts,
  taken: number,
  reading: Reading,
): void {
  const names = Object.keys(texts)
  if (names.length === taken) return
  for (const name of names) {
    const given = texts[name]
    if (given === undefined || parameters.some(({ wireName }) => wireName === name)) continue
    const form = formOfOther(name)
    if (form) readInto(typed, part, { ...form, name }, given, reading)
    else if (part === 'query') set((reading.undescribed ??= {}), name, given)
  }
}

type Named = Form & { readonly name: string }

function readInto(typed: Draft, part: TextPart, named: Named, given: Given, reading: Reading): void {
  const { name, kind, isList } = named
  const single = typeof given === 'string' ? given : given.length === 1 ? given[0] : undefined
  if (isList) set(typed, name, readList(part, named, itemsOf(part, given), reading))
  else if (single === undefined) report(reading, 'field.duplicate', part, name)
  else {
    const value = parse(kind, single)
    if (isNone(value)) report(reading, NOT_A[kind], part, name)
    else set(typed, name, value)
  }
}

type Given = string | readonly string[]

/** A header that is repeated and one line with commas are the same list (RFC 9110 §5.3): what lies on the way may join them. */
function itemsOf(part: TextPart, given: Given): readonly string[] {
  const texts = typeof given === 'string' ? [given] : given
  return part === 'headers' ? texts.flatMap((text) => text.split(/[ \t]*,[ \t]*/)) : texts
}

function readList(part: TextPart, { name, kind }: Named, texts: readonly string[], reading: Reading): unknown[] {
  return texts.map((text, i) => {
    const value = parse(kind, text)
    if (isNone(value)) report(reading, NOT_A[kind], part, name, i)
    return value
  })
}

function isNone(value: unknown): boolean {
  return value === undefined || Number.isNaN(value)
}

function report(reading: Reading, code: FindingCode, part: TextPart, ...steps: readonly (string | number)[]): void {
  reading.findings ??= []
  if (reading.findings.length < FINDINGS_LIMIT) reading.findings.push({ code, at: pointerTo('', part, ...steps) })
}

function join(query: unknown, undescribed: Draft): Draft {
  const whole: Draft = {}
  for (const draft of [query as Draft, undescribed])
    for (const name of Object.keys(draft)) set(whole, name, draft[name])
  return whole
}

/** Sets a member under any name; assigning to `__proto__` would set something else. */
function set(draft: Draft, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(draft, name, { value, enumerable: true, configurable: true, writable: true })
  else draft[name] = value
}
