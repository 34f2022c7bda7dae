import type { Entry } from '../streams/index.ts'
import type { Member } from './group.ts'
import type { Delivery, Origin } from './options.ts'
import type { Work } from './work.ts'

export type Handler =
  | { readonly handle: (message: unknown, entry: Entry) => Promise<void> | void }
  | { readonly handleBatch: (batch: readonly Delivery<unknown>[], origin: Origin) => Promise<void> | void }

/** Calls the handler with one message, or with a batch. */
export type Call = (works: readonly Work[]) => unknown

export function callOf(handler: Handler, { stream, group }: Pick<Member, 'stream' | 'group'>): Call {
  if ('handleBatch' in handler)
    return (works) => {
      const batch = works.map(({ message, entry }) => ({ message, entry }))
      return handler.handleBatch(batch, { stream, group, isRepeat: works.some(isRepeat) })
    }
  return ([work]) => work && handler.handle(work.message, work.entry)
}

/** What failed without a count may have taken effect all the same. */
function isRepeat({ attempt, source, troubles }: Work): boolean {
  return attempt > 1 || source.isRetry || troubles > 0
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
