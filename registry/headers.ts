import { type IncomingMessage, ServerResponse } from 'node:http'

/**
 * What every answer says to browsers, whatever else it says: it is data, and no page to be run, framed, guessed at or read by
 * others. An answer that is a page names its own policy in place of the first.
 */
const HEADERS = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'origin-agent-cluster': '?1',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-dns-prefetch-control': 'off',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
} as const

/** For a year, browsers come over TLS alone. */
const OVER_TLS = { 'strict-transport-security': 'max-age=31536000' } as const

/** They stand in each answer: those of routes, refusals, and what Node answers by itself. */
export type SecurityHeaders = {
  readonly response: typeof ServerResponse
  /** The same as text, for an answer that is written to the connection. */
  readonly lines: string
}

/** Makes the headers for a server that speaks TLS, or does not. */
export function securityHeaders(isTls: boolean, storeHeader: StoreHeader | null = STORE_HEADER): SecurityHeaders {
  const headers = { ...HEADERS, ...(isTls && OVER_TLS) }
  return {
    response: storeHeader ? responseWith(headers, storeHeader) : plainResponseWith(headers),
    lines: linesOf(headers),
  }
}

type Headers = Readonly<Record<string, string>>
type StoreHeader = (this: ServerResponse, statusLine: string, headers: object | null | undefined) => void

/** Node has had this method since its first release, but it is not a documented one: a release may come without it. */
const STORE_HEADER = (Reflect.get(ServerResponse.prototype, '_storeHeader') as StoreHeader | undefined) ?? null

/**
 * Puts the lines below the status line. Node checks and joins each header of each answer, which for these costs a tenth of what
 * a schema by id takes; here they are ready.
 */
function responseWith(headers: Headers, storeHeader: StoreHeader): typeof ServerResponse {
  const { 'content-security-policy': _policy, ...others } = headers
  const [lines, ofPages] = [linesOf(headers), linesOf(others)]
  return class<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
    _storeHeader(statusLine: string, own: object | null | undefined): void {
      const isPage = own && 'content-security-policy' in own
      storeHeader.call(this, statusLine + (isPage ? ofPages : lines), own)
    }
  }
}

function plainResponseWith(headers: Headers): typeof ServerResponse {
  const entries = new Map(Object.entries(headers))
  return class<Request extends IncomingMessage = IncomingMessage> extends ServerResponse<Request> {
    constructor(request: Request) {
      super(request)
      this.setHeaders(entries)
    }
  }
}

function linesOf(headers: Headers): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
}
