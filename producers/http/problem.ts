import { explain } from '../../contracts/index.ts'
import type { RequestRefused } from './errors.ts'

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

/** Every status with which a guard answers by itself, and its title. */
export const PROBLEMS = {
  400: 'The request breaks its contract',
  404: 'Nothing is served here',
  405: 'The method is not served here',
  413: 'The body is too large',
  415: 'The content type is not read',
  500: 'The answer broke its contract',
} as const

/** A problem as JSON text, in the form of RFC 9457. */
export function problemText(status: keyof typeof PROBLEMS, detail: string, more: object = {}): string {
  return JSON.stringify({ type: 'about:blank', title: PROBLEMS[status], status, detail, ...more })
}

/** Findings name places and what the contract asks for, never what came. */
export function refusedText({ contract, statusCode, findings }: RequestRefused): string {
  switch (statusCode) {
    case 413:
      return problemText(413, 'Send a smaller body.')
    case 415:
      return problemText(415, 'Send the body as application/json.')
    case 400:
      return problemText(400, `The request breaks the contract ${contract}; it was not handled.`, {
        findings: findings.map((finding) => ({
          code: finding.code,
          at: shorten(finding.at),
          explanation: explain(finding),
        })),
      })
  }
}

/** A place holds names that came with the request, and they may be of any length. */
function shorten(at: string): string {
  return at.length > 200 ? `${at.slice(0, 200)}…` : at
}

export function brokenText(contract: string): string {
  return problemText(500, `The service broke its own contract ${contract}; what it made was not sent.`)
}
