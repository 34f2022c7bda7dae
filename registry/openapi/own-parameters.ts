import { type TSchema, Type } from '@sinclair/typebox'
import { MOST_LISTED } from '../api/queries.ts'
import type { Operation } from './operation.ts'
import { number, text, word } from './parameters.ts'

export const VERBS = ['writes', 'reads', 'serves', 'calls']

/** Where a list begins, and how long it is. */
export const PAGE = [
  text('after', 'The `next` of the answer before.'),
  number(
    'limit',
    `How many entries to answer; never more than ${MOST_LISTED}.`,
    Type.Integer({ minimum: 1, maximum: 999_999_999 }),
  ),
]
export const POLICY = word('policy', 'By which policy to compare.', ['as-declared', 'strict'])
export const TO = text('to', 'The environment where it is to go.', 'production')
export const SERVICE = text('service', 'The name of a service.', 'vote-api')
export const VERSION = text('version', 'A version, `latest`, or `branch:` and the name of a branch.', '4f2a91c')

/** What is answered by a request that makes something, or changes what is there. */
export function putting(what: string, schema: TSchema): Operation['answers'] {
  return {
    200: { description: `${what}, which was there already.`, schema },
    201: { description: `${what}, which is new.`, schema },
  }
}
