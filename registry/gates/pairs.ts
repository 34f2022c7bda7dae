import { channelOf, oppositeOf } from '../services/channel.ts'
import { type Meeting, meetingOf } from '../verdicts/meeting.ts'
import type { Party } from './party.ts'

/** One question: does this reader take all that this writer may write? */
export type Pair = {
  readonly channel: string
  readonly writer: Party
  readonly reader: Party
  readonly meeting: Meeting
}

/** All pairs in which one of ours is on one side. Ours may meet each other: a service may read what it writes. */
export function pairUp(ours: readonly Party[], others: readonly Party[]): Pair[] {
  const byPlace = Map.groupBy([...others, ...ours], ({ contract }) => contract.place)
  const streams = ours.flatMap((party) => streamPairs(party, byPlace.get(party.contract.place) ?? []))
  const taking = Map.groupBy(ours.filter(isHttp), (one) =>
    JSON.stringify([nameOf([one]), one.contract.place, one.contract.verb]),
  )
  // where two of ours meet, each has its turn
  const operations = new Map([...taking.values()].flatMap((mine) => operationPairs(mine, byPlace)))
  return [...streams, ...[...operations.values()].flat()]
}

function isHttp({ contract: { encoding } }: Party): boolean {
  return encoding === 'http'
}

function streamPairs(party: Party, atPlace: readonly Party[]): Pair[] {
  const opposite = atPlace.filter(({ contract }) => contract.verb === oppositeOf(party.contract.verb))
  if (party.contract.verb === 'writes') return opposite.map((reader) => streamPair(party, reader))
  if (party.contract.verb !== 'reads') return []
  // between two of ours, the writer's turn has made the pair
  return opposite.filter(({ is }) => is !== 'candidate').map((writer) => streamPair(writer, party))
}

function streamPair(writer: Party, reader: Party): Pair {
  return { channel: writer.contract.place, writer, reader, meeting: meetingOf(formOf(writer), formOf(reader)) }
}

function formOf({ contract: { encoding, field, headers } }: Party) {
  return { encoding, headers, ...(field !== undefined && { field }) }
}

/** All parts of an operation are looked at together, once for each two who meet there. */
function operationPairs(mine: readonly Party[], byPlace: ReadonlyMap<string, readonly Party[]>): [string, Pair[]][] {
  const [
    {
      contract: { place, verb },
    } = nobody(),
  ] = mine
  const opposite = (byPlace.get(place) ?? []).filter(({ contract }) => contract.verb === oppositeOf(verb))
  const versions = Map.groupBy(opposite, (one) => JSON.stringify(nameOf([one])))
  return [...versions.values()].map((theirs) => {
    const [server, client] = verb === 'serves' ? [mine, theirs] : [theirs, mine]
    return [JSON.stringify([place, nameOf(server), nameOf(client)]), pairsOfOperation(server, client)]
  })
}

function nobody(): never {
  throw new Error('A group has at least one member')
}

function nameOf([one]: readonly Party[]): unknown {
  return [one?.service, one?.version, one?.is === 'candidate']
}

/** The client writes the request, and the server the responses; one that the client does not read is a break. */
function pairsOfOperation(server: readonly Party[], client: readonly Party[]): Pair[] {
  const [asked, asking] = [server.find(isRequest), client.find(isRequest)]
  const request = asked && asking ? [httpPair(asking, asked, 'http')] : []
  const [anyOfClient] = client
  const answers = byPart(server)
  const read = byPart(client)
  const responses = [...answers.values()].flatMap((response) => {
    const { part } = response.contract
    const readers = new Set(statusesOf(part, answers).map((status) => findPart(status, read)))
    const known = [...readers].flatMap((reader) => (reader ? [httpPair(response, reader, 'http')] : []))
    const isRead = !readers.has(undefined) || anyOfClient === undefined
    return isRead ? known : [...known, httpPair(response, anyOfClient, { status: part, read: [...read.keys()].sort() })]
  })
  return [...request, ...responses]
}

/** An operation's responses by their statuses. */
function byPart(parties: readonly Party[]): ReadonlyMap<string, Party> {
  return new Map(parties.filter((one) => !isRequest(one)).map((one) => [one.contract.part, one]))
}

function httpPair(writer: Party, reader: Party, meeting: Meeting): Pair {
  return { channel: channelOf(writer.contract), writer, reader, meeting }
}

/** The statuses that a response stands for: those that a server names otherwise are none of its class's. */
function statusesOf(part: string, answers: ReadonlyMap<string, Party>): string[] {
  if (/^\d+$/.test(part)) return [part]
  return STATUSES.filter((status) => findPart(status, answers)?.contract.part === part)
}

const STATUSES = Array.from({ length: 500 }, (_, i) => String(100 + i))

/** The status itself, else its class, else what stands for all others. */
function findPart(status: string, parts: ReadonlyMap<string, Party>): Party | undefined {
  return parts.get(status) ?? parts.get(`${status[0]}XX`) ?? parts.get('default')
}

function isRequest({ contract }: Party): boolean {
  return contract.part === 'request'
}
