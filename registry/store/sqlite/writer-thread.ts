import type { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import type { Transaction } from '../store.ts'
import { writesOver } from '../writes.ts'
import { openConnection } from './connection.ts'
import { sqlOf } from './statements.ts'
import type { Ask, Method, Told, WriterData } from './writer.ts'

// The one connection that writes: what it flushes to the disk holds up this thread and nobody's requests.
const { file, busyDeadlineMs } = workerData as WriterData
const database: DatabaseSync = openConnection(file, busyDeadlineMs)
const transaction: Transaction = writesOver(sqlOf(database))

/** The statements around writes: each write is a savepoint of its own in a commit that several share. */
const STATEMENTS = {
  begin: 'BEGIN IMMEDIATE; SAVEPOINT write',
  next: 'RELEASE write; SAVEPOINT write',
  undo: 'ROLLBACK TO write',
  commit: 'COMMIT',
  rollback: 'ROLLBACK',
} as const

export type Control = keyof typeof STATEMENTS

parentPort?.on('message', (ask: Ask) => {
  void answer(ask).then((told) => parentPort?.postMessage(told)) // it never rejects
})

async function answer({ number, call }: Ask): Promise<Told> {
  try {
    return { number, value: await run(call) }
  } catch (error) {
    // Of an error's own properties none would cross over.
    const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) : undefined
    const message = error instanceof Error ? error.message : String(error)
    return {
      number,
      failure: { message, ...(code !== undefined && { errcode: code }), isOver: !database.isTransaction },
    }
  }
}

/** Whether something in the transaction has failed and has not been undone. */
let hasFailed = false

async function run(call: Ask['call']): Promise<unknown> {
  if (call === 'close') return database.close()
  if (typeof call === 'string') return control(call)
  if (!database.isTransaction) throw new Error('There is no transaction to write in')
  try {
    return await runMethod(call)
  } catch (error) {
    hasFailed = true
    throw error
  }
}

function runMethod(call: Method): unknown {
  const [group, method, args] = call
  const methods: object = group === 'restore' ? transaction : transaction[group]
  return Reflect.apply(Reflect.get(methods, method), methods, args)
}

function control(call: Control): void {
  if (call === 'rollback' && !database.isTransaction) return
  if (call === 'commit' && hasFailed) throw new Error('What has failed is not committed')
  if (call === 'begin' || call === 'undo') hasFailed = false
  database.exec(STATEMENTS[call])
}
