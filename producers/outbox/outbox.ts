import { randomUUID } from 'node:crypto'
import type { Encode, Message, StreamContract } from '../../contracts/index.ts'
import { isSqlite, isTableMissing, type SqlClient, type SqliteDatabase } from '../../streams/index.ts'
import { compileEntry } from '../entry.ts'
import { MessageRefused, type RefusedMessage } from '../errors.ts'
import { checkHeaders, compileHeaders } from '../headers.ts'
import { OutboxMissing } from './errors.ts'
import { laneOf } from './lane.ts'
import { type Tables, tablesOf } from './tables.ts'

export type AddOptions = {
  /** Messages with the same key are published, and handled, in order; needs a contract with headers. */
  readonly key?: string
  /** Carried where the contract's headers are `full`. */
  readonly traceparent?: string
  /** Written as `_sid` where the contract has headers. */
  readonly schemaId?: string
}

export type AddAllOptions<M> = Omit<AddOptions, 'key'> & {
  readonly key?: (message: M, index: number) => string | undefined
}

/** Takes messages in the caller's transaction: they are published when it is committed, and never when it is not. */
export type Outbox = {
  /**
   * Adds one message. Throws `MessageRefused` for one that breaks its contract, before anything is written. In SQLite it
   * is done when the call returns, and what fails is thrown there.
   */
  readonly add: Add
  /** Adds messages in their order, in one statement. When one is refused, none is added. */
  readonly addAll: AddAll
}

type Add = {
  <C extends StreamContract>(tx: SqliteDatabase, contract: C, message: Message<C>, options?: AddOptions): void
  <C extends StreamContract>(tx: SqlClient, contract: C, message: Message<C>, options?: AddOptions): Promise<void>
}
type AddAll = {
  <C extends StreamContract>(
    tx: SqliteDatabase,
    contract: C,
    messages: readonly Message<C>[],
    options?: AddAllOptions<Message<C>>,
  ): void
  <C extends StreamContract>(
    tx: SqlClient,
    contract: C,
    messages: readonly Message<C>[],
    options?: AddAllOptions<Message<C>>,
  ): Promise<void>
}

type Row = { readonly lane: number; readonly entry: string }

/** The writing side of an outbox. The relay of the same table publishes what it was given. */
export function createOutbox({ table }: { readonly table?: string } = {}): Outbox {
  const tables = tablesOf(table)
  const statements = { postgres: insertInto(tables), sqlite: insertIntoSqlite(tables) }
  const encoders = new WeakMap<StreamContract, Encode<never>>()

  const encoderOf = <C extends StreamContract>(contract: C): Encode<Message<C>> => {
    const known = encoders.get(contract) as Encode<Message<C>> | undefined
    if (known) return known
    const encode = compileEntry(contract)
    encoders.set(contract, encode)
    return encode
  }

  const rowsOf = <C extends StreamContract>(
    contract: C,
    messages: readonly Message<C>[],
    { key: keyOf, traceparent, schemaId }: AddAllOptions<Message<C>>,
  ): readonly Row[] => {
    const encode = encoderOf(contract)
    const addHeaders = compileHeaders(contract, schemaId)
    const name = randomUUID()
    checkHeaders(contract, { traceparent })
    const [rows, refused]: [Row[], RefusedMessage[]] = [[], []]
    for (const [index, message] of messages.entries()) {
      const { entry, findings } = encode(message)
      const key = keyOf?.(message, index)
      if (key !== undefined) checkHeaders(contract, { key })
      if (findings) refused.push({ index, findings })
      else {
        const id = messages.length === 1 ? name : `${name}~${index}`
        rows.push({ lane: laneOf(key), entry: JSON.stringify(addHeaders(entry, id, { key, traceparent })) })
      }
    }
    const [first] = refused
    if (first) throw new MessageRefused(contract.channel, first.findings, messages.length === 1 ? undefined : refused)
    return rows
  }

  const insert = async (tx: SqlClient, channel: string, rows: readonly Row[]): Promise<void> => {
    const columns = [channel, rows.map(({ lane }) => lane), rows.map(({ entry }) => entry)]
    try {
      if (rows.length > 0) await tx.query(statements.postgres, columns)
    } catch (error) {
      throw isTableMissing(error) ? new OutboxMissing(tables.table, error) : error
    }
  }
  const insertInSqlite = (tx: SqliteDatabase, channel: string, rows: readonly Row[]): void => {
    try {
      if (rows.length > 0) tx.prepare(statements.sqlite).run(channel, JSON.stringify(rows))
    } catch (error) {
      throw isTableMissing(error) ? new OutboxMissing(tables.table, error) : error
    }
  }

  const addAll = ((tx: SqlClient | SqliteDatabase, contract, messages, options = {}) => {
    const { channel } = contract
    if (isSqlite(tx)) return insertInSqlite(tx, channel, rowsOf(contract, messages, options))
    // what is refused rejects, as whatever else fails
    return Promise.resolve().then(() => insert(tx, channel, rowsOf(contract, messages, options)))
  }) as AddAll
  const add = ((tx: SqlClient, contract, message, { key, ...options } = {}) =>
    addAll(tx, contract, [message], { ...options, key: () => key })) as Add
  return { add, addAll }
}

/** The rows get their ids in their order. */
function insertInto({ rows }: Tables): string {
  return `insert into ${rows} (channel, lane, entry)
    select $1, lane, entry from unnest($2::smallint[], $3::text[]) with ordinality as given (lane, entry, place) order by place`
}

function insertIntoSqlite({ rows }: Tables): string {
  return `insert into ${rows} (channel, lane, entry)
    select ?1, value ->> 'lane', value ->> 'entry' from json_each(?2) order by key`
}
