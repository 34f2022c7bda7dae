import type { Static } from '@sinclair/typebox'
import type { CastVote } from '../vote-api.contract.ts'

export type Option = Static<(typeof CastVote.responseTypes)[201]>['option']

/** What the page does when somebody votes; answers the option that counts. The same key counts once. */
export function castVote(api: string, option: Option, key: string): Promise<Option>
