import type { PoolClient, QueryResult } from 'pg'
import type { Row, Sql } from '../sql.ts'
import { explainStatement, isConflict, isSilence } from './errors.ts'

type Query = { readonly text: string; values?: unknown[] }

/** A connection for as long as somebody has it. */
export class Session {
  readonly #client: PoolClient
  #isOver = false
  #isBroken = false
  #failure: unknown
  #before: Promise<unknown> = Promise.resolve()

  constructor(client: PoolClient) {
    this.#client = client
  }

  /** What has made everything done in it void, whatever the work that met it made of it. */
  get failure(): unknown {
    return this.#failure
  }

  // Never prepared by name: PgBouncer may hand out another connection, and a plan that was made for empty tables would stay.
  readonly sql: Sql = async (text, ...values) => (await this.#query({ text: numbered(text), values: [...values] })).rows

  /** Runs statements that have neither parameters nor answers. */
  async run(text: string): Promise<void> {
    await this.#query({ text })
  }

  /** Undoes what its transaction has done. A connection on which that fails is not used again. */
  async rollBack(): Promise<void> {
    if (this.#isBroken) return
    try {
      await this.run('ROLLBACK')
    } catch {
      // What made the rollback necessary is what its caller tells.
      this.#isBroken = true
    }
  }

  /** Gives the connection back; one that went silent is closed, since its late answer would be taken for another's. */
  end(): void {
    this.#isOver = true
    this.#client.release(this.#isBroken)
  }

  /** One after the other: a work may ask for several things side by side, and the connection answers one at a time. */
  #query(query: Query): Promise<QueryResult<Row>> {
    const asked = this.#before.then(() => this.#ask(query))
    this.#before = asked.catch(() => undefined)
    return asked
  }

  async #ask(query: Query): Promise<QueryResult<Row>> {
    if (this.#isOver) throw new Error('The transaction is over; its work may not go on using it.')
    try {
      return await this.#client.query<Row>(query)
    } catch (error) {
      this.#isBroken ||= isSilence(error)
      const explained = explainStatement(error)
      if (explained !== error || isConflict(error)) this.#failure ??= explained
      throw explained
    }
  }
}

const texts = new Map<string, string>()

/** PostgreSQL writes parameters $1 where SQLite writes ?1. There are few texts, all of them our own. */
function numbered(text: string): string {
  const known = texts.get(text) ?? text.replaceAll(/\?(\d+)/g, '$$$1')
  texts.set(text, known)
  return known
}
