/** A promise that is settled from outside, once, and by `signal` at any time. */
export type Ticket<T> = {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void
  readonly reject: (error: Error) => void
  readonly isOver: () => boolean
}

/** `whenAborted` makes the error of a send that is given up by its signal. */
export function createTicket<T>(signal: AbortSignal | undefined, whenAborted: (reason: Error) => Error): Ticket<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>()
  let isOver = false
  const end = () => {
    isOver = true
    signal?.removeEventListener('abort', abort)
  }
  const abort = () => {
    end()
    reject(whenAborted(asError(signal?.reason)))
  }
  signal?.addEventListener('abort', abort)
  return {
    promise,
    isOver: () => isOver,
    resolve: (value) => {
      end()
      resolve(value)
    },
    reject: (error) => {
      end()
      reject(error)
    },
  }
}

/** The reason of an aborted signal may be anything. */
export function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
