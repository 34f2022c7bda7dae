/** Work that is done alone: nothing else of its line is under way meanwhile. It never rejects. */
export type Job = { readonly size: () => number; readonly run: () => Promise<void> }

/** Jobs one after the other, in the order in which they came, and a bound on how much of them waits. */
export type Line = {
  /** Calls `enter` at once when there is room, else when there is, in the order of the calls. */
  readonly admit: (size: number, enter: () => void) => Admission
  readonly add: (job: Job) => void
  /** The job that came last, while it has not begun. */
  readonly last: () => Job | undefined
  /** Resolves when nothing waits and nothing is under way. */
  readonly empty: () => Promise<void>
}

export type Admission = { readonly cancel: () => void }
type Waiter = { readonly size: number; readonly enter: () => void }

const ADMITTED: Admission = { cancel: () => undefined }

/** `onChange` is told by how much what is buffered has grown or shrunk. */
export function createLine(maxBuffered: number, onChange: (by: number) => void = () => undefined): Line {
  const jobs: Job[] = []
  const waiters = new Set<Waiter>()
  let buffered = 0
  let running: Promise<void> | undefined

  /** What is larger than the buffer gets in when it is alone. */
  const hasRoom = (size: number) => buffered === 0 || buffered + size <= maxBuffered
  const change = (by: number) => {
    buffered += by
    onChange(by)
  }
  const enter = (size: number, take: () => void) => {
    change(size)
    take()
  }
  const admitWaiting = () => {
    for (const waiter of waiters) {
      if (!hasRoom(waiter.size)) return
      waiters.delete(waiter)
      enter(waiter.size, waiter.enter)
    }
  }
  const work = async (): Promise<void> => {
    // everybody who sends in this turn gets into the first batch
    await Promise.resolve()
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) {
      await job.run()
      change(-job.size())
      admitWaiting()
    }
    running = undefined
  }

  return {
    admit: (size, take) => {
      if (waiters.size === 0 && hasRoom(size)) {
        enter(size, take)
        return ADMITTED
      }
      const waiter = { size, enter: take }
      waiters.add(waiter)
      return { cancel: () => void waiters.delete(waiter) }
    },
    add: (job) => {
      jobs.push(job)
      running ??= work()
    },
    last: () => jobs.at(-1),
    // the work in hand goes on until nothing waits
    empty: async () => running,
  }
}
