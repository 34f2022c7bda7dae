/** Gives what is to be shown now. May ask a server; it is not asked again before it has answered, or failed. */
export type Collect<R> = () => Promise<readonly R[]> | readonly R[]

export type CollectorOptions = {
  /** How long an answer stays good, so that asking often costs nothing; 0 unless given. */
  readonly freshMs?: number
}

type Collector<R> = { readonly collect: Collect<R>; readonly freshMs: number; known?: Known<R> }
type Known<R> = { readonly until: number; readonly answer: Promise<readonly R[]> }

export type Collectors<R> = {
  /** The one that came last for a key is asked; without it, the one before. Returns what takes it away. */
  readonly add: (key: string, collect: Collect<R>, options: CollectorOptions) => () => void
  /** What all of them say, without those that fail or take too long. */
  readonly collect: () => Promise<R[]>
}

/** What is asked at the time of showing. None can hold up the others, nor be asked twice at a time. */
export function createCollectors<R>(withinMs: number, onFailed: () => void): Collectors<R> {
  const byKey = new Map<string, Collector<R>[]>()

  const ask = (collector: Collector<R>): Promise<readonly R[]> => {
    const now = performance.now()
    if (collector.known && now < collector.known.until) return collector.known.answer
    const answer = (async () => collector.collect())()
    const known = { until: Number.POSITIVE_INFINITY, answer }
    collector.known = known
    const keep = (ms: number) => () => void (collector.known = { answer, until: performance.now() + ms })
    answer.then(keep(collector.freshMs), keep(0))
    return answer
  }

  return {
    add: (key, collect, { freshMs = 0 }) => {
      const collector = { collect, freshMs }
      const others = byKey.get(key) ?? []
      byKey.set(key, [...others, collector])
      return () => {
        const left = (byKey.get(key) ?? []).filter((each) => each !== collector)
        if (left.length > 0) byKey.set(key, left)
        else byKey.delete(key)
      }
    },
    collect: async () => {
      const latest = [...byKey.values()].flatMap((collectors) => collectors.slice(-1))
      const answers = await Promise.allSettled(latest.map((collector) => within(ask(collector), withinMs)))
      return answers.flatMap((answer) => {
        if (answer.status === 'fulfilled') return answer.value
        onFailed()
        return []
      })
    },
  }
}

async function within<T>(answer: Promise<T>, ms: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
  try {
    return await Promise.race([answer, promise])
  } finally {
    clearTimeout(timer)
  }
}
