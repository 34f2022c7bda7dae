import type { RequestParts, ResponseOf } from '../../contracts/index.ts'

/**
 * Any value, with a parameter for each kind of constant in it. They are there for the compiler: where it is to find them, it
 * keeps 201 and 'dogs' as they stand in a handler, and does not take them for just any number and text.
 */
type Constants<T extends string, N extends number, B extends boolean> =
  | T
  | N
  | B
  | null
  | undefined
  | object
  | readonly Constants<T, N, B>[]
  | { readonly [name: string]: Constants<T, N, B> }

export type AnswerHeaders = { readonly [name: string]: string | string[] }

/** What a handler answers: one of the statuses of its contract, with that status's body. */
export type Answer<C, S extends number, T extends string, N extends number, B extends boolean> = ResponseOf<C> & {
  readonly status: S
  readonly body?: Constants<T, N, B>
  readonly headers?: AnswerHeaders
}

/** Answers a request from its decoded, typed parts; `Rest` is what the framework gives beside them. */
export type Handle<C, Rest extends readonly unknown[], A> = (parts: RequestParts<C>, ...rest: Rest) => A | Promise<A>
