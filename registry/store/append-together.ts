import type { Appended, AppendRequest, SubjectWrites, Transaction } from './store.ts'

type Waiting = PromiseWithResolvers<Appended | undefined> & { readonly request: AppendRequest }
type AppendAll = SubjectWrites['appendAll']
/** Puts a work that appends into the next commit. */
type Commit = (work: (transaction: Pick<Transaction, 'subjects'>) => ReturnType<AppendAll>) => ReturnType<AppendAll>

/** How many appends are carried out in one go at most. */
const APPENDS_AT_ONCE = 64

/** Lets who appends at the same time share one work: until that begins, others may join it. */
export function appendTogether(commit: Commit): (request: AppendRequest) => Promise<Appended | undefined> {
  let gathering: Waiting[] | undefined

  const begin = (): Waiting[] => {
    const batch: Waiting[] = []
    void settle(batch, commit, () => {
      if (gathering === batch) gathering = undefined
    }) // it never rejects: what goes wrong is told to those who wait
    return batch
  }
  return (request) => {
    if (gathering === undefined || gathering.length >= APPENDS_AT_ONCE) gathering = begin()
    const one = { ...Promise.withResolvers<Appended | undefined>(), request }
    gathering.push(one)
    return one.promise
  }
}

async function settle(batch: readonly Waiting[], commit: Commit, onBegin: () => void): Promise<void> {
  try {
    const appended = await commit(({ subjects }) => {
      onBegin()
      return subjects.appendAll(batch.map(({ request }) => request))
    })
    batch.forEach(({ resolve }, i) => resolve(appended[i]))
  } catch (error) {
    onBegin()
    // One of them may have spoilt it for all; by itself each gets what is its own.
    if (batch.length > 1) await Promise.all(batch.map((one) => settle([one], commit, () => {})))
    else for (const { reject } of batch) reject(error)
  }
}
