import type { MatchPath } from '../../contracts/index.ts'
import type { AnswerHeaders } from './answer.ts'
import type { Broken, Guard, OnBroken } from './guard.ts'

/** What is known of a guarded operation beside its handler. */
export type WebGuard = {
  readonly guard: Guard
  readonly match: MatchPath
  readonly maxBodyBytes: number
  readonly responses: OnBroken
  readonly tell: (broken: Broken, request: Request) => void
}

/** An answer as every contract has it. */
export type WebAnswer = { readonly status: number; readonly body?: unknown; readonly headers?: AnswerHeaders }
