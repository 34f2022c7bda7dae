import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Broken, Guard, OnBroken } from './guard.ts'

export const STATE = Symbol('concordat.guard')

/** What the guard knows of one request while it is handled. */
export type State = {
  readonly guard: Guard
  parts: unknown
  /** The serializer of the reply is the contract's writer. */
  isWriting: boolean
  /** What the contract's own writer has written, and for which status. */
  written: string | undefined
  writtenStatus: number
  hasThrown: boolean
  /** The code of the error that was thrown, where it has one. */
  thrownCode: string
  /** The request was refused, whoever answers. */
  isRefused: boolean
  /** The answer is the guard's own. */
  isOwn: boolean
}

export type Settings = {
  readonly responses: OnBroken
  readonly refusals: 'answer' | 'throw'
  readonly tell: (broken: Broken, request: FastifyRequest) => void
}

type Guarded = FastifyRequest & { [STATE]?: State | null }

/** The state of a request of a guarded route; undefined for any other, and before the guard has seen it. */
export function stateOf(request: FastifyRequest): State | undefined {
  return (request as Guarded)[STATE] ?? undefined
}

export function openState(request: FastifyRequest, guard: Guard): State {
  return ((request as Guarded)[STATE] ??= {
    guard,
    parts: undefined,
    isWriting: false,
    written: undefined,
    writtenStatus: 0,
    hasThrown: false,
    thrownCode: '',
    isRefused: false,
    isOwn: false,
  })
}

/** Every hook of a guarded route is given these. */
export type Hooked = { readonly guard: Guard; readonly settings: Settings }
export type Exchange = { readonly request: FastifyRequest; readonly reply: FastifyReply }
