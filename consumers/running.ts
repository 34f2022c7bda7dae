import { setTimeout as wait } from 'node:timers/promises'
import { type Backlog, checkServer, type RedisClient, readBacklog } from '../streams/index.ts'
import { Bell } from './bell.ts'
import { Breaker } from './breaker.ts'
import type { Call } from './call.ts'
import type { Counts } from './counts.ts'
import { Desk } from './desk.ts'
import { asError, GroupMissing, StoppedByBreaker } from './errors.ts'
import { ensureGroup, isGroupMissing, type Member, sourcesOf } from './group.ts'
import { Hands } from './hands.ts'
import { Intake } from './intake.ts'
import { Keeper } from './keeper.ts'
import { Line } from './line.ts'
import type { Parked, Settings } from './options.ts'
import { pauseAfter } from './retry.ts'
import { Settler } from './settle.ts'
import type { Tracing } from './traced.ts'
import type { Work, WorkMaker } from './work.ts'

export type State = 'running' | 'paused' | 'stopped-by-breaker' | 'closed'

export type RunningParts = {
  readonly settings: Settings
  readonly member: Member
  readonly maker: WorkMaker
  readonly call: Call
  readonly takesBatches: boolean
  readonly counts: Counts | undefined
  readonly tracing: Tracing
}

/** How long the loop waits at most before it comes round again. */
const TICK_MS = 1000
const AFTER_FAILURE = { minMs: 50, maxMs: 5000 } as const

/** The life of a consumer: its loop, its state and its end. */
export class Running {
  readonly #parts: RunningParts
  readonly #sources: ReturnType<typeof sourcesOf>
  readonly #bell = new Bell()
  readonly #hands = new Hands()
  readonly #closing = new AbortController()
  /** Waits for new entries; everything else goes over the other, which nothing blocks. */
  readonly #reader: Line
  readonly #line: Line
  #hasWarned = false
  readonly #settler: Settler
  readonly #desk: Desk
  readonly #intake: Intake
  readonly #keeper: Keeper
  #state: State = 'running'
  #hasGroups = false
  #isConnected = false
  #isOver = false
  #lastTick = Date.now()
  #ended: Promise<unknown> = Promise.resolve()
  #closed: Promise<void> | undefined
  #unwatch: (() => void) | undefined

