import { constants } from 'node:os'

/** Somebody has stopped the demo before its end. */
export class Stopped extends Error {
  override readonly name = 'Stopped'
  readonly exitCode: number

  constructor(signal: StopSignal) {
    super('The demo was stopped, and what it had started has ended.')
    this.exitCode = 128 + constants.signals[signal]
  }
}

export type Stopping = Disposable & {
  readonly signal: AbortSignal
  /** Waits no longer than until the demo is stopped; throws Stopped then. */
  readonly orStopped: <T>(work: Promise<T>) => Promise<T>
}

/** Ctrl+C, SIGTERM and SIGHUP end what is under way; being told once more, some time later, ends the process at once. */
export function stopWhenTold(): Stopping {
  const stopping = new AbortController()
  const { promise: stopped, reject } = Promise.withResolvers<never>()
  // Whoever waits hears of it; between two waits nobody does.
  stopped.catch(() => undefined)
  let toldAt = Number.POSITIVE_INFINITY
  const stop = (name: StopSignal) => {
    const reason = new Stopped(name)
    if (performance.now() - toldAt > ECHO_MS) process.exit(reason.exitCode)
    toldAt = Math.min(toldAt, performance.now())
    stopping.abort(reason)
    reject(reason)
  }
  for (const name of SIGNALS) process.on(name, stop)
  return {
    signal: stopping.signal,
    orStopped: (work) => Promise.race([work, stopped]),
    [Symbol.dispose]: () => {
      for (const name of SIGNALS) process.off(name, stop)
    },
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

type StopSignal = (typeof SIGNALS)[number]

/** npm passes on a Ctrl+C that the terminal has sent to everyone: what comes so soon is the same one. */
const ECHO_MS = 500
