import { type Check, compileCheck } from '../check/check.ts'
import type { Finding } from '../finding.ts'
import type { Message } from '../message.ts'
import { asDeclared } from '../schema/as-declared.ts'
import { decodeFields, encodeFields } from './fields.ts'
import { fuseDecode, fuseEncode } from './fused.ts'
import { layoutOf, type Wire } from './layout.ts'
import { withoutReserved } from './reserved.ts'
import { decodeShapes } from './shapes.ts'
import { formatJson, parseJsonField } from './text.ts'

/** An entry as Redis keeps it: field, value, field, value. */
export type Encoded =
  | { readonly entry: string[]; readonly findings?: undefined }
  | { readonly entry?: undefined; readonly findings: readonly Finding[] }

export type Decoded<M = unknown> =
  | { readonly message: M; readonly findings?: undefined }
  | { readonly message?: undefined; readonly findings: readonly Finding[] }

/** Checks a message as its writer declares it and encodes it. The message is never changed. */
export type Encode<M = unknown> = (message: M) => Encoded

/** Decodes an entry and checks it as its reader declares it. For every accepted message decode(encode(m)) equals m. */
export type Decode<M = unknown> = (entry: readonly string[]) => Decoded<M>

/** Compiles the writing side of a stream's contract; throws `ContractRefused` where no writer can keep it. */
export function compileEncode<W extends Wire>(wire: W): Encode<Message<W>> {
  const layout = layoutOf(wire, 'writes')
  const schema = asDeclared(wire.schema)
  const check = compileCheck(schema)
  if (wire.encoding === 'json') return (message) => encodeJson(message, wire.field, check)
  const fused = fuseEncode(schema, layout)
  return (message) => {
    const entry = fused?.(message)
    return entry === undefined ? encodeFields(message, layout, check) : { entry }
  }
}

/** Compiles the reading side of a stream's contract. */
export function compileDecode<W extends Wire>(wire: W): Decode<Message<W>> {
  // the upcasters make messages of the current shape, whose type is the contract's
  if (wire.shapes) return decodeShapes(wire.shapes, compileDecode) as Decode<Message<W>>
  const layout = layoutOf(wire, 'reads')
  const check = compileCheck(wire.schema)
  const payload = wire.headers === 'off' ? (entry: readonly string[]) => entry : withoutReserved
  if (wire.encoding === 'json') return ((entry) => decodeJson(payload(entry), wire.field, check)) as Decode<Message<W>>
  const fused = fuseDecode(wire.schema, layout)
  const decode: Decode = (entry) => {
    const fields = payload(entry)
    const message = fused?.(fields)
    return message === undefined ? decodeFields(fields, layout, check) : { message }
  }
  // what was checked against the schema has the schema's type
  return decode as Decode<Message<W>>
}

function encodeJson(message: unknown, field: string, check: Check): Encoded {
  const refused = check.accepts(message) ? [] : check.findings(message)
  if (refused.length > 0) return { findings: refused }
  const formatted = formatJson(message)
  return formatted.code === undefined ? { entry: [field, formatted.text] } : { findings: [formatted] }
}

function decodeJson(entry: readonly string[], field: string, check: Check): Decoded {
  const places = entry.flatMap((name, i) => (i % 2 === 0 && name === field ? [i] : []))
  const [place] = places
  if (place === undefined) return { findings: [{ code: 'field.missing', at: `/${field}` }] }
  if (places.length > 1) return { findings: [{ code: 'field.duplicate', at: `/${field}` }] }
  const message = parseJsonField(entry[place + 1] ?? '')
  if (message === undefined) return { findings: [{ code: 'field.not-json', at: `/${field}` }] }
  return check.accepts(message) ? { message } : { findings: check.findings(message) }
}
