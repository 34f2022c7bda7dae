import { setTimeout as wait } from 'node:timers/promises'
import { registryError } from '../../errors.ts'
import type { Write } from '../group-commit.ts'
import type { Connections } from './connections.ts'
import { isConflict } from './errors.ts'
import type { Session } from './session.ts'

export type Commits = {
  readonly connections: Connections
  /** How long a statement may take, and how long writes wait for other processes that write. */
  readonly timeoutMs: number
  /** Told of the connection that the works shall use. */
  readonly onSession: (session: Session) => void
}

/** Runs writes in one transaction, each as if alone, and tells them how it ended. Never rejects. */
export async function commitTogether(commits: Commits, writes: readonly Write[]): Promise<void> {
  try {
    const { connections, timeoutMs, onSession } = commits
    const tellings = await retryConflicts(timeoutMs, (lockMs) =>
      connections.use((session) => {
        onSession(session)
        return commitOn(session, writes, begin({ lockMs, timeoutMs }))
      }),
    )
    for (const tell of tellings) tell()
  } catch (error) {
    for (const write of writes) write.reject(error)
  }
}

type Tell = () => void

/** Another writer was in the way, and nothing has been written: tries until the time is up. */
async function retryConflicts<T>(deadlineMs: number, attempt: (leftMs: number) => Promise<T>): Promise<T> {
  const started = performance.now()
  for (;;) {
    try {
      return await attempt(Math.max(1, deadlineMs - since(started)))
    } catch (error) {
      if (!isConflict(error)) throw error
      const waitedMs = since(started)
      if (waitedMs >= deadlineMs) throw registryError('store.busy', { waitedMs }, { cause: error })
    }
    await wait(1 + Math.random() * 9)
  }
}

function since(started: number): number {
  return Math.round(performance.now() - started)
}

/** Savepoints cost two round trips for each write, and hardly any write fails: so there are none until one does. */
async function commitOn(session: Session, writes: readonly Write[], opening: string): Promise<Tell[]> {
  try {
    return await inTransaction(session, opening, () => inTurn(writes, ({ run }) => run()))
  } catch (error) {
    if (session.failure !== undefined || writes.length === 1) throw session.failure ?? error
  }
  return inTransaction(session, opening, () => inTurn(writes, (write) => save(session, write)))
}

async function inTransaction(session: Session, opening: string, work: () => Promise<Tell[]>): Promise<Tell[]> {
  try {
    await session.run(opening)
    const tellings = await work()
    await session.run(COMMIT)
    return tellings
  } catch (error) {
    await session.rollBack()
    throw session.failure ?? error
  }
}

// A time-out of the server's would end the waiting for a standby and acknowledge the commit all the same. Where a statement
// has failed and its work has not let that be known, the first of these fails, and so the work.
const COMMIT = 'SET LOCAL statement_timeout = 0; COMMIT'

/**
 * All writers of all processes queue for one row, so that each is as if alone. What is set ends with the transaction. Who
 * falls silent loses the row; and a commit is on disk when it is acknowledged, whatever the server's settings are.
 */
function begin({ lockMs, timeoutMs }: { readonly lockMs: number; readonly timeoutMs: number }): string {
  return `BEGIN ISOLATION LEVEL READ COMMITTED;
    SELECT set_config('lock_timeout', '${lockMs}ms', true), set_config('statement_timeout', '0', true),
      set_config('idle_in_transaction_session_timeout', '${timeoutMs}ms', true),
      set_config('synchronous_commit', CASE setting WHEN 'off' THEN 'on' ELSE setting END, true)
      FROM current_setting('synchronous_commit') AS setting;
    SELECT 1 FROM contexts WHERE name = '.' FOR UPDATE;
    SELECT set_config('statement_timeout', '${timeoutMs}ms', true)`
}

async function inTurn(writes: readonly Write[], run: (write: Write) => Promise<Tell>): Promise<Tell[]> {
  const tellings: Tell[] = []
  for (const write of writes) tellings.push(await run(write))
  return tellings
}

async function save(session: Session, { run, reject }: Write): Promise<Tell> {
  await session.run('SAVEPOINT write')
  try {
    const tell = await run()
    await session.run('RELEASE SAVEPOINT write')
    return tell
  } catch (error) {
    // Then nobody's writes happen.
    if (session.failure !== undefined) throw session.failure
    await session.run('ROLLBACK TO SAVEPOINT write; RELEASE SAVEPOINT write')
    return () => reject(error)
  }
}
