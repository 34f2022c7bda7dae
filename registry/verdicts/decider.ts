import { Worker } from 'node:worker_threads'
import { type DecideOptions, ENGINE, type JsonSchema, type Verdict } from '../../contracts/index.ts'
import { registryError } from '../errors.ts'
import type { Carried, DocumentRead, SchemaDocument } from './document.ts'
import type { Meeting } from './meeting.ts'

/** What can be sent to another thread: the options without the function. */
type Options = Omit<DecideOptions, 'shouldStop' | 'encoding'> & { readonly meeting?: Meeting }

/** What the thread is asked. */
export type Question =
  | {
      readonly ask: 'decide'
      readonly writer: SchemaDocument
      readonly reader: SchemaDocument
      readonly options: Options
    }
  | { readonly ask: 'read'; readonly document: SchemaDocument; readonly carried?: Carried | undefined }

/**
 * Decides in a thread of its own, so that no schema, however hostile, blocks the event loop or outlives its deadline.
 * Questions are answered one after the other, in their order. Closing ends what it does; questions still open are answered
 * `unknown` with the reason `clock`, as are those that run out of time.
 */
export type Decider = AsyncDisposable & {
  readonly decide: (writer: JsonSchema, reader: JsonSchema, options?: Options) => Promise<Verdict>
  /** The same for texts that refer to others. */
  readonly decideDocuments: (writer: SchemaDocument, reader: SchemaDocument, options?: Options) => Promise<Verdict>
  /** Reads a document as registering does; undefined where that ran out of time. */
  readonly read: (document: SchemaDocument, carried?: Carried) => Promise<DocumentRead | undefined>
  readonly close: () => Promise<void>
}

type Answer = Verdict | DocumentRead
type Waiting = {
  readonly question: Question
  readonly since: number
  readonly resolve: (answer: Answer | undefined) => void
  readonly reject: (error: Error) => void
}

export const DECIDER_DEADLINE_MS = 1000
/** How many questions may wait, and for how long: a stranger's hard ones must not hold up everybody for minutes. */
const MOST_WAITING = 500
const LONGEST_WAIT_MS = 5000

/** Makes a decider. The deadline counts from when the thread takes a question; that it has to start first does not count. */
export function createDecider({ deadlineMs = DECIDER_DEADLINE_MS } = {}): Decider {
  const waiting: Waiting[] = []
  let worker: Worker | undefined
  let isReady = false
  let timer: NodeJS.Timeout | undefined

  const next = (): void => {
    refuseLate()
    const [first] = waiting
    if (!first) return
    worker ??= takeSpare() ?? start()
    worker.ref()
    if (!isReady) return
    timer = setTimeout(giveUp, deadlineMs)
    worker.postMessage(first.question)
  }
  const refuseLate = (): void => {
    // While the thread starts, nobody's time counts.
    if (!isReady) return
    while (waiting[0] && performance.now() - waiting[0].since > LONGEST_WAIT_MS)
      waiting.shift()?.reject(registryError('decider.busy', { waiting: waiting.length }))
  }
  const start = (): Worker => listenTo(startWorker())
  const takeSpare = (): Worker | undefined => {
    const taken = spare
    spare = undefined
    isReady = taken !== undefined
    return taken && listenTo(taken)
  }
  // one that was given up may still have its answer on the way
  const listenTo = (mine: Worker): Worker =>
    mine
      .on('message', (heard: typeof READY | Answer) => (mine === worker ? hear(heard) : undefined))
      .on('error', () => (mine === worker ? giveUp() : undefined))
  const hear = (heard: typeof READY | Answer): void => {
    if (heard !== READY) return settle(heard)
    isReady = true
    next()
  }
  const settle = (answer: Answer | undefined): void => {
    clearTimeout(timer)
    worker?.unref()
    waiting.shift()?.resolve(answer)
    next()
  }
  const giveUp = (): void => {
    void worker?.terminate() // a new thread takes the next question; nobody waits for the old one
    worker = undefined
    isReady = false
    settle(undefined)
  }
  const close = async (): Promise<void> => {
    clearTimeout(timer)
    const isIdle = isReady && waiting.length === 0
    const ending = worker && isIdle && spare === undefined ? spareFor(worker) : worker?.terminate()
    worker = undefined
    isReady = false
    for (const { resolve } of waiting.splice(0)) resolve(undefined)
    await ending
  }
  const ask = (question: Question): Promise<Answer | undefined> =>
    new Promise((resolve, reject) => {
      if (waiting.length >= MOST_WAITING) return reject(registryError('decider.busy', { waiting: MOST_WAITING }))
      waiting.push({ question, since: performance.now(), resolve, reject })
      if (waiting.length === 1) next()
    })
  const decideDocuments: Decider['decideDocuments'] = async (writer, reader, options = {}) => {
    const answer = await ask({ ask: 'decide', writer, reader, options })
    return answer && 'answer' in answer ? answer : outOfTime(options)
  }
  return {
    decide: (writer, reader, options) => decideDocuments(documentOf(writer), documentOf(reader), options),
    decideDocuments,
    read: async (document, carried) => {
      const answer = await ask({ ask: 'read', document, carried })
      return answer && 'answer' in answer ? undefined : answer
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** What a thread says when it has started. */
export const READY = 'ready'

/** A thread that has nothing to do when its decider closes serves the next one: starting one takes a fifth of a second. */
let spare: Worker | undefined

function spareFor(idle: Worker): void {
  idle.removeAllListeners('message').removeAllListeners('error')
  idle.on('error', () => {
    if (spare === idle) spare = undefined
  })
  idle.unref()
  spare = idle
}

function startWorker(): Worker {
  const isSource = import.meta.url.endsWith('.ts')
  const file = new URL(isSource ? './decider-thread.ts' : './decider-thread.js', import.meta.url)
  return new Worker(file, { resourceLimits: { maxOldGenerationSizeMb: 200 } })
}

function documentOf(schema: JsonSchema): SchemaDocument {
  return { text: JSON.stringify(schema), documents: {} }
}

/** What an answer that the clock prevented looks like; it says nothing of the schemas and is not to be kept. */
function outOfTime({ policy = 'as-declared' }: Options): Verdict {
  return { answer: 'unknown', policy, engine: ENGINE, reason: 'clock', findings: [] }
}
