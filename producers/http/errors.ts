import { explain, type Finding } from '../../contracts/index.ts'

/** How a refused request is answered; 413 and 415 come without findings. */
export type RefusedStatus = 400 | 413 | 415

/** A request that breaks its contract. Its handler was not called; the guard answers it, or the app's error handler does. */
export class RequestRefused extends Error {
  override readonly name = 'RequestRefused'
  readonly code = 'request.refused'
  readonly statusCode: RefusedStatus
  /** The contract's name. */
  readonly contract: string
  readonly findings: readonly Finding[]

  constructor(contract: string, findings: readonly Finding[], statusCode: RefusedStatus = 400) {
    super(`${BECAUSE[statusCode]} ${contract}${findings.map((finding) => `\n  ${explain(finding)}`).join('')}`)
    this.statusCode = statusCode
    this.contract = contract
    this.findings = findings
  }
}

const BECAUSE: { readonly [status in RefusedStatus]: string } = {
  400: 'The request breaks the contract',
  413: 'The body is too large for',
  415: 'The body is not sent as application/json, as it must be for',
}
