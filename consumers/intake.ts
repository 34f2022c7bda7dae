import type { EntryReply } from '../streams/index.ts'
import { BatchSize } from './batch-size.ts'
import type { Desk } from './desk.ts'
import { entriesAt, listPending, type Member, type Pending, readNew, type Source } from './group.ts'
import type { Hands } from './hands.ts'
import type { Line } from './line.ts'
import { makeWork, type Work, type WorkMaker } from './work.ts'

/** How much longer than its BLOCK a read may take before its connection counts as dead. */
const MARGIN_MS = 2000

export type IntakeParts = {
  readonly reader: Line
  readonly line: Line
  readonly member: Member
  readonly sources: readonly Source[]
  readonly maker: WorkMaker
  readonly hands: Hands
  readonly desk: Desk
  readonly blockMs: number
  readonly batchSize: number
  /** Whether what was read may be taken in hand; else it stays pending, for later. */
  readonly isOpen: () => boolean
  /** Whether there is room for one more batch. */
  readonly hasRoom: () => boolean
}

/** Where a walk through one's own pending entries stands. */
type Walk = { readonly sources: readonly Source[]; readonly after: string }

/**
 * What comes in. Own pending entries come before new ones, after every start, connection and failure: an answer that was
 * lost on the way leaves its entries there, and nothing else would bring them back.
 */
export class Intake {
  readonly #parts: IntakeParts
  readonly #size: BatchSize
  #walk: Walk | undefined
  /** New entries that are asked for already. */
  #ahead: Promise<void> | undefined

  constructor(parts: IntakeParts) {
    this.#parts = parts
    this.#size = new BatchSize(parts.batchSize)
    this.ownFirst()
  }

  /** How long one read may take at most. */
  get readDeadlineMs(): number {
    return this.#parts.blockMs + MARGIN_MS
  }

  ownFirst(): void {
    this.#walk = { sources: this.#parts.sources, after: '-' }
  }

  /** Waits for what comes next, and takes it in hand. */
  async next(): Promise<void> {
    // An answer that is still on its way has entries that are pending already, and not forgotten.
    if (this.#ahead) return this.#arrival(this.#ahead)
    if (this.#walk) return this.#nextOwn(this.#walk)
    return this.#arrival(this.#readAhead())
  }

  /** Takes in hand what is pending for this consumer and not in hand already. */
  async takeUp(source: Source, pending: readonly Pending[]): Promise<void> {
    const { line, hands, maker } = this.#parts
    const missing = pending.filter(({ id }) => !hands.has(source, id))
    if (missing.length === 0) return
    const ids = missing.map(({ id }) => id)
    const entries = await line.ask((redis) => entriesAt(redis, source, ids))
    const works = entries
      .map((entry, i) => makeWork(maker, source, entry, missing[i]?.deliveries))
      .filter(({ id }) => !hands.has(source, id))
    this.#take(entries, works)
  }

  async #nextOwn(walk: Walk): Promise<void> {
    const { line, member } = this.#parts
    const [source, ...others] = walk.sources
    if (source === undefined) {
      this.#walk = undefined
      return
    }
    const { group, consumer } = member
    const count = this.#size.next
    const page = { after: walk.after, count, consumer }
    const pending = await line.ask((redis) => listPending(redis, source, group, page))
    await this.takeUp(source, pending)
    // Somebody may have asked for a new walk meanwhile.
    if (this.#walk !== walk) return
    const last = pending.length < count ? undefined : pending.at(-1)
    this.#walk = last ? { sources: walk.sources, after: `(${last.id}` } : { sources: others, after: '-' }
  }

  #readAhead(): Promise<void> {
    const ahead = this.#nextNew()
    // Whoever comes for it hears of its failure.
    ahead.catch(() => undefined)
    this.#ahead = ahead
    return ahead
  }

  async #arrival(ahead: Promise<void>): Promise<void> {
    try {
      await ahead
    } finally {
      if (this.#ahead === ahead) this.#ahead = undefined
    }
  }

  /** Asks for the next batch before it hands on this one, so that server and handler work at the same time. */
  async #nextNew(): Promise<void> {
    const { reader, member, sources, blockMs, isOpen, hasRoom } = this.#parts
    const reading = { count: this.#size.next, blockMs }
    const streams = await reader.ask((redis) => readNew(redis, member, sources, reading), this.readDeadlineMs)
    const isFull = streams.some(([, entries]) => entries.length >= reading.count)
    if (isFull && this.#walk === undefined && isOpen() && hasRoom()) void this.#readAhead()
    for (const [key, entries] of streams) this.#takeNew(key, entries)
  }

  #takeNew(key: string, entries: readonly EntryReply[]): void {
    const { sources, maker, hands } = this.#parts
    const source = sources.find((each) => each.key === key)
    if (source === undefined) return
    const works: Work[] = []
    // An entry comes twice when its group was made again.
    for (const entry of entries) if (!hands.has(source, entry[0])) works.push(makeWork(maker, source, entry))
    this.#take(entries, works)
  }

  #take(entries: readonly EntryReply[], works: readonly Work[]): void {
    const { desk, isOpen } = this.#parts
    let characters = 0
    for (const { size } of works) characters += size
    this.#size.learn(entries, characters)
    if (isOpen()) desk.take(works)
    else this.ownFirst()
  }
}
