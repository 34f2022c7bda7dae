import type { Breaker } from './breaker.ts'
import { type Call, isPromise } from './call.ts'
import { prepare, uncount } from './care.ts'
import { asError } from './errors.ts'
import type { Member } from './group.ts'
import type { Hands } from './hands.ts'
import type { Line } from './line.ts'
import type { Parked } from './options.ts'
import { Order } from './order.ts'
import { isLastTry, pauseAfter, type RetryOptions } from './retry.ts'
import { AGAIN, type Settler, wasTried } from './settle.ts'
import { isUncounted } from './unavailable.ts'
import { Waiting } from './waiting.ts'
import { handlerFailed, type Work } from './work.ts'

export type DeskParts = {
  readonly call: Call
  readonly takesBatches: boolean
  readonly concurrency: number
  readonly retry: RetryOptions
  readonly member: Member
  readonly line: Line
  readonly hands: Hands
  readonly settler: Settler
  readonly breaker: Breaker
  readonly onParked: (parked: Parked, work: Work) => void
  readonly onError: (error: Error) => void
  /** Room was made. */
  readonly onChange: () => void
  /** The breaker says that it is enough. */
  readonly onBreak: (why: string) => void
}

/** Hands what was read to the handler, so many at a time and in their order, and decides what becomes of it. */
export class Desk {
  readonly #parts: DeskParts
  readonly #order = new Order<Work>()
  readonly #waiting = new Waiting<Work>()
  #isOpen = true
  #isDown = false
  #active = 0
  /** How many wait for what their handler needs. */
  #held = 0

  constructor(parts: DeskParts) {
    this.#parts = parts
  }

  /** How many wait for the handler, or with it for what it needs. */
  get queued(): number {
    return this.#order.size + this.#held
  }

  get isIdle(): boolean {
    return this.#active === 0
  }

  take(works: readonly Work[]): void {
    const now = Math.round(performance.now())
    for (const work of works) {
      work.heldAt = now
      this.#parts.hands.add(work)
      this.#order.add(work)
    }
    this.#pump()
  }

  open(): void {
    this.#isOpen = true
    this.#isDown = false
    this.#pump()
  }

  /** Begins nothing new; what is being handled comes to its end. */
  shut(): void {
    this.#isOpen = false
  }

  /** Puts down all that is not being handled: it stays pending, for the next start or another consumer. */
  putDown(): void {
    this.#isOpen = false
    this.#isDown = true
    for (const work of this.#waiting.clear()) this.#drop(work)
    this.#held = 0
    for (const work of this.#order.clear()) this.#parts.hands.remove(work)
  }

  #pump(): void {
    while (this.#isOpen && this.#active < this.#parts.concurrency) {
      const work = this.#order.next()
      if (work === undefined) break
      this.#begin(work)
    }
    this.#parts.onChange()
  }

  #begin(work: Work): void {
    if (work.verdict || work.needsCare) void this.#busy(this.#withCare(work))
    else this.#settleWith(this.#gather(work))
  }

  /** For a batch all that is ready and like the first one. */
  #gather(first: Work): Work[] {
    const works = [first]
    if (!this.#parts.takesBatches) return works
    const isLike = ({ verdict, needsCare, half }: Work) => !verdict && !needsCare && half === first.half
    for (let next = this.#order.next(isLike); next; next = this.#order.next(isLike)) works.push(next)
    return works
  }

  /** No promise of ours where the handler has none. */
  #settleWith(works: Work[]): void {
    try {
      const answer = this.#parts.call(works)
      if (isPromise(answer)) void this.#busy(this.#await(answer, works))
      else this.#handled(works)
    } catch (error) {
      void this.#busy(this.#failed(works, error))
    }
  }

