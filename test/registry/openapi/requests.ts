import { fc } from '../../support/property.ts'
import type { Operation, Parameter } from './described.ts'
import { strangeText, strangeValue, type Values } from './values.ts'

/** A request as it goes to the server, which need not be one that anybody should send. */
export type Sending = {
  readonly method: string
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  readonly payload?: Buffer
}

type Parts = {
  readonly path: readonly (readonly [name: string, value: unknown])[]
  readonly query: readonly (readonly [name: string, value: unknown])[]
  readonly body?: unknown
}

/** Requests to an operation: good ones, nearly good ones, and such as nobody should send. */
export function requestsTo(operation: Operation, values: Values): fc.Arbitrary<Sending> {
  const good = partsOf(operation, values)
  const write = (parts: Parts) => asSending(operation, parts)
  const parts = good.map(write)
  const tokens = values.named('token', fc.constant('x'))
  return fc.oneof(
    { weight: 8, arbitrary: parts },
    { weight: 6, arbitrary: nearly(good).map(write) },
    { weight: 3, arbitrary: fc.tuple(parts, spoiling).map(([sending, spoil]) => spoil(sending)) },
    { weight: 2, arbitrary: fc.tuple(parts, strangeHeaders).map(([sending, more]) => withHeaders(sending, more)) },
    { weight: 1, arbitrary: fc.tuple(parts, tokens).map(([sending, token]) => withHeaders(sending, bearing(token))) },
    { weight: 2, arbitrary: fc.tuple(parts, strangeQuery).map(([sending, query]) => withQuery(sending, query)) },
    { weight: 1, arbitrary: fc.tuple(parts, bending).map(([sending, bend]) => bend(sending)) },
  )
}

function partsOf({ path: template, parameters, body }: Operation, values: Values): fc.Arbitrary<Parts> {
  // What an id is one of stands before it.
  const before = (name: string) => template.split(`/{${name}}`)[0]?.split('/').at(-1)
  const valueFor = ({ name, schema }: Parameter) => values.named(name, values.of(schema), before(name))
  const path = parameters.filter((one) => one.in === 'path')
  const query = parameters.filter((one) => one.in === 'query')
  const example = body && fc.constantFrom(...body.examples)
  const sent =
    body && example && fc.oneof({ weight: 2, arbitrary: example }, { weight: 1, arbitrary: values.of(body.schema) })
  return fc.record({
    path: fc.tuple(...path.map((one) => valueFor(one).map((value) => [one.name, value] as const))),
    query: fc
      .tuple(
        ...query.map((one) =>
          fc.tuple(one.required ? fc.constant(true) : fc.boolean(), valueFor(one)).map(([isThere, value]) => {
            return isThere ? [[one.name, value] as const] : []
          }),
        ),
      )
      .map((some) => some.flat()),
    ...(sent && { body: sent }),
  })
}

/** The same with something strange in one place. */
function nearly(good: fc.Arbitrary<Parts>): fc.Arbitrary<Parts> {
  return fc.tuple(good, fc.nat(), strangeText, strangeValue).map(([parts, place, text, value]) => {
    const { path, query, body } = parts
    const places = path.length + query.length
    const isInBody = body !== undefined && (places === 0 || place % 3 !== 0)
    if (isInBody) return { ...parts, body: changed(body, place, value) }
    if (places === 0) return { ...parts, query: [[text, text]] }
    const at = place % places
    const swap = (list: Parts['path'], offset: number) =>
      list.map(([name, old], i) => [name, i + offset === at ? text : old] as const)
    return { ...parts, path: swap(path, 0), query: swap(query, path.length) }
  })
}

/** A value with something else in one of its places. */
function changed(whole: unknown, place: number, value: unknown): unknown {
  const places: string[][] = []
  const walk = (at: unknown, path: string[]): void => {
    places.push(path)
    if (typeof at === 'object' && at !== null)
      for (const [name, member] of Object.entries(at)) walk(member, [...path, name])
  }
  walk(whole, [])
  const set = (at: unknown, [step, ...rest]: string[]): unknown => {
    if (step === undefined) return value
    if (Array.isArray(at)) return at.map((member, i) => (String(i) === step ? set(member, rest) : member))
    const object = new Map<string, unknown>(Object.entries(at ?? {}))
    return Object.fromEntries(object.set(step, set(object.get(step), rest)))
  }
  return set(whole, places[place % places.length] ?? [])
}

