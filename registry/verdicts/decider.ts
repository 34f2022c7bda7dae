import { Worker } from 'node:worker_threads'
import { type DecideOptions, ENGINE, type JsonSchema, type Policy, type Verdict } from '../../contracts/index.ts'

/** What can be sent to another thread: the options without the function. */
export type Question = {
  readonly writer: JsonSchema
  readonly reader: JsonSchema
  readonly options: Omit<DecideOptions, 'shouldStop'>
}

/**
 * Decides in a thread of its own, so that no schema, however hostile, blocks the event loop or outlives its deadline.
 * Questions are answered one after the other, in their order. Closing ends the thread; questions still open are answered
 * `unknown` with the reason `clock`, as are those that run out of time.
 */
export type Decider = AsyncDisposable & {
  readonly decide: (writer: JsonSchema, reader: JsonSchema, options?: Question['options']) => Promise<Verdict>
  readonly close: () => Promise<void>
}

type Waiting = { readonly question: Question; readonly resolve: (verdict: Verdict) => void }

/** Makes a decider. The deadline counts from when the thread takes a question; that it has to start first does not count. */
export function createDecider({ deadlineMs = 1000 } = {}): Decider {
  const waiting: Waiting[] = []
  let worker: Worker | undefined
  let isReady = false
  let timer: NodeJS.Timeout | undefined

  const next = (): void => {
    const [first] = waiting
    if (!first) return
    worker ??= start()
    worker.ref()
    if (!isReady) return
    timer = setTimeout(giveUp, deadlineMs)
    worker.postMessage(first.question)
  }
  const start = (): Worker => {
    // one that was given up may still have its answer on the way
    const mine: Worker = startWorker(
      (heard) => (mine === worker ? hear(heard) : undefined),
      () => (mine === worker ? giveUp() : undefined),
    )
    return mine
  }
  const hear = (heard: typeof READY | Verdict): void => {
    if (heard !== READY) return answer(heard)
    isReady = true
    next()
  }
  const answer = (verdict: Verdict): void => {
    clearTimeout(timer)
    worker?.unref()
    waiting.shift()?.resolve(verdict)
    next()
  }
  const giveUp = (): void => {
    const [stuck] = waiting
    void worker?.terminate() // a new thread takes the next question; nobody waits for the old one
    worker = undefined
    isReady = false
    if (stuck) answer(outOfTime(stuck.question))
  }
  const close = async (): Promise<void> => {
    clearTimeout(timer)
    const ending = worker?.terminate()
    worker = undefined
    for (const { question, resolve } of waiting.splice(0)) resolve(outOfTime(question))
    await ending
  }
  return {
    decide: (writer, reader, options = {}) =>
      new Promise((resolve) => {
        waiting.push({ question: { writer, reader, options }, resolve })
        if (waiting.length === 1) next()
      }),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** What a thread says when it has started. */
export const READY = 'ready'

function startWorker(hear: (heard: typeof READY | Verdict) => void, giveUp: () => void): Worker {
  const isSource = import.meta.url.endsWith('.ts')
  const file = new URL(isSource ? './decider-thread.ts' : './decider-thread.js', import.meta.url)
  const worker = new Worker(file, { resourceLimits: { maxOldGenerationSizeMb: 200 } })
  return worker.on('message', hear).on('error', giveUp)
}

/** What an answer that the clock prevented looks like; it says nothing of the schemas and is not to be kept. */
function outOfTime({ options: { policy = 'as-declared' } }: Question): Verdict {
  return { answer: 'unknown', policy: policy satisfies Policy, engine: ENGINE, reason: 'clock', findings: [] }
}
