import { setTimeout as wait } from 'node:timers/promises'
import type { Cluster, Redis } from 'ioredis'
import { type Appended, type AppendOptions, append, type Parcel } from './append.ts'

/** How a parcel ended. Without `error` all of it is written; `isUntouched` says that Redis was never asked. */
export type Delivered = {
  readonly ids: readonly string[]
  readonly error?: Error
  readonly isUntouched?: boolean
}

/** What Redis says when it will take the same later: it is starting, failing over, short of memory or of replicas. */
const TRANSIENT = new Set(
  'LOADING BUSY TRYAGAIN CLUSTERDOWN MASTERDOWN READONLY NOREPLICAS OOM MISCONF MOVED ASK UNKILLABLE'.split(' '),
)

/** After so long without an answer, and then twice as long, the same is handed over again. */
const QUIET_MS = 100

type Outcome = { readonly appended: Appended } | { readonly error: Error } | 'silence'

/**
 * Writes a parcel before `deadline`, a time of `performance.now()`, and repeats what failed or got no answer: the token
 * makes that harmless. Nothing is handed to a client that is not connected, for ioredis would keep it and write it at
 * some later time, when nobody waits for it any more.
 */
export async function deliver(
  redis: Redis | Cluster,
  parcel: Parcel,
  options: AppendOptions & { readonly deadline: number },
): Promise<Delivered> {
  const { deadline } = options
  const attempts: Promise<Outcome>[] = []
  let known: readonly string[] = []
  let error: Error | undefined
  for (let n = 0; ; n++) {
    if (!(await isConnected(redis, deadline))) break
    const attempt = outcomeOf(append(redis, parcel, { ...options, isRepeat: n > 0 })).finally(() =>
      attempts.splice(attempts.indexOf(attempt), 1),
    )
    attempts.push(attempt)
    const outcome = await firstOf(attempts, Math.min(deadline - performance.now(), QUIET_MS * 2 ** n))
    if (outcome === 'silence') {
      error ??= new Error('no answer')
      continue
    }
    if ('appended' in outcome) {
      const { ids, failure } = outcome.appended
      if (failure === undefined) return check(parcel, ids)
      known = ids
      error = new Error(failure)
    } else error = outcome.error
    if (isFinal(error)) return { ids: known, error }
    await pause(n, deadline)
  }
  return error === undefined
    ? { ids: [], error: new Error(`Redis was not reachable in time (${redis.status})`), isUntouched: true }
    : { ids: known, error }
}

/** An answer with another number of ids is one to other messages. */
function check({ entries, token }: Parcel, ids: readonly string[]): Delivered {
  if (ids.length === entries.length) return { ids }
  const error = new Error(
    `the token "${token}" has been used for ${ids.length} messages, and these are ${entries.length}`,
  )
  return { ids: [], error }
}

function outcomeOf(appending: Promise<Appended>): Promise<Outcome> {
  return appending.then(
    (appended) => ({ appended }),
    (error: Error) => ({ error }),
  )
}

/** ioredis may never answer at all, so that a timer stands beside whatever is under way. */
async function firstOf(attempts: readonly Promise<Outcome>[], ms: number): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<'silence'>((resolve) => (timer = setTimeout(resolve, Math.max(ms, 0), 'silence')))
  try {
    return await Promise.race([...attempts, silence])
  } finally {
    clearTimeout(timer)
  }
}

/** Only what Redis itself says can be final; a connection comes back. */
export function isFinal({ name, message }: Error): boolean {
  // Redis 6.2 puts what a command in a script said behind the place at which it was said.
  const said = /@user_script: ?\d+: -?([A-Z]+ .*)/s.exec(message)?.[1] ?? message
  const [word = ''] = said.split(' ', 1)
  return (name === 'ReplyError' || /^[A-Z]{3,}$/.test(word)) && !TRANSIENT.has(word)
}

/** A lazy client connects when it is asked. Looking is enough: listeners of many producers would pile up on one client. */
async function isConnected(redis: Redis | Cluster, deadline: number): Promise<boolean> {
  for (let n = 0; performance.now() < deadline; n++) {
    if (redis.status === 'ready' || redis.status === 'wait') return true
    await pause(n, deadline)
  }
  return false
}

/** From 5 ms to 100 ms, with half of it by chance, so that many producers do not come back at once. */
async function pause(n: number, deadline: number): Promise<void> {
  const ms = Math.min(5 * 2 ** n, 100) * (0.5 + Math.random() / 2)
  await wait(Math.max(0, Math.min(ms, deadline - performance.now())))
}
