import { ENGINE, type Policy, type Verdict } from '../../contracts/decide/verdict.ts'
import { parseJson } from '../../contracts/schema/json-text.ts'
import type { JsonSchema } from '../../contracts/schema/keywords.ts'
import { SCHEMA_LIMITS } from '../../contracts/schema/limits.ts'
import { decideMeeting, type Meeting, meetingOf } from '../../registry/verdicts/meeting.ts'
import type { Config } from '../config/config.ts'
import type { DeclaredContract } from '../config/declared.ts'

/** What became of one contract between a commit and the working copy. */
export type Change = {
  readonly channel: string
  readonly direction: 'writes' | 'reads'
  readonly change: 'kept' | 'added' | 'removed'
  /** Whether it fits those who relied on the contract of the commit; undefined where nothing can be compared. */
  readonly verdict?: Verdict
  /** Whether the contract of the commit would fit those who rely on this one: going back is safe then. */
  readonly back?: Verdict
  readonly origin?: string
}

type Options = { readonly ref: string; readonly policy: Policy }

/** Decides, for each contract of either side, what the change means for who is on the other side of the channel. */
export function compareContracts(now: Config, before: Config | undefined, { policy }: Options): Change[] {
  const [current, older] = [byKey(now), byKey(before)]
  return [...new Set([...current.keys(), ...older.keys()])].map((key) => {
    const [mine, theirs] = [current.get(key), older.get(key)]
    if (mine && theirs) return changed(mine, theirs, policy)
    return mine ? added(mine, older, policy) : removed(theirs, current, policy)
  })
}

type Contracts = ReadonlyMap<string, DeclaredContract>

function byKey(config: Config | undefined): Contracts {
  return new Map((config?.contracts ?? []).map((contract) => [`${contract.direction} ${contract.channel}`, contract]))
}

/** What is written now meets who read the former; who reads now meets what was written formerly. */
function changed(mine: DeclaredContract, theirs: DeclaredContract, policy: Policy): Change {
  const [verdict, back] =
    mine.direction === 'writes'
      ? [between(mine, theirs, policy), between(theirs, mine, policy)]
      : [between(theirs, mine, policy), between(mine, theirs, policy)]
  return { ...told(mine), change: 'kept', verdict, back }
}

/** A response with a status that no client of the commit's operation was told of breaks those clients. */
function added(mine: DeclaredContract, older: Contracts, policy: Policy): Change {
  const wider = widerIn(older, mine)
  if (wider) return { ...changed(mine, wider, policy), change: 'added' }
  const read = mine.direction === 'writes' ? statusesIn(older, mine) : undefined
  const verdict = read && decideMeeting(schemaOf(mine), true, { status: partOf(mine.channel), read }, { policy })
  return { ...told(mine), change: 'added', ...(verdict && { verdict }) }
}

/** Whoever reads misses what is no longer written; a server may go on answering what is no longer read. */
function removed(theirs: DeclaredContract | undefined, current: Contracts, policy: Policy): Change {
  if (theirs === undefined) throw new Error('A key has a contract on one side at least')
  const wider = widerIn(current, theirs)
  if (wider) return { ...changed(wider, theirs, policy), ...told(theirs), change: 'removed' }
  const read = theirs.direction === 'reads' ? statusesIn(current, theirs) : undefined
  const verdict = read && decideMeeting(schemaOf(theirs), true, { status: partOf(theirs.channel), read }, { policy })
  return { ...told(theirs), change: 'removed', ...(verdict && { verdict }) }
}

/** What is said of all statuses of a class, or of all others, where a response's own is not named. */
function widerIn(contracts: Contracts, { channel, direction }: DeclaredContract): DeclaredContract | undefined {
  const operation = `${direction} ${channel.slice(0, channel.lastIndexOf('#') + 1)}`
  const first = partOf(channel).charAt(0)
  if (!/^\d/.test(first)) return undefined
  return contracts.get(`${operation}${first}XX`) ?? contracts.get(`${operation}default`)
}

/** The statuses of the same operation on the other side; undefined for what is no response, or no operation there. */
function statusesIn(contracts: Contracts, { channel, direction }: DeclaredContract): string[] | undefined {
  if (!channel.startsWith('http:') || partOf(channel) === 'request') return undefined
  const operation = channel.slice(0, channel.lastIndexOf('#') + 1)
  const parts = [...contracts.values()]
    .filter((other) => other.direction === direction && other.channel.startsWith(operation))
    .map((other) => partOf(other.channel))
  const known = parts.filter((part) => part !== 'request')
  return known.length === 0 ? undefined : known.sort()
}

function partOf(channel: string): string {
  return channel.slice(channel.lastIndexOf('#') + 1)
}

function between(writer: DeclaredContract, reader: DeclaredContract, policy: Policy): Verdict {
  const meeting: Meeting = writer.channel.startsWith('http:') ? 'http' : meetingOf(formOf(writer), formOf(reader))
  const [written, read] = [schemaOf(writer), schemaOf(reader)]
  // the same schema in the same form is fit for itself, whatever the engine can prove
  if (typeof meeting === 'string' && JSON.stringify(written) === JSON.stringify(read))
    return { answer: 'compatible', policy, engine: ENGINE, findings: [] }
  return decideMeeting(written, read, meeting, { policy })
}

function formOf({ encoding = 'fields', field, headers }: DeclaredContract) {
  return { encoding, ...(field !== undefined && { field }), ...(headers !== undefined && { headers }) }
}

function schemaOf({ schema }: DeclaredContract): JsonSchema {
  if (typeof schema !== 'string') return schema
  const { value } = parseJson(schema, SCHEMA_LIMITS.depth, false)
  return value as JsonSchema
}

function told({ channel, direction, origin }: DeclaredContract): Pick<Change, 'channel' | 'direction' | 'origin'> {
  return { channel, direction, ...(origin !== undefined && { origin }) }
}
