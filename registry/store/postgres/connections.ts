import { setTimeout as wait } from 'node:timers/promises'
import type { Pool } from 'pg'
import { CircuitBreaker } from '../../circuit-breaker.ts'
import { RegistryError, registryError } from '../../errors.ts'
import type { StoreMetrics } from '../../operations/metrics.ts'
import { explainOpening, isSilence, unavailable } from './errors.ts'
import { Session } from './session.ts'

/** The connections to a database, and what is said of it: never its password. */
export type Place = { readonly pool: Pool; readonly database: string; readonly timeoutMs: number }

/** Lends connections. None keeps anything of its own, since PgBouncer may hand out another for each transaction. */
export class Connections {
  readonly #place: Place
  readonly #breaker = new CircuitBreaker({
    isFailure: isNoAnswer,
    refusal: (failure) => unavailable(failure instanceof RegistryError ? failure.cause : failure),
  })
  #closing: Promise<void> | undefined
  #metrics: StoreMetrics | undefined

  constructor(place: Place) {
    this.#place = place
    // Told of connections that nobody uses; the pool has thrown them away.
    place.pool.on('error', () => {})
    // Whoever uses a connection hears of its end by failing; without a listener the event would end the process.
    place.pool.on('connect', (client) => client.on('error', () => this.#metrics?.connectionErrors.add(1)))
  }

  /** Counts from now on, and shows how many connections there are. */
  observe(metrics: StoreMetrics): void {
    const { pool } = this.#place
    this.#metrics = metrics
    metrics.watchBreaker('database', this.#breaker)
    metrics.watchConnections(() => ({
      idle: pool.idleCount,
      busy: pool.totalCount - pool.idleCount,
      waiting: pool.waitingCount,
    }))
  }

  /** Lends a connection, unless the database is known not to answer. */
  async use<T>(work: (session: Session) => Promise<T>): Promise<T> {
    this.#refuseWhenClosed()
    return this.#breaker.run(() => this.#lend(work))
  }

  /** Lends a connection with a transaction, which may take long: its beginning alone tells whether the database answers. */
  async useAfter<T>(begin: string, work: (session: Session) => Promise<T>): Promise<T> {
    this.#refuseWhenClosed()
    const session = await this.#breaker.run(() => this.#begin(begin))
    try {
      return await work(session)
    } finally {
      await session.rollBack()
      session.end()
    }
  }

  /** Asks the database even when it is known not to answer; when it does answer, others may ask again. */
  async check(work: (session: Session) => Promise<unknown>): Promise<void> {
    this.#refuseWhenClosed()
    await this.#lend(work)
    this.#breaker.close()
  }

  /** Closing twice is fine. */
  close(): Promise<void> {
    this.#closing ??= this.#end()
    return this.#closing
  }

  async #lend<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const session = await this.#connect()
    try {
      return await work(session)
    } finally {
      session.end()
    }
  }

  async #begin(text: string): Promise<Session> {
    const session = await this.#connect()
    try {
      await session.run(text)
      return session
    } catch (error) {
      session.end()
      throw error
    }
  }

  async #connect(): Promise<Session> {
    const asked = performance.now()
    try {
      const session = new Session(await this.#place.pool.connect())
      this.#metrics?.acquired.observe((performance.now() - asked) / 1000)
      return session
    } catch (error) {
      this.#metrics?.connectionErrors.add(1)
      const explained = explainOpening(error, this.#place.database)
      throw explained === error ? unavailable(error) : explained
    }
  }

  /** A server that is gone does not say goodbye: nobody waits for it longer than for a statement. */
  async #end(): Promise<void> {
    const { pool, timeoutMs } = this.#place
    await Promise.race([pool.end(), wait(timeoutMs, undefined, { ref: false })])
  }

  #refuseWhenClosed(): void {
    if (this.#closing !== undefined) throw registryError('store.closed', undefined)
  }
}

function isNoAnswer(error: unknown): boolean {
  return error instanceof RegistryError && error.code === 'store.unavailable' && isSilence(error.cause)
}
