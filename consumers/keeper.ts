import { listPending, type Member, type Pending, type Source } from './group.ts'
import type { Hands } from './hands.ts'
import { claim, hold } from './hold.ts'
import type { Intake } from './intake.ts'
import type { Line } from './line.ts'

const PAGE = 100

export type KeeperParts = {
  readonly line: Line
  readonly member: Member
  readonly sources: readonly Source[]
  readonly hands: Hands
  readonly intake: Intake
  readonly heartbeatMs: number
  readonly reclaimMs: number
  /** Told how many entries were taken over. */
  readonly onTakenOver: (entries: number) => void
}

/** Keeps what is in hand, and takes up what others, or an answer that was lost, have left behind. */
export class Keeper {
  readonly #parts: KeeperParts
  /** Where the search for stuck entries goes on, by source: one page a time would never come past the first. */
  readonly #cursors = new Map<Source, string>()

  constructor(parts: KeeperParts) {
    this.#parts = parts
  }

  /** Tells the server that what is in hand is worked on, so that nobody takes it over. */
  async keep(): Promise<void> {
    const { line, member, sources, hands, heartbeatMs } = this.#parts
    const now = Math.round(performance.now())
    for (const source of sources) {
      const works = hands.heldBefore(source, now - heartbeatMs / 2)
      for (let i = 0; i < works.length; i += PAGE) {
        const some = works.slice(i, i + PAGE)
        const held = some.map(({ id }) => ({ id }))
        const lost = new Set(await line.ask((redis) => hold(redis, source, member, held)))
        for (const work of some) {
          work.heldAt = now
          // Whoever begins with it asks once more, and lets it be.
          if (lost.has(work.id)) work.needsCare = true
        }
      }
    }
  }

  /** Takes over what has lain idle for too long: with a consumer that died, or under our own name and forgotten. */
  async reclaim(): Promise<void> {
    const { line, member, sources, hands, intake, reclaimMs, onTakenOver } = this.#parts
    for (const source of sources) {
      const stuck = (await this.#nextPage(source)).filter(({ id }) => !hands.has(source, id))
      if (stuck.length === 0) continue
      const ids = stuck.map(({ id }) => id)
      const taken = new Set(await line.ask((redis) => claim(redis, source, member, { idleMs: reclaimMs, ids })))
      onTakenOver(taken.size)
      await intake.takeUp(
        source,
        stuck.filter(({ id }) => taken.has(id)),
      )
    }
  }

  async #nextPage(source: Source): Promise<Pending[]> {
    const { line, member, reclaimMs } = this.#parts
    const page = { after: this.#cursors.get(source) ?? '-', count: PAGE, idleMs: reclaimMs }
    const pending = await line.ask((redis) => listPending(redis, source, member.group, page))
    const last = pending.length < PAGE ? undefined : pending.at(-1)
    this.#cursors.set(source, last ? `(${last.id}` : '-')
    return pending
  }
}
