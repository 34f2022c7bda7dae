import { park, type RedisClient } from '../streams/index.ts'
import { asError } from './errors.ts'
import type { Member } from './group.ts'
import type { Hands } from './hands.ts'
import type { Line } from './line.ts'
import { pauseAfter } from './retry.ts'
import type { Verdict, Work } from './work.ts'

/** When Redis does not answer. */
export const AGAIN = { minMs: 100, maxMs: 5000 } as const

/** Acknowledges and parks. What it could not settle stays in hand and is tried again: it is never handled a second time here. */
export class Settler {
  readonly #line: Line
  readonly #member: Member
  readonly #hands: Hands
  readonly #onError: (error: Error) => void
  readonly #onChange: () => void
  #done: Work[] = []
  #isDue = false
  #isClosed = false
  #underWay = 0
  #failures = 0

  constructor(
    { line, member, hands }: { readonly line: Line; readonly member: Member; readonly hands: Hands },
    { onError, onChange }: { readonly onError: (error: Error) => void; readonly onChange: () => void },
  ) {
    this.#line = line
    this.#member = member
    this.#hands = hands
    this.#onError = onError
    this.#onChange = onChange
  }

  get isIdle(): boolean {
    return this.#done.length === 0 && this.#underWay === 0
  }

  /** What is done in one turn goes out together; and while one answer is awaited, the next ones gather. */
  acknowledge(work: Work): void {
    this.#done.push(work)
    if (this.#underWay === 0) this.#later(setImmediate)
  }

  /** Sends what has gathered, now: before the commands that follow it on the line. */
  async flush(): Promise<void> {
    this.#isDue = false
    const done = this.#done
    if (done.length === 0 || this.#isClosed) return
    this.#done = []
    this.#underWay++
    try {
      await this.#line.ask((redis) => acknowledge(redis, this.#member, done))
      this.#underWay--
      this.#failures = 0
      for (const work of done) this.#hands.remove(work)
      this.#later(setImmediate)
      this.#onChange()
    } catch (error) {
      this.#underWay--
      this.#done.push(...done)
      this.#onError(asError(error))
      this.#later((flush) => setTimeout(flush, pauseAfter(++this.#failures, AGAIN)).unref())
    }
  }

  /** Whether this call wrote the dead letter; if not, it was settled or taken over before. */
  async park(work: Work, { reason, detail }: Verdict): Promise<boolean> {
    const { source, id, entry, attempt } = work
    const letter = await this.#line.ask((redis) =>
      park(redis, {
        ...this.#member,
        id,
        reason,
        detail,
        ...(source.isRetry && { originalId: entry.id }),
        ...(wasTried(reason) && { attempts: attempt }),
      }),
    )
    this.#hands.remove(work)
    return letter !== null
  }

  /** Tries no more; what is not acknowledged stays pending. */
  close(): void {
    this.#isClosed = true
  }

  #later(send: (flush: () => void) => void): void {
    if (this.#isDue || this.#isClosed || this.#done.length === 0) return
    this.#isDue = true
    send(() => void this.flush())
  }
}

export function wasTried(reason: Verdict['reason']): boolean {
  return reason === 'handler_error' || reason === 'max_deliveries'
}

/** One XACK for each source. What came back over the retry stream is removed from it too: nobody else reads it. */
async function acknowledge(redis: RedisClient, { group }: Member, works: readonly Work[]): Promise<void> {
  const own = works.filter(({ source }) => !source.isRetry)
  const retried = works.filter(({ source }) => source.isRetry)
  await Promise.all([
    ...[own, retried].flatMap((of) => {
      const key = of[0]?.source.key
      return key === undefined ? [] : [redis.xack(key, group, ...of.map(({ id }) => id))]
    }),
    ...(retried[0] ? [redis.xdel(retried[0].source.key, ...retried.map(({ id }) => id))] : []),
  ])
}
