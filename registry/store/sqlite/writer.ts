import { Worker } from 'node:worker_threads'
import { registryError } from '../../errors.ts'
import type { StoreMetrics } from '../../operations/metrics.ts'
import type { Write } from '../group-commit.ts'
import type { Transaction } from '../store.ts'
import { explainWriting, isBusy } from './errors.ts'
import type { Control } from './writer-thread.ts'

export type WriterData = { readonly file: string; readonly busyDeadlineMs: number }

type Group = Exclude<keyof Transaction, 'restore'>
export type Method = readonly [group: Group | 'restore', method: string, args: readonly unknown[]]
/** What the thread is asked: a statement around writes, or a method of the transaction. */
export type Ask = { readonly number: number; readonly call: Control | 'close' | Method }
export type Told = {
  readonly number: number
  readonly value?: unknown
  /** `isOver`: SQLite has ended the transaction by itself. */
  readonly failure?: { readonly message: string; readonly errcode?: number; readonly isOver: boolean }
}

class WriteFailed extends Error {
  readonly isOver: boolean
  readonly errcode: number | undefined

  constructor({ message, errcode, isOver }: NonNullable<Told['failure']>) {
    super(message)
    this.errcode = errcode
    this.isOver = isOver
  }
}

/** Writes in a thread of its own, which starts with the first write: a flush to the disk never holds up the event loop. */
export class Writer {
  readonly transaction: Transaction = transactionOver((...method) => this.#ask(method))
  readonly #data: WriterData
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>()
  #worker: Worker | undefined
  #asked = 0
  #metrics: Pick<StoreMetrics, 'acquired' | 'connectionErrors'> | undefined

  constructor(data: WriterData) {
    this.#data = data
  }

  get isBusy(): boolean {
    return this.#waiting.size > 0
  }

  observe(metrics: Pick<StoreMetrics, 'acquired' | 'connectionErrors'>): void {
    this.#metrics = metrics
  }

  /** Runs writes in one transaction, each as a savepoint of its own, and tells them how it ended. Never rejects. */
  async commit(writes: readonly Write[]): Promise<void> {
    try {
      for (const tell of (await this.#post(writes)) ?? (await this.#save(writes))) tell()
    } catch (error) {
      await this.#ask('rollback').catch(() => undefined) // nothing more can be done, and the writers are told below
      for (const write of writes) write.reject(explainWriting(error) ?? error)
    }
  }

  async close(): Promise<void> {
    if (!this.#worker) return
    await this.#ask('close')
    await this.#worker.terminate()
  }

  async #save(writes: readonly Write[]): Promise<(() => void)[]> {
    await this.#begin()
    const tellings: (() => void)[] = []
    for (const write of writes) tellings.push(await this.#saveOne(write))
    await this.#ask('commit')
    return tellings
  }

  /**
   * All at once, since the thread keeps their order: it runs nothing outside of a transaction, and commits no failure.
   * Undefined where that does not do: each then gets its own savepoint.
   */
  async #post(writes: readonly Write[]): Promise<(() => void)[] | undefined> {
    if (!writes.every(({ isOneCall }) => isOneCall)) return undefined
    const [begun, ran, committed] = [this.#begin(), writes.map(({ run }) => run()), this.#ask('commit')]
    const ends = await Promise.allSettled([begun, ...ran, committed])
    if (ends.every(({ status }) => status === 'fulfilled')) return Promise.all(ran)
    // Everything after a failure fails too. Whoever is alone, or had no beginning, need not try again.
    if (ends[0]?.status === 'rejected' || writes.length === 1) await Promise.all([begun, ...ran])
    await this.#ask('rollback')
    return undefined
  }

  async #begin(): Promise<void> {
    const started = performance.now()
    try {
      await this.#ask('begin')
      this.#metrics?.acquired.observe((performance.now() - started) / 1000)
    } catch (error) {
      this.#metrics?.connectionErrors.add(1)
      if (!isBusy(error)) throw error
      const waitedMs = Math.round(performance.now() - started)
      throw registryError('store.busy', { waitedMs }, { cause: error })
    }
  }

  async #saveOne({ run, reject }: Write): Promise<() => void> {
    let tell: () => void
    try {
      tell = await run()
    } catch (error) {
      // On a full disk and the like SQLite has ended the transaction by itself: then nobody's writes happened.
      if (error instanceof WriteFailed && error.isOver) throw error
      await this.#ask('undo')
      tell = () => reject(error)
    }
    // Nobody waits for it: should it fail, so does the commit.
    this.#ask('next').catch(() => undefined)
    return tell
  }

  #ask(call: Ask['call']): Promise<unknown> {
    const worker = (this.#worker ??= this.#start())
    const number = ++this.#asked
    const asked = Promise.withResolvers<unknown>()
    this.#waiting.set(number, asked)
    worker.ref()
    worker.postMessage({ number, call } satisfies Ask)
    return asked.promise
  }

  #start(): Worker {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
    const worker = new Worker(new URL(`./writer-thread.${extension}`, import.meta.url), { workerData: this.#data })
    worker.on('message', (told: Told) => this.#hear(told))
    worker.on('error', (error) => this.#fail(error))
    return worker
  }

  #hear({ number, value, failure }: Told): void {
    const asked = this.#waiting.get(number)
    this.#waiting.delete(number)
    if (this.#waiting.size === 0) this.#worker?.unref()
    if (failure) asked?.reject(new WriteFailed(failure))
    else asked?.resolve(value)
  }

  /** The thread is gone, and with it what it had not committed. The next write starts another. */
  #fail(error: unknown): void {
    this.#worker = undefined
    for (const asked of this.#waiting.values()) asked.reject(error)
    this.#waiting.clear()
  }
}

/** A transaction whose methods are carried out elsewhere. */
function transactionOver(call: (...method: Method) => Promise<unknown>): Transaction {
  const groupOf = <G extends Group>(group: G): Transaction[G] =>
    new Proxy(
      {},
      {
        get:
          (_, method) =>
          (...args: readonly unknown[]) =>
            call(group, String(method), args),
      },
    ) as Transaction[G]
  return {
    schemas: groupOf('schemas'),
    subjects: groupOf('subjects'),
    services: groupOf('services'),
    channels: groupOf('channels'),
    environments: groupOf('environments'),
    verdicts: groupOf('verdicts'),
    credentials: groupOf('credentials'),
    audit: groupOf('audit'),
    answers: groupOf('answers'),
    restore: async (record) => void (await call('restore', 'restore', [record])),
  }
}
