import type { Entry } from '../streams/index.ts'
import type { Delivery } from './options.ts'
import type { Work } from './work.ts'

export type Handler =
  | { readonly handle: (message: unknown, entry: Entry) => Promise<void> | void }
  | { readonly handleBatch: (batch: readonly Delivery<unknown>[]) => Promise<void> | void }

/** Calls the handler with one message, or with a batch. */
export type Call = (works: readonly Work[]) => unknown

export function callOf(handler: Handler): Call {
  if ('handleBatch' in handler)
    return (works) => handler.handleBatch(works.map(({ message, entry }) => ({ message, entry })))
  return ([work]) => work && handler.handle(work.message, work.entry)
}

/** How a call ended; with `error` it threw that. */
export type Ending = { readonly error?: unknown }

/** Tells when a call is over. One without a promise gets none from here. */
export function whenOver(call: () => unknown, over: (ending: Ending) => void): unknown {
  const failed = (error: unknown): never => {
    over({ error })
    throw error
  }
  let answer: unknown
  try {
    answer = call()
  } catch (error) {
    return failed(error)
  }
  if (isPromise(answer)) return answer.then(() => over({}), failed)
  over({})
  return answer
}

export function isPromise(answer: unknown): answer is PromiseLike<unknown> {
  return typeof answer === 'object' && answer !== null && 'then' in answer && typeof answer.then === 'function'
}
