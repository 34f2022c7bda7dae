import type { LentClient } from '../../streams/index.ts'
import { TransactionOver } from './errors.ts'

/** What would end the transaction, or begin another, behind our back; going back to a savepoint would not. */
const ENDING =
  /^\s*(?:begin|start\s+transaction|commit|end|abort|prepare\s+transaction|rollback(?!\s+(?:work\s+|transaction\s+)?to\b))\b/i

/** The client as a handler has it: it lets statements wait for the beginning, and refuses them once all is over. */
export function guard<Tx extends LentClient>(
  client: Tx,
  begun: Promise<void>,
): { readonly tx: Tx; readonly end: () => void } {
  let isOver = false
  const run = (statement: readonly unknown[]): unknown => {
    if (isOver) throw new TransactionOver(OVER)
    const send: unknown = Reflect.get(client, 'query')
    return typeof send === 'function' ? Reflect.apply(send, client, statement) : undefined
  }
  const query = (...statement: readonly unknown[]): unknown => {
    // A cursor is no promise; the client lets it wait for the beginning by itself.
    if (isSubmittable(statement[0])) return run(statement)
    if (isEnding(statement[0])) return Promise.reject(new TransactionOver(ENDS))
    return begun.then(() => run(statement))
  }
  const tx = new Proxy(client, {
    get: (target, name) => {
      if (name === 'query') return query
      if (name === 'release') return () => undefined
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { tx, end: () => void (isOver = true) }
}

const OVER = 'The transaction of this handler is over; whatever it does must be awaited before it returns.'
const ENDS = 'A handler leaves beginning, committing and rolling back to the inbox; it throws to roll back.'

function isEnding(statement: unknown): boolean {
  const text = typeof statement === 'object' && statement !== null && 'text' in statement ? statement.text : statement
  return typeof text === 'string' && ENDING.test(text)
}

function isSubmittable(statement: unknown): boolean {
  return typeof statement === 'object' && statement !== null && 'submit' in statement
}
