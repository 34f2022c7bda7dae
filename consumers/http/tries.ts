import { setTimeout as wait } from 'node:timers/promises'
import type { Answer } from './answer.ts'
import { discard } from './body.ts'
import type { CallBreaker, End } from './breaker.ts'
import { Deadline } from './deadline.ts'
import { CallFailed, ResponseRefused } from './errors.ts'
import type { Operation } from './operation.ts'
import type { HttpSettings } from './options.ts'
import { isBusy, pauseBetween, retryAfterMs } from './retry.ts'

/** A call on its way. */
export type Call = {
  readonly url: string
  readonly init: RequestInit
  /** Whether it may be sent again. */
  readonly isRepeatable: boolean
  readonly operation: Operation
  readonly deadline: Deadline
  readonly breaker: CallBreaker | undefined
  readonly settings: HttpSettings
}

/** Sends until there is an answer that is final, or no time or no try is left. */
export async function tryUntilAnswered(call: Call): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    const { pauseMs, answer, error } = await throughBreaker(call, attempt)
    if (answer) return answer
    if (pauseMs === undefined) throw error
    await pause(pauseMs, call.deadline)
  }
}

async function throughBreaker(call: Call, attempt: number): Promise<Tried> {
  const { breaker } = call
  if (breaker === undefined) return await tryOnce(call, attempt)
  const pass = breaker.enter(attempt - 1)
  let end: End = 'given-up'
  try {
    const tried = await tryOnce(call, attempt)
    end = tried.end
    return tried
  } finally {
    breaker.leave(pass, end)
  }
}

/** How a try has ended: with an answer, with an error, or with a pause before the next one. */
type Tried = {
  readonly end: End
  readonly answer?: Answer
  readonly error?: unknown
  readonly pauseMs?: number | undefined
}

function tryOnce(call: Call, attempt: number): Promise<Tried> {
  const { deadline, settings } = call
  const { tryTimeoutMs } = settings
  const isBounded = tryTimeoutMs !== undefined && !deadline.isOver
  return isBounded ? tryBounded(tryTimeoutMs, call, attempt) : tryWithin(deadline, call, attempt)
}

async function tryBounded(tryTimeoutMs: number, call: Call, attempt: number): Promise<Tried> {
  using own = new Deadline(tryTimeoutMs, call.deadline.signal)
  return await tryWithin(own, call, attempt)
}

async function tryWithin(own: Deadline, call: Call, attempt: number): Promise<Tried> {
  const { url, init, operation, deadline, settings } = call
  try {
    const response = await own.race(settings.fetch(url, { ...init, signal: own.signal }))
    const end = endOf(response.status)
    const pauseMs = isBusy(response.status) ? pauseFor(call, attempt, retryAfterMs(response.headers)) : undefined
    if (pauseMs === undefined) return { end, answer: await operation.read(response, own) }
    discard(response)
    return { end, pauseMs }
  } catch (error) {
    if (error instanceof ResponseRefused) return { end: endOf(error.status), error }
    if (deadline.isGivenUp) return { end: 'given-up', error: deadline.reason }
    const { timeoutMs } = deadline.isOver ? deadline : own
    const failed = new CallFailed(operation.about, own.isOver ? 'call.timed-out' : 'call.no-answer', timeoutMs, error)
    return { end: 'failed', error: failed, pauseMs: deadline.isOver ? undefined : pauseFor(call, attempt) }
  }
}

/** Any answer but one of the server's own failures says that it is there. */
function endOf(status: number): End {
  return status >= 500 ? 'failed' : 'answered'
}

/** Undefined where this try was the last. */
function pauseFor({ isRepeatable, deadline, settings }: Call, attempt: number, askedMs = 0): number | undefined {
  const { retry } = settings
  if (!isRepeatable || retry === undefined || attempt >= retry.maxAttempts) return undefined
  const ms = pauseBetween(attempt, retry, askedMs)
  return ms < deadline.leftMs ? ms : undefined
}

async function pause(ms: number, deadline: Deadline): Promise<void> {
  try {
    await wait(ms, undefined, { signal: deadline.signal })
  } catch {
    // where the time is up, the next try says so
    if (deadline.isGivenUp) throw deadline.reason
  }
}
