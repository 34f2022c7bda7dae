import type { Decode, Finding } from '../contracts/index.ts'
import { asItWas, type DeadReason, type Entry, type EntryReply } from '../streams/index.ts'
import { textOf } from './errors.ts'
import type { Source } from './group.ts'
import { isDoubtful } from './utf8.ts'

/** Why a message cannot be handled, and what its dead letter is to say. */
export type Verdict = { readonly reason: DeadReason; readonly findings: readonly Finding[]; readonly detail: string }

/** One entry in hand. */
export type Work = {
  readonly source: Source
  /** Where it is pending: in its source. */
  readonly id: string
  /** As it was in the stream, also when it came back over the retry stream. */
  readonly entry: Entry
  message: unknown
  key: string | undefined
  /** How many characters it takes. */
  readonly size: number
  /** Which try comes next; the first is 1. */
  attempt: number
  /** It is to be parked, for this. */
  verdict: Verdict | undefined
  /** How often the message was not to blame: Redis gave no answer about it, or its handler was without what it needs. */
  troubles: number
  /** Parking it was tried, and no answer came. */
  mayBeParked: boolean
  /** It needs a question to the server before it is handled. */
  needsCare: boolean
  /** A batch with it has failed: it comes with the others of this half, and with nobody else. */
  half: symbol | undefined
  /** When the server was last told that it is in hand. */
  heldAt: number
}

export type WorkMaker = {
  readonly decode: Decode
  readonly keyOf: ((message: unknown, entry: Entry) => string | undefined) | undefined
  readonly maxAttempts: number
}

/** Decodes an entry. `deliveries` counts the tries that it may have had before; a new one has had none. */
export function makeWork(maker: WorkMaker, source: Source, [id, fields]: EntryReply, deliveries = 0): Work {
  const entry = source.isRetry && fields !== null ? asItWas({ id, fields }) : { id, fields: fields ?? [] }
  const work: Work = {
    source,
    id,
    entry,
    message: undefined,
    key: undefined,
    size: sizeOf(entry.fields),
    attempt: deliveries + 1,
    verdict: undefined,
    troubles: 0,
    mayBeParked: false,
    needsCare: deliveries > 0,
    half: undefined,
    heldAt: 0,
  }
  if (fields === null) work.verdict = TRIMMED
  else if (deliveries > maker.maxAttempts) giveUp(work, deliveries)
  else decode(maker, work)
  return work
}

const TRIMMED: Verdict = { reason: 'trimmed', findings: [], detail: '' }

/** Its handler never came to an end: what it does to its process would go on at every start. */
function giveUp(work: Work, deliveries: number): void {
  const detail = `It was delivered ${deliveries} times, and neither acknowledged nor parked; a handler that ends its process does that.`
  work.attempt = deliveries
  work.verdict = { reason: 'max_deliveries', findings: [], detail }
}

export function contractBroken(findings: readonly Finding[]): Verdict {
  return { reason: 'contract_broken', findings, detail: JSON.stringify(findings) }
}

/** How much of an error's text a dead letter keeps: some carry all that they were given. */
const LONGEST_ERROR = 4096

export function handlerFailed(error: unknown): Verdict {
  const text = textOf(error)
  const detail = text.length > LONGEST_ERROR ? `${text.slice(0, LONGEST_ERROR - 1).toWellFormed()}…` : text
  return { reason: 'handler_error', findings: [], detail }
}

function decode(maker: WorkMaker, work: Work): void {
  const { fields } = work.entry
  const { message, findings } = maker.decode(fields)
  if (findings) {
    work.verdict = contractBroken(findings)
    return
  }
  work.message = message
  if (isDoubtful(fields)) work.needsCare = true
  try {
    work.key = maker.keyOf?.(message, work.entry)
  } catch (error) {
    work.verdict = handlerFailed(error)
  }
}

function sizeOf(fields: readonly string[]): number {
  let size = 0
  for (const text of fields) size += text.length
  return size
}
