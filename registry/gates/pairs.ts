import { channelOf, oppositeOf } from '../services/channel.ts'
import type { ContractTerms } from '../store/services.ts'
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
  const read = client.filter((one) => !isRequest(one))
  const responses = server
    .filter((one) => !isRequest(one))
    .flatMap((response) => {
      const reader = findReader(response.contract, read)
      if (reader) return [httpPair(response, reader, 'http')]
      const statuses = read.map(({ contract }) => contract.part).sort()
      return anyOfClient ? [httpPair(response, anyOfClient, { status: response.contract.part, read: statuses })] : []
    })
  return [...request, ...responses]
}

function httpPair(writer: Party, reader: Party, meeting: Meeting): Pair {
  return { channel: channelOf(writer.contract), writer, reader, meeting }
}

/** The status itself, else its class, else what is read of all others. */
function findReader({ part }: ContractTerms, read: readonly Party[]): Party | undefined {
  const names = [part, `${part[0]}XX`, 'default']
  const found = names.map((name) => read.find(({ contract }) => contract.part === name))
  return found.find((one) => one !== undefined)
}

function isRequest({ contract }: Party): boolean {
  return contract.part === 'request'
}