function asSending({ method, path, body }: Operation, parts: Parts): Sending {
  const url = parts.path.reduce((at, [name, value]) => at.replace(`{${name}}`, () => encoded(value)), path)
  const query = parts.query.flatMap(([name, value]) => [value].flat().map((one) => `${encoded(name)}=${encoded(one)}`))
  return {
    method,
    url: query.length > 0 ? `${url}?${query.join('&')}` : url,
    headers: body ? { 'content-type': body.types[0] ?? 'application/json' } : {},
    ...(body && { payload: Buffer.from(JSON.stringify(parts.body)) }),
  }
}

function encoded(value: unknown): string {
  return encodeURIComponent((typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed())
}

type Change = (sending: Sending) => Sending

const INVALID_UTF8 = Buffer.from([0xc3, 0x28, 0xff, 0xed, 0xa0, 0x80])

/** Bodies that no value becomes. */
const spoiling: fc.Arbitrary<Change> = fc.constantFrom<Change>(
  ...[
    (text: string) => text.replace('{', '{"__proto__":{"isAdmin":true},'),
    (text: string) => text.replace('{', '{"constructor":{"prototype":{"isAdmin":true}},'),
    (text: string) => text.replace(/\{("\w+":)/, '{$10,$1'),
    (text: string) => text.replace(/:("[^"]*"|\d+|true|false)/, ':1e400'),
    (text: string) => text.replace(/:("[^"]*"|\d+|true|false)/, ':9007199254740993'),
    (text: string) => text.replace(/:("[^"]*"|\d+|true|false)/, ':"\\ud800"'),
    (text: string) => text.replace(/:("[^"]*"|\d+|true|false)/, ':"\\u0000"'),
    (text: string) => text.replace(/:("[^"]*"|\d+|true|false)/, `:${'['.repeat(600)}${']'.repeat(600)}`),
    (text: string) => text.replace(/:("[^"]*"|\d+|true|false)/, `:${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`),
    (text: string) => `[${text},${text}]`,
    (text: string) => `${text}${text}`,
    (text: string) => `\ufeff${text}`,
    (text: string) => text.slice(0, -1),
    (text: string) => JSON.stringify(text),
    () => '',
    () => 'null',
    () => '[]',
    () => '{}',
    () => `{"a":[${'0,'.repeat(60_000)}0]}`,
    () => `"${'x'.repeat(4_300_000)}"`,
    () => 'a=1&b=2',
    () => '<?xml version="1.0"?><a/>',
  ].map(
    (spoil): Change =>
      (sending) =>
        withBody(sending, (body) => Buffer.from(spoil(body.toString()))),
  ),
  (sending) => withBody(sending, (body) => Buffer.concat([body.subarray(0, 5), INVALID_UTF8, body.subarray(5)])),
)

function withBody(sending: Sending, change: (body: Buffer) => Buffer): Sending {
  const { payload = Buffer.from('{"a":"b"}'), headers } = sending
  return { ...sending, headers: { 'content-type': 'application/json', ...headers }, payload: change(payload) }
}

const strangeHeaders = fc.constantFrom<Sending['headers']>(
  { 'content-type': 'text/plain' },
  { 'content-type': 'application/json; charset=utf-16' },
  { 'content-type': 'application/json;;;=' },
  { 'content-type': 'multipart/form-data; boundary=x' },
  { 'content-type': '/' },
  { 'content-type': 'application/octet-stream' },
  { 'content-encoding': 'gzip' },
  { 'content-encoding': 'identity' },
  { accept: 'text/html' },
  { accept: 'application/vnd.schemaregistry+json' },
  { accept: ',;,;q=x' },
  { 'if-none-match': '*' },
  { 'if-none-match': '","' },
  { 'x-request-id': 'x'.repeat(500) },
  { 'x-request-id': 'abc' },
  { traceparent: 'nonsense' },
  { authorization: 'Bearer x' },
  { authorization: `Bearer concordat_${'a'.repeat(12)}_${'b'.repeat(43)}` },
  { host: 'evil.example' },
  { origin: 'https://evil.example' },
  { 'sec-fetch-site': 'cross-site' },
  { authorization: 'Basic %' },
  { 'idempotency-key': 'x'.repeat(1000) },
  { 'idempotency-key': '' },
  { 'idempotency-key': 'sent-again' },
  { 'idempotency-key': '\u00e9' },
  { expect: '100-continue' },
  { range: 'bytes=0-1' },
  { 'x-forwarded-for': "' OR 1=1" },
)

function bearing(token: unknown): Sending['headers'] {
  return { authorization: `Bearer ${String(token)}` }
}

function withHeaders(sending: Sending, more: Sending['headers']): Sending {
  return { ...sending, headers: { ...sending.headers, ...more } }
}

const strangeQuery = fc.oneof(
  fc.constantFrom(
    '?',
    '&&&',
    '=',
    '%',
    '%zz=%ff',
    'a[]=1&a[b]=2',
    '__proto__=1&constructor=2',
    'limit=1&limit=2',
    'limit=-5&offset=-7',
    'limit=99999999999&offset=99999999999',
    'offset=1.5',
    'limit=NaN',
    'deleted=TRUE&deletedOnly=tRuE',
    'subjectPrefix=%00',
    'after=%00',
    'after=e30',
    'after=W10',
    'after=MQ',
    'after=LTE',
    'after=MWU0MDA',
    'version=latest&version=latest',
    'service=vote-api&version=latest&to=production&against=main',
    'service=%F0%9F%98%80&version=%ED%A0%80',
    'x='.repeat(500),
    `a=${'x'.repeat(5000)}`,
    Array.from({ length: 1200 }, (_, i) => `k${i}=v`).join('&'),
    'service=vote-api;version=1',
  ),
  fc.string({ maxLength: 30 }).map((text) => text.replaceAll(/[^!-~]|#/g, '')),
)

function withQuery(sending: Sending, query: string): Sending {
  return { ...sending, url: `${sending.url}${sending.url.includes('?') ? '&' : '?'}${query}` }
}

/** Other methods, and paths that are none. */
const bending = fc.constantFrom<Change>(
  (sending) => ({ ...sending, method: 'PATCH' }),
  (sending) => ({ ...sending, method: 'OPTIONS' }),
  (sending) => ({ ...sending, method: 'TRACE' }),
  (sending) => ({ ...sending, method: sending.method === 'GET' ? 'POST' : 'GET' }),
  (sending) => ({ ...sending, method: sending.method === 'DELETE' ? 'PUT' : 'DELETE' }),
  (sending) => withPath(sending, (path) => `${path}/`),
  (sending) => withPath(sending, (path) => `${path}//`),
  (sending) => withPath(sending, (path) => `${path}/nothing`),
  (sending) => withPath(sending, (path) => path.toUpperCase()),
  (sending) => withPath(sending, (path) => path.replace(/[^/]+$/, '%')),
  (sending) => withPath(sending, (path) => path.replace(/[^/]+$/, '%zz')),
  (sending) => withPath(sending, (path) => path.replace(/[^/]+$/, '%ff%fe')),
  (sending) => withPath(sending, (path) => path.replace(/[^/]+$/, '%00')),
  (sending) => withPath(sending, (path) => path.replace(/[^/]+$/, '%2F%2e%2e%2F')),
  (sending) => withPath(sending, (path) => path.replace(/[^/]+$/, '..;/..')),
  (sending) => withPath(sending, (path) => path.replace(/[^/]+$/, 'x'.repeat(4000))),
  (sending) => withPath(sending, (path) => path.replace(/\/[^/]+$/, '/')),
  (sending) => withPath(sending, (path) => path.replaceAll('/', '//')),
)

function withPath(sending: Sending, change: (path: string) => string): Sending {
  const [path = '/', ...query] = sending.url.split('?')
  return { ...sending, url: [change(path), ...query].join('?') }
}
