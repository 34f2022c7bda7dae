import type { JsonObject } from '../json.ts'

/** The name under which the document tells the guard's own answers. */
export const PROBLEM = 'concordat.Problem'

const FINDING: JsonObject = {
  type: 'object',
  properties: {
    code: { type: 'string', description: 'What is wrong, as a code that never changes.' },
    at: { type: 'string', description: 'Where, as a JSON Pointer into the request.' },
    explanation: { type: 'string', description: 'The same in words.' },
  },
  required: ['code', 'at'],
}

/** What a guard answers by itself, in the form of RFC 9457. */
export const PROBLEM_SCHEMA: JsonObject = {
  type: 'object',
  description: 'A problem, as RFC 9457 has it.',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: { type: 'string' },
    findings: { type: 'array', items: FINDING },
  },
  required: ['title', 'status'],
}

/** The answers of a guard, by status. It refuses no request of which the contract says nothing. */
export function problemResponses(parts: readonly string[], isHead: boolean): { readonly [status: string]: JsonObject } {
  const content = { 'application/problem+json': { schema: { $ref: `#/components/schemas/${PROBLEM}` } } }
  const problem = (description: string): JsonObject => ({ description, ...(isHead ? {} : { content }) })
  return {
    ...(parts.length > 0 ? { 400: problem('The request breaks its contract.') } : {}),
    ...(parts.includes('body')
      ? { 413: problem('The body is too large.'), 415: problem('The body has a content type that is not read.') }
      : {}),
    500: problem('The answer would have broken its contract, and was not sent.'),
  }
}
