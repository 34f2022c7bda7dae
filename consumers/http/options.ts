import type { Finding } from '../../contracts/index.ts'
import type { RetryOptions } from '../retry.ts'
import type { Break, CallBreakerOptions } from './breaker.ts'
import { checkedHeaders, type PlainHeaders } from './plain-headers.ts'

/** A request or response of a call that broke its contract. */
export type BrokenCall = {
  /** The contract's name. */
  readonly contract: string
  readonly side: 'request' | 'response'
  /** Of a response. */
  readonly status?: number
  readonly findings: readonly Finding[]
}

export type CallOptions = {
  readonly signal?: AbortSignal
  /** Sent as `Idempotency-Key`: the service does what has the same key once, so that any method may be tried again. */
  readonly idempotencyKey?: string
  /** The trace that the call is a part of, as W3C Trace Context writes it. */
  readonly traceparent?: string
  /** In place of the client's own. */
  readonly timeoutMs?: number
  readonly headers?: PlainHeaders
}

export type HttpClientOptions = {
  /** Where the service is; contracts' paths come after its path. */
  readonly baseUrl: string | URL
  /** What sends; the platform's own unless given. */
  readonly fetch?: typeof fetch
  /** Sent with each call, such as a token; a function is asked before each call. */
  readonly headers?: PlainHeaders | (() => PlainHeaders | Promise<PlainHeaders>)
  /** How long one call may take, with all its tries and pauses. */
  readonly timeoutMs?: number
  /** How long one try may take, so that one on a connection that died in silence leaves time for another. */
  readonly tryTimeoutMs?: number
  /** The largest body that is read, as it is when it is unpacked. */
  readonly maxBodyBytes?: number
  /** How to try again; `false` never does. */
  readonly retry?: Partial<RetryOptions> | false
  /** When to stop asking; `false` never stops. */
  readonly breaker?: Partial<CallBreakerOptions> | false
  /** Told of every request and every response that broke its contract. */
  readonly onFinding?: (broken: BrokenCall) => void
  /** Told when the breaker opens and when it closes. */
  readonly onBreak?: (change: Break) => void
}

export type HttpSettings = ReturnType<typeof httpSettingsOf>

/** The options with what they leave out. Throws a TypeError for what cannot work. */
export function httpSettingsOf(options: HttpClientOptions) {
  const { retry, breaker, onFinding, onBreak, headers } = options
  const base = baseOf(String(options.baseUrl))
  const settings = {
    base: (base.origin + base.pathname).replace(/\/+$/, ''),
    origin: base.origin,
    // asked for at each call, so that whoever replaces the platform's own afterwards is heard
    fetch: options.fetch ?? ((...given: Parameters<typeof fetch>) => fetch(...given)),
    headers: typeof headers === 'function' ? headers : checkedHeaders(headers ?? {}),
    timeoutMs: options.timeoutMs ?? 10_000,
    tryTimeoutMs: options.tryTimeoutMs,
    maxBodyBytes: options.maxBodyBytes ?? 10 * 1024 * 1024,
    retry: retry === false ? undefined : { maxAttempts: 3, minMs: 100, maxMs: 5_000, ...retry },
    breaker: breaker === false ? undefined : { inARow: 5, window: 20, ratio: 0.5, pauseMs: 10_000, ...breaker },
    onFinding: quiet(onFinding),
    onBreak: quiet(onBreak),
  } as const
  refuse(settings)
  return settings
}

function refuse({ timeoutMs, tryTimeoutMs = 1, maxBodyBytes, retry, breaker }: HttpSettings): void {
  checkWholeNumbers({ timeoutMs, tryTimeoutMs, maxBodyBytes }, '')
  if (retry) checkWholeNumbers(retry, 'retry.')
  if (!breaker) return
  const { ratio, ...counts } = breaker
  checkWholeNumbers(counts, 'breaker.')
  if (!(ratio >= 0 && ratio <= 1)) throw new TypeError(`breaker.ratio is ${ratio}, and must be a number from 0 to 1.`)
}

/** What a timer can wait at most. */
const LARGEST = 2 ** 31 - 1

/** Throws a TypeError for a number that cannot be a count or a time. */
export function checkWholeNumbers(numbers: { readonly [name: string]: number }, where: string): void {
  for (const [name, value] of Object.entries(numbers))
    if (!Number.isSafeInteger(value) || value < 1 || value > LARGEST)
      throw new TypeError(`${where}${name} is ${value}, and must be a whole number from 1 to ${LARGEST}.`)
}

function baseOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new TypeError('baseUrl is no URL that begins with http:// or https://; give the address of the service.')
  if (url.username !== '' || url.password !== '')
    throw new TypeError(
      `baseUrl of ${url.host} holds a user or password, which would stand in logs; send it in headers.`,
    )
  if (url.search !== '' || url.hash !== '')
    throw new TypeError(`baseUrl of ${url.host} has a query or a fragment; give the part before it.`)
  return url
}

/** A hook that throws stops nothing: a call ends as it would without it. */
function quiet<T>(hook: ((told: T) => void) | undefined): (told: T) => void {
  return (told) => {
    try {
      hook?.(told)
    } catch {
      // There is nobody left to tell.
    }
  }
}
