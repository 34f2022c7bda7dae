import { compileCheck } from '../check/check.ts'
import type { EndpointContract } from '../endpoint.ts'
import type { Finding } from '../finding.ts'
import { pointerTo } from '../json.ts'
import { asDeclared } from '../schema/as-declared.ts'
import { format } from '../wire/fields.ts'
import { serialize } from './json-body.ts'
import { type Parameter, type PartLayout, requestLayout, type TextPart } from './layout.ts'
import { formatQuery } from './query.ts'
import type { SentParts } from './request.ts'
import { parameterNames, templateOf } from './template.ts'

/** A request ready to be sent. */
export type EncodedRequest = {
  /** Path and query, escaped. */
  readonly target: string
  /** Names as the contract writes them; a list is repeats. */
  readonly headers: readonly (readonly [string, string])[]
  /** JSON text, where the contract declares a body and one was given. */
  readonly body?: string
}

export type RequestEncoded =
  | { readonly request: EncodedRequest; readonly findings?: undefined }
  | { readonly request?: undefined; readonly findings: readonly Finding[] }

/** Checks the parts of a request as their client declares them, and encodes them. They are never changed. */
export type EncodeRequest<P = unknown> = (parts: P) => RequestEncoded

type Pairs = (readonly [string, string])[]

/** Compiles the client's side of a contract: how a request is judged and written. Its path parameters must be described. */
export function compileRequestEncode<C extends EndpointContract>(contract: C): EncodeRequest<SentParts<C>> {
  const { parts: layouts, hasBody } = requestLayout(contract)
  const writers = layouts.map((layout) => ({ ...layout, declared: byName(layout) }))
  const pieces = piecesOf(contract, layouts)
  const check = compileCheck(asDeclared(contract.request))
  return (given) => {
    const parts = given as { readonly [part: string]: unknown }
    const body = hasBody ? bodyOf(parts.body) : {}
    if (body.findings) return { findings: body.findings }
    const whole: { [part: string]: unknown } = 'value' in body ? { ...parts, body: body.value } : { ...parts }
    // A part that is left out is one in which nothing stands, as the server will see it.
    for (const { part } of layouts) whole[part] ??= {}
    if (!check.accepts(whole)) return { findings: check.findings(whole) }
    const findings: Finding[] = []
    const written: { [part in TextPart]: Pairs } = { path: [], query: [], headers: [] }
    for (const writer of writers) written[writer.part] = writePart(writer, whole[writer.part], findings)
    const path = writePath(pieces, written.path, findings)
    if (findings.length > 0) return { findings }
    const query = formatQuery(written.query)
    const target = path + (query === '' ? '' : `?${query}`)
    return { request: { target, headers: written.headers, ...('text' in body ? { body: body.text } : {}) } }
  }
}

/** What stands in the path by itself, and the names of the parameters between it. */
type Pieces = { readonly literals: readonly string[]; readonly names: readonly string[] }

function piecesOf({ name, path }: EndpointContract, layouts: readonly PartLayout[]): Pieces {
  const described = layouts.find(({ part }) => part === 'path')?.parameters ?? []
  const names = parameterNames(path)
  const missing = names.find((parameter) => !described.some((other) => other.name === parameter))
  if (missing !== undefined)
    throw new TypeError(
      `${name} cannot be called: it does not describe the parameter "${missing}" of its path "${path}"; add it to request.path.`,
    )
  return { names, literals: templateOf(path).split('{}') }
}

type Writer = PartLayout & { readonly declared: ReadonlyMap<string, Parameter> }

function byName({ parameters }: PartLayout): ReadonlyMap<string, Parameter> {
  return new Map(parameters.map((parameter) => [parameter.name, parameter]))
}

type Body =
  | { readonly findings?: undefined; readonly text: string; readonly value: unknown }
  | { readonly findings?: readonly Finding[] }

function bodyOf(given: unknown): Body {
  if (given === undefined) return {}
  try {
    return serialize(given) ?? { findings: [{ code: 'value.not-json', at: '/body' }] }
  } catch (error) {
    return { findings: [{ code: error instanceof RangeError ? 'value.too-deep' : 'value.not-json', at: '/body' }] }
  }
}

function writePart({ part, declared, formOfOther }: Writer, given: unknown, findings: Finding[]): Pairs {
  const values = given as { readonly [name: string]: unknown }
  const pairs: [string, string][] = []
  for (const name of Object.keys(values)) {
    const parameter = declared.get(name) ?? otherParameter(name, formOfOther)
    const value = values[name]
    if (value === undefined || value === null) continue
    if (parameter === undefined) findings.push({ code: 'field.undeclared', at: pointerTo(`/${part}`, name) })
    else if (Array.isArray(value) && parameter.isList) writeList(pairs, { part, parameter }, value, findings)
    else writeOne(pairs, { part, parameter }, value, findings)
  }
  return pairs
}

function otherParameter(name: string, formOfOther: PartLayout['formOfOther']): Parameter | undefined {
  const form = formOfOther(name)
  return form && { ...form, name, wireName: name, required: false, nullable: false }
}

type Place = { readonly part: TextPart; readonly parameter: Parameter; readonly item?: number }

function writeList(pairs: [string, string][], place: Place, items: readonly unknown[], findings: Finding[]): void {
  if (items.length === 0) findings.push({ code: 'list.empty', at: pointerOf(place) })
  for (const [item, value] of items.entries()) writeOne(pairs, { ...place, item }, value, findings)
}

function writeOne(pairs: [string, string][], place: Place, value: unknown, findings: Finding[]): void {
  const { name, kind, isList } = place.parameter
  const { text, code, at: inside = '' } = { at: undefined, ...format(kind, value, name) }
  if (text === undefined) findings.push({ code: code ?? 'value.not-json', at: pointerOf(place) + inside })
  else if (!hasForm(place.part, text, isList)) findings.push({ code: 'text.no-form', at: pointerOf(place) })
  else pairs.push([name, text])
}

function pointerOf({ part, parameter: { name }, item }: Place): string {
  return pointerTo(`/${part}`, name, ...(item === undefined ? [] : [item]))
}

/** What a header may hold; what lies beyond ASCII goes as Latin-1, which is how servers read it. */
const HEADER = /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/

function hasForm(part: TextPart, text: string, isList: boolean): boolean {
  switch (part) {
    case 'path':
      return text !== '' && text !== '.' && text !== '..'
    case 'query':
      return true
    case 'headers':
      // repeated headers are joined with commas on many a way
      return HEADER.test(text) && !(isList && text.includes(','))
  }
}

function writePath({ literals, names }: Pieces, pairs: Pairs, findings: Finding[]): string {
  let path = literals[0] ?? ''
  for (const [i, name] of names.entries()) {
    const text = pairs.find(([known]) => known === name)?.[1]
    if (text === undefined && findings.length === 0)
      findings.push({ code: 'field.missing', at: pointerTo('/path', name) })
    path += encodeURIComponent(text ?? '') + (literals[i + 1] ?? '')
  }
  return path
}
