import { type Direction, templateOf } from '../../contracts/index.ts'
import { registryError } from '../errors.ts'
import type { Verb } from '../store/services.ts'
import { shown } from '../unicode.ts'
import { isPlain } from './names.ts'

/** A channel taken apart: the stream or operation where services meet, and which part of an operation it is. */
export type ChannelParts = { readonly place: string; readonly part: string }

const STREAM = /^stream:(?:[^\s/#\p{Cc}]+\/)?[^\s/#\p{Cc}]+$/u
const OPERATION = /^http:(?<provider>\S+) (?<method>GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (?<path>\/[^\s#\p{Cc}]*)$/u
const PART = /^(?:request|[1-5]\d\d|[1-5]XX|default)$/

/** Bytes that a channel's name may have at most: it stands in indexes. */
const LONGEST_CHANNEL = 1000

const RULE = `"stream:votes", "stream:bus/votes", "http:vote-api POST /api/vote#request" or "…#201", ${LONGEST_CHANNEL} bytes at most`

/** Takes a channel's name apart, or refuses it. Names of path parameters and of the default bus are erased. */
export function parseChannel(channel: string): ChannelParts {
  const [place = '', part = '', ...more] = channel.split('#')
  const isHttp = place.startsWith('http:')
  const isRight = more.length === 0 && (isHttp ? PART.test(part) : !channel.includes('#')) && isPlace(place)
  if (!isRight) throw registryError('name.invalid', { what: 'a channel', name: shown(channel), rule: RULE })
  return { place: erased(place), part }
}

/** The same for one who looks for a place: a whole operation, or one part of it. */
export function parsePlace(channel: string): ChannelParts {
  const [place = '', part = ''] = channel.split('#')
  return { place: erased(place), part }
}

export function channelOf({ place, part }: ChannelParts): string {
  return part === '' ? place : `${place}#${part}`
}

/** Which of the four verbs it is to write or read a channel. */
export function verbOf({ place, part }: ChannelParts, direction: Direction): Verb {
  if (!place.startsWith('http:')) return direction
  return (part === 'request') === (direction === 'reads') ? 'serves' : 'calls'
}

export function directionOf(verb: Verb, part: string): Direction {
  switch (verb) {
    case 'writes':
    case 'reads':
      return verb
    case 'serves':
      return part === 'request' ? 'reads' : 'writes'
    case 'calls':
      return part === 'request' ? 'writes' : 'reads'
  }
}

/** Who is on the other side of a place. */
export function oppositeOf(verb: Verb): Verb {
  const opposite = { writes: 'reads', reads: 'writes', serves: 'calls', calls: 'serves' } as const
  return opposite[verb]
}

/** The service that serves an operation. */
export function providerOf(place: string): string | undefined {
  return OPERATION.exec(place)?.groups?.provider
}

function isPlace(place: string): boolean {
  if (Buffer.byteLength(place) > LONGEST_CHANNEL || !place.isWellFormed()) return false
  const operation = OPERATION.exec(place)
  return STREAM.test(place) || (operation !== null && isPlain(operation.groups?.provider ?? ''))
}

/** A place has one name: parameters have none, and the default bus is not told. */
function erased(place: string): string {
  const { provider, method, path } = OPERATION.exec(place)?.groups ?? {}
  return path === undefined
    ? place.replace(/^stream:default\//, 'stream:')
    : `http:${provider} ${method} ${templateOf(path)}`
}