  constructor(redis: RedisClient, parts: RunningParts) {
    const { settings, member, maker, call, takesBatches, counts, tracing } = parts
    const { concurrency, retry, blockMs, batchSize, heartbeatMs, reclaimMs } = settings
    const [hands, sources] = [this.#hands, sourcesOf(member)]
    const onError = (error: Error) => this.#tell(error)
    this.#parts = parts
    this.#sources = sources
    this.#reader = new Line(redis, onError, () => this.#intake.ownFirst())
    const line = (this.#line = new Line(redis, onError))
    const onChange = () => this.#bell.ring()
    const settler = (this.#settler = new Settler({ line, member, hands }, { onError, onChange }))
    const breaker = new Breaker(settings.breaker)
    const onBreak = (why: string) => this.#break(why)
    const onParked = (parked: Parked, work: Work) => {
      counts?.parked(parked.reason)
      tracing.parked(work, parked.reason)
      settings.onParked(parked)
    }
    const told = { onParked, onError, onChange, onBreak }
    const desk = new Desk({ call, takesBatches, concurrency, retry, member, line, hands, settler, breaker, ...told })
    const isOpen = () => this.#state === 'running'
    const { reader, ...rest } = { reader: this.#reader, line, member, sources, hands, desk }
    this.#desk = desk
    this.#intake = new Intake({ reader, ...rest, maker, blockMs, batchSize, isOpen, hasRoom: () => this.#hasRoom() })
    const onTakenOver = (entries: number) => counts?.takenOver.add(entries)
    const kept = { line, member, sources, hands, intake: this.#intake, heartbeatMs, reclaimMs }
    this.#keeper = new Keeper({ ...kept, onTakenOver })
  }

  get state(): State {
    return this.#state
  }

  get lastTick(): number {
    return this.#lastTick
  }

  get inHand(): number {
    return this.#hands.count
  }

  readBacklog(): Promise<Backlog> {
    return this.#line.ask((redis) => readBacklog(redis, this.#parts.member))
  }

  start(): void {
    this.#unwatch = this.#parts.counts?.watch(this)
    this.#ended = Promise.all([this.#read(), this.#keepOn()])
  }

  isAlive(): boolean {
    const longestRound = this.#intake.readDeadlineMs + AFTER_FAILURE.maxMs + TICK_MS
    return this.#state !== 'closed' && Date.now() - this.#lastTick < 2 * longestRound
  }

  isReady(): boolean {
    return this.#state === 'running' && this.#isConnected
  }

  pause(): void {
    if (this.#state !== 'running') return
    this.#state = 'paused'
    this.#desk.shut()
  }

  resume(): void {
    if (this.#state === 'closed' || this.#state === 'running') return
    this.#state = 'running'
    this.#intake.ownFirst()
    this.#desk.open()
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#state = 'closed'
    this.#unwatch?.()
    this.#desk.putDown()
    this.#closing.abort()
    this.#bell.ring()
    // Ends a read that waits; what the server hands out at that moment stays pending.
    this.#reader.close()
    await this.#drain()
    this.#settler.close()
    this.#line.close()
    this.#isOver = true
    await this.#ended
  }

  async #drain(): Promise<void> {
    const deadline = performance.now() + this.#parts.settings.closeDeadlineMs
    while (!(this.#desk.isIdle && this.#settler.isIdle)) {
      const leftMs = deadline - performance.now()
      if (leftMs <= 0) return
      await this.#bell.wait(leftMs)
    }
  }

  #break(why: string): void {
    if (this.#state === 'closed') return
    this.#state = 'stopped-by-breaker'
    // What is put down may be taken over by a consumer that fares better.
    this.#desk.putDown()
    this.#tell(new StoppedByBreaker(this.#parts.member, why))
  }

  async #read(): Promise<void> {
    let failures = 0
    while (this.#state !== 'closed') {
      this.#lastTick = Date.now()
      try {
        await this.#round()
        failures = 0
      } catch (error) {
        if (this.#closing.signal.aborted) return
        this.#failed(error)
        await this.#wait(pauseAfter(++failures, AFTER_FAILURE))
      }
    }
  }

  async #round(): Promise<void> {
    if (this.#state !== 'running' || !this.#hasRoom()) return this.#bell.wait(TICK_MS)
    await this.#ensureGroups()
    await this.#intake.next()
    this.#isConnected = true
  }

  /** One batch may wait while another is handled, so that the handler never waits for Redis. */
  #hasRoom(): boolean {
    return this.#hands.hasRoom && this.#desk.queued < this.#parts.settings.batchSize
  }

  async #ensureGroups(): Promise<void> {
    if (this.#hasGroups) return
    const { member, settings } = this.#parts
    const [own, retries] = this.#sources
    const made = settings.onMissingGroup === 'fail' ? [retries] : [own, retries]
    for (const source of made) await this.#line.ask((redis) => ensureGroup(redis, source, member.group))
    this.#hasGroups = true
    await this.#warn()
  }

  /** What the server may do to messages by itself is asked once. */
  async #warn(): Promise<void> {
    const { onWarning } = this.#parts.settings
    if (!onWarning || this.#hasWarned) return
    this.#hasWarned = true
    for (const warning of await this.#line.ask(checkServer)) onWarning(warning)
  }

  #failed(thrown: unknown): void {
    const { settings, member } = this.#parts
    const error = asError(thrown)
    this.#isConnected = this.#hasGroups = false
    this.#intake.ownFirst()
    if (!isGroupMissing(error)) return this.#tell(error)
    const isMadeAgain = settings.onMissingGroup === 'recreate-from-start'
    this.#tell(new GroupMissing(member, isMadeAgain, error))
    if (!isMadeAgain) void this.close()
  }

  async #keepOn(): Promise<void> {
    const { heartbeatMs } = this.#parts.settings
    while (!this.#closing.signal.aborted) {
      await this.#wait(heartbeatMs * (0.8 + Math.random() / 5))
      try {
        await this.#keeper.keep()
        if (this.#state === 'running' && this.#hasGroups && this.#hasRoom()) await this.#keeper.reclaim()
      } catch (error) {
        // The loop meets a missing group too, and says so.
        if (!this.#closing.signal.aborted && !isGroupMissing(error)) this.#tell(asError(error))
      }
    }
  }

  /** A handler that outlives the closing has nothing to say any more. */
  #tell(error: Error): void {
    if (this.#isOver) return
    this.#parts.counts?.failed(error)
    this.#parts.settings.onError(error)
  }

  async #wait(ms: number): Promise<void> {
    const { signal } = this.#closing
    await wait(ms, undefined, { signal }).catch(() => undefined)
  }
}
