import { type EndpointContract, explain, type Finding } from '../../contracts/index.ts'
import { textOf } from '../errors.ts'

/** Which operation, and of whom; never the request's own values. */
export type About = { readonly contract: EndpointContract; readonly origin: string }

function operationIn({ contract: { name, method, path } }: About): string {
  return `${name} (${method} ${path})`
}

function listing(findings: readonly Finding[]): string {
  return findings.map((finding) => `\n  ${explain(finding)}`).join('')
}

/** A request that breaks its contract. Nothing was sent. */
export class CallRefused extends Error {
  override readonly name = 'CallRefused'
  readonly code = 'call.request-refused'
  readonly findings: readonly Finding[]

  constructor(about: About, findings: readonly Finding[]) {
    super(`Nothing was sent: the request of ${operationIn(about)} breaks its contract.${listing(findings)}`)
    this.findings = findings
  }
}

/** Every reason to refuse a response, in words. */
const RESPONSE_REASONS = {
  'response.status-undeclared': 'has a status that the contract does not declare',
  'response.not-json': 'is sent as something else than JSON',
  'response.malformed': 'has a body that is not well-formed JSON in UTF-8',
  'response.breaks-contract': 'breaks its contract',
  'response.too-large': 'has a larger body than the client reads; raise maxBodyBytes if it should',
} as const
export type ResponseReason = keyof typeof RESPONSE_REASONS

/** A response that the contract does not allow; `code` says why. What was asked for may have happened all the same. */
export class ResponseRefused extends Error {
  override readonly name = 'ResponseRefused'
  readonly code: ResponseReason
  readonly status: number
  readonly findings: readonly Finding[]

  constructor(
    about: About,
    code: ResponseReason,
    { status, findings = [] }: { status: number; findings?: readonly Finding[] },
  ) {
    super(
      `The response ${status} of ${about.origin} to ${operationIn(about)} ${RESPONSE_REASONS[code]}.${listing(findings)}`,
    )
    this.code = code
    this.status = status
    this.findings = findings
  }
}

/** Every way in which a call can end without a response, in words. */
const FAILURES = {
  'call.no-answer': ({ reason }: Failure) => `got no answer: ${reason}`,
  'call.timed-out': ({ timeoutMs }: Failure) => `was not answered within ${timeoutMs} ms`,
} as const
export type FailureCode = keyof typeof FAILURES
type Failure = { readonly timeoutMs: number; readonly reason: string }

/** There was no answer, or not in time. Whether the other side has done what was asked for is not known. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed'
  readonly code: FailureCode

  constructor(about: About, code: FailureCode, timeoutMs: number, cause: unknown) {
    const words = FAILURES[code]({ timeoutMs, reason: reasonOf(cause) })
    super(
      `${operationIn(about)} of ${about.origin} ${words}. Whether it was done is not known; call again, with the same idempotencyKey if doing it twice would matter.`,
      { cause },
    )
    this.code = code
  }
}

/** `fetch` says only that it failed; why stands in the causes below, of which there may be a circle. */
function reasonOf(cause: unknown): string {
  let last = cause
  for (let depth = 0; depth < 10 && last instanceof Error && last.cause !== undefined; depth++) last = last.cause
  return textOf(last instanceof Error && 'code' in last ? last.code : last)
}

/** The other side failed too often of late, so it was not asked. Nothing was sent, unless there were `tries` before. */
export class BreakerOpen extends Error {
  override readonly name = 'BreakerOpen'
  readonly code = 'call.breaker-open'
  /** After so long one call is let through; 0 while one is trying already. */
  readonly retryAfterMs: number
  /** How many tries of this call had been sent before, and may have been done. */
  readonly tries: number

  constructor(origin: string, retryAfterMs: number, tries: number) {
    const what = tries === 0 ? 'Nothing was sent' : 'Nothing more was sent'
    const times = tries === 1 ? 'once' : `${tries} times`
    const before = tries === 0 ? '' : `. This call had been sent ${times} before, and may have been done`
    const when =
      retryAfterMs > 0 ? `In ${Math.ceil(retryAfterMs)} ms one call is let through` : 'One call is trying now'
    super(`${what} to ${origin}, which has failed too often of late${before}. ${when}; call again after that.`)
    this.retryAfterMs = retryAfterMs
    this.tries = tries
  }
}
