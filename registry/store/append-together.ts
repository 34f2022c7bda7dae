import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Appended, AppendRequest, SubjectWrites } from './store.ts'

type Append = SubjectWrites['appendAll']
type Waiting = PromiseWithResolvers<Appended | undefined> & { readonly request: AppendRequest }

/** How many appends are carried out in one go at most. */
const APPENDS_AT_ONCE = 64

/** Lets who appends at the same time share one write: while one is on its way, others gather for the next. */
export function appendTogether(append: Append): (request: AppendRequest) => Promise<Appended | undefined> {
  const waiting: Waiting[] = []
  let isUnderWay = false

  const drain = async (): Promise<void> => {
    isUnderWay = true
    while (waiting.length > 0) {
      // Lets the requests that arrived in the same turn gather.
      await nextTurn()
      await settle(waiting.splice(0, APPENDS_AT_ONCE), append)
    }
    isUnderWay = false
  }
  return (request) => {
    const one = { ...Promise.withResolvers<Appended | undefined>(), request }
    waiting.push(one)
    if (!isUnderWay) void drain() // it never rejects: what goes wrong is told to those who wait
    return one.promise
  }
}

async function settle(batch: readonly Waiting[], append: Append): Promise<void> {
  try {
    const appended = await append(batch.map(({ request }) => request))
    batch.forEach(({ resolve }, i) => resolve(appended[i]))
  } catch (error) {
    // One of them may have spoilt it for all; by itself each gets what is its own.
    if (batch.length > 1) await Promise.all(batch.map((one) => settle([one], append)))
    else for (const { reject } of batch) reject(error)
  }
}