  async #await(answer: PromiseLike<unknown>, works: Work[]): Promise<void> {
    try {
      await answer
    } catch (error) {
      return this.#failed(works, error)
    }
    this.#handled(works)
  }

  async #busy(work: Promise<void>): Promise<void> {
    this.#active++
    try {
      await work
    } finally {
      this.#active--
      this.#pump()
    }
  }

  #handled(works: readonly Work[]): void {
    const { settler, breaker } = this.#parts
    for (const work of works) {
      this.#order.release(work)
      breaker.handled()
      settler.acknowledge(work)
    }
  }

  async #failed(works: readonly Work[], error: unknown): Promise<void> {
    const [work] = works
    if (work === undefined) return
    if (isUncounted(error)) return this.#holdBack(works, error)
    if (works.length > 1) {
      this.#halve(works)
      return
    }
    const { retry } = this.#parts
    if (!isLastTry(work.attempt, error, retry)) {
      const pauseMs = pauseAfter(work.attempt, retry)
      work.attempt++
      work.needsCare = true
      this.#comeAgain([work], pauseMs)
      return
    }
    work.verdict = handlerFailed(error)
    await this.#park(work)
  }

  /** Which one it was is not known: each half tells for itself, down to the one that fails alone. */
  #halve(works: readonly Work[]): void {
    const middle = Math.ceil(works.length / 2)
    for (const half of [works.slice(0, middle), works.slice(middle)]) {
      const name = Symbol('half')
      for (const work of half) work.half = name
    }
    if (this.#isDown) for (const work of works) this.#drop(work)
    else this.#order.first(works)
  }

  /** No message is to blame: they come again as they were, and no try is counted, not even by the server for the next start. */
  async #holdBack(works: readonly Work[], error: Error): Promise<void> {
    const { onError } = this.#parts
    onError(error)
    const troubles = Math.max(...works.map((work) => ++work.troubles))
    const counted = works.filter((work) => work.needsCare || work.troubles === 1)
    try {
      for (const work of await uncount(this.#parts, counted)) work.needsCare = true
    } catch (failure) {
      onError(asError(failure))
    }
    this.#held += works.length
    this.#comeAgain(works, pauseAfter(troubles, AGAIN), () => {
      this.#held -= works.length
    })
  }

  #comeAgain(works: readonly Work[], pauseMs: number, onTime: () => void = () => undefined): void {
    if (this.#isDown) {
      onTime()
      for (const work of works) this.#drop(work)
      return
    }
    this.#waiting.add(works, pauseMs, () => {
      onTime()
      this.#order.again(...works)
      this.#pump()
    })
  }

  /** A later try, or one that may be, or what is to be parked. */
  async #withCare(work: Work): Promise<void> {
    if (work.verdict) return this.#park(work)
    try {
      const isOurs = await prepare(this.#parts, work)
      if (!isOurs || this.#isDown) return this.#drop(work)
    } catch (error) {
      this.#parts.onError(asError(error))
      this.#comeAgain([work], pauseAfter(++work.troubles, AGAIN))
      return
    }
    if (work.verdict) return this.#park(work)
    try {
      await this.#parts.call([work])
    } catch (error) {
      return this.#failed([work], error)
    }
    this.#handled([work])
  }

  #drop(work: Work): void {
    this.#order.release(work)
    this.#parts.hands.remove(work)
  }

  async #park(work: Work): Promise<void> {
    const { settler, breaker, onParked, onError, onBreak } = this.#parts
    const { verdict, entry, attempt } = work
    if (verdict === undefined) return
    try {
      const isWritten = await settler.park(work, verdict)
      this.#order.release(work)
      // Nothing was pending: another consumer took it over, or our own first call came through and only its answer was lost.
      if (!isWritten && !work.mayBeParked) return
    } catch (error) {
      onError(asError(error))
      work.mayBeParked = true
      this.#comeAgain([work], pauseAfter(++work.troubles, AGAIN))
      return
    }
    const { reason, findings } = verdict
    onParked({ id: entry.id, reason, findings, ...(wasTried(reason) && { attempts: attempt }) }, work)
    const why = reason === 'trimmed' ? undefined : breaker.parked()
    if (why !== undefined) onBreak(why)
  }
}
