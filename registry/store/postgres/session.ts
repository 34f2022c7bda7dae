import { createHash } from 'node:crypto'
import type { PoolClient, QueryResult } from 'pg'
import type { Row, Sql } from '../sql.ts'
import { explainStatement, isConflict, isForgotten, isSilence } from './errors.ts'

/** Whether statements are prepared by name, which saves their planning: until it shows that a pooler stands in between. */
export type Preparing = { isOn: boolean }

/** A connection for as long as somebody has it. */
export class Session {
  readonly #client: PoolClient
  readonly #preparing: Preparing
  #isOver = false
  #isBroken = false
  #failure: unknown

  constructor(client: PoolClient, preparing: Preparing = { isOn: false }) {
    this.#client = client
    this.#preparing = preparing
  }

  /** What has made everything done in it void, whatever the work that met it made of it. */
  get failure(): unknown {
    return this.#failure
  }

  readonly sql: Sql = async (text, ...values) => {
    const statement = numbered(text)
    const query = this.#preparing.isOn ? statement : { text: statement.text }
    return (await this.#query({ ...query, values: [...values] })).rows
  }

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

  async #query(query: {
    readonly text: string
    readonly name?: string
    values?: unknown[]
  }): Promise<QueryResult<Row>> {
    if (this.#isOver) throw new Error('The transaction is over; its work may not go on using it.')
    try {
      return await this.#client.query<Row>(query)
    } catch (error) {
      this.#isBroken ||= isSilence(error)
      if (isForgotten(error)) this.#preparing.isOn = false
      const explained = explainStatement(error)
      if (explained !== error || isConflict(error)) this.#failure ??= explained
      throw explained
    }
  }
}

type Statement = { readonly text: string; readonly name: string }
const statements = new Map<string, Statement>()

/**
 * PostgreSQL writes parameters $1 where SQLite writes ?1. There are few texts, all of them our own. The same name stands for
 * the same text in every release, since connections may be shared with others.
 */
function numbered(text: string): Statement {
  const known = statements.get(text)
  if (known) return known
  const written = text.replaceAll(/\?(\d+)/g, '$$$1')
  const statement = {
    text: written,
    name: `concordat_${createHash('sha256').update(written).digest('hex').slice(0, 16)}`,
  }
  statements.set(text, statement)
  return statement
}
