import { Type } from '@sinclair/typebox'
import type { Answer, Surface } from './operation.ts'

/** Headers that matter, by their names, as they stand among the components. */
export const HEADERS = {
  'x-request-id': {
    description: 'The id by which logs and the audit name the request: the one that came with it, or a new one.',
    required: true,
    schema: Type.String(),
  },
  etag: { description: 'What `If-None-Match` takes, so that the same is not sent again.', schema: Type.String() },
  'retry-after': {
    description: 'After how many seconds to try again.',
    required: true,
    schema: Type.Integer({ minimum: 0 }),
  },
  'www-authenticate': { description: 'How to come in.', required: true, schema: Type.String() },
  ratelimit: { description: 'What is left of the rate, where it is limited.', schema: Type.String() },
  'idempotency-replayed': {
    description: '`true` where the answer is the one that an earlier request with the same key has had.',
    schema: Type.String(),
  },
}

/** Refusals that many routes have, by their status. */
const SHARED: { readonly [status: number]: Pick<Answer, 'description' | 'headers'> } = {
  400: { description: 'The request is refused: it is not as it should be.' },
  401: { description: 'There is no token, or not a good one.', headers: ['www-authenticate'] },
  403: { description: 'Whoever asks may not do that.' },
  404: { description: 'What it names is not there.' },
  409: { description: 'It clashes with what is there.' },
  413: { description: 'The body is too large.' },
  414: { description: 'A name in the path is too long.' },
  415: { description: 'The body is no JSON, or compressed.' },
  422: { description: 'It can be understood, and not done.' },
  429: { description: 'Too many came, or too many bad tokens.', headers: ['retry-after', 'ratelimit'] },
  500: { description: 'Something failed that nobody foresaw.' },
  503: { description: 'Not now: try again.', headers: ['retry-after'] },
}

/** What is answered before the registry knows what is asked, whatever the surface. */
const EARLY: { readonly [status: number]: { readonly description: string; readonly hasBody: boolean } } = {
  408: { description: 'The request did not arrive in time.', hasBody: true },
  417: { description: 'It expects something else than to be let go on.', hasBody: false },
  431: { description: 'The headers are too large.', hasBody: true },
}

/** References to refusals that stand among the components, by their status. */
export function refusalsOf({ name }: Surface, statuses: readonly number[]): { readonly [status: string]: object } {
  const own = statuses.map((status) => [status, { $ref: `#/components/responses/${name}${status}` }])
  const early = Object.keys(EARLY).map((status) => [status, { $ref: `#/components/responses/Early${status}` }])
  return Object.fromEntries([...own, ...early])
}

/** The refusals of a surface, among the components. */
export function sharedResponses(surface: Surface): { readonly [name: string]: object } {
  const own = Object.entries(SHARED).map(([status, { description, headers = [] }]) => [
    `${surface.name}${status}`,
    tell(description, contentOf(surface.refusalTypes, surface.refusal), ['x-request-id', ...headers]),
  ])
  const early = Object.entries(EARLY).map(([status, { description, hasBody }]) => [
    `Early${status}`,
    tell(description, hasBody ? contentOf(['application/json'], 'Refusal') : [], []),
  ])
  return Object.fromEntries([...own, ...early])
}

function contentOf(types: readonly string[], name: string): [string, object][] {
  return types.map((type) => [type, { schema: { $ref: `#/components/schemas/${name}` } }])
}

/** An answer as OpenAPI writes it. */
export function responseOf({ types }: Surface, answer: Answer, more: readonly string[]): object {
  const { description, schema, types: others = {}, headers = [] } = answer
  const own = schema ? types.map((type): [string, object] => [type, { schema }]) : []
  const other = Object.entries(others).map(([type, one]): [string, object] => [type, { schema: one }])
  return tell(description, [...own, ...other], ['x-request-id', ...headers, ...more])
}

function tell(description: string, content: readonly [string, object][], headers: readonly string[]): object {
  const told = headers.map((name) => [name, { $ref: `#/components/headers/${name}` }])
  return {
    description,
    ...(told.length > 0 && { headers: Object.fromEntries(told) }),
    ...(content.length > 0 && { content: Object.fromEntries(content) }),
  }
}
