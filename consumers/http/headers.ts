import type { EncodedRequest } from '../../contracts/index.ts'
import type { CallOptions } from './options.ts'
import { checkedHeaders, type PlainHeaders } from './plain-headers.ts'

type Draft = { [name: string]: string }

/** The headers of a call: the contract's go before those of the call, and these before what the client sends anyway. */
export function headersOf(own: PlainHeaders, { headers, body }: EncodedRequest, options: CallOptions): PlainHeaders {
  const all: Draft = options.headers ? { ...own, ...checkedHeaders(options.headers) } : { ...own }
  const { idempotencyKey, traceparent } = options
  if (idempotencyKey !== undefined) all['idempotency-key'] = checkedValue('idempotencyKey', idempotencyKey)
  if (traceparent !== undefined) all.traceparent = checkedValue('traceparent', traceparent)
  if (headers.length > 0) addDeclared(all, headers)
  if (body !== undefined) all['content-type'] = 'application/json'
  return all
}

function checkedValue(name: string, value: string): string {
  if (/^[\x21-\x7e]+$/.test(value)) return value
  throw new TypeError(
    `The ${name} of a call is sent in a header: use letters, digits and signs of ASCII, without spaces.`,
  )
}

/** A list is repeats, which are the same as their texts with commas between. */
function addDeclared(all: Draft, headers: EncodedRequest['headers']): void {
  const added = new Set<string>()
  for (const [written, text] of headers) {
    const name = written.toLowerCase()
    all[name] = added.has(name) ? `${all[name]}, ${text}` : text
    added.add(name)
  }
}
