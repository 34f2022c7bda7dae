import { explain, type Finding } from '../contracts/index.ts'

/** One message of a batch that breaks the contract, by its place in the batch. */
export type RefusedMessage = { readonly index: number; readonly findings: readonly Finding[] }

const SHOWN = 10

/** A message that breaks its contract. Nothing was written; of a batch with such a message, nothing at all. */
export class MessageRefused extends Error {
  override readonly name = 'MessageRefused'
  readonly code = 'message.refused'
  readonly channel: string
  /** Of a batch, the findings of its first refused message. */
  readonly findings: readonly Finding[]
  /** Which messages of a batch were refused; `send` has one, with the index 0. */
  readonly refused: readonly RefusedMessage[]

  constructor(channel: string, findings: readonly Finding[], refused?: readonly RefusedMessage[]) {
    super(`Nothing was written to ${channel}: ${refused ? ofBatch(refused) : `the message ${breaks(findings)}`}`)
    this.channel = channel
    this.findings = findings
    this.refused = refused ?? [{ index: 0, findings }]
  }
}

function ofBatch(refused: readonly RefusedMessage[]): string {
  const shown = refused
    .slice(0, SHOWN)
    .map(({ index, findings }) => `message ${index} of the batch ${breaks(findings)}`)
  const hidden = refused.length - shown.length
  return [...shown, ...(hidden > 0 ? [`and ${hidden} more`] : [])].join('\n')
}

function breaks(findings: readonly Finding[]): string {
  return `breaks its contract.\n${findings.map((f) => `  ${explain(f)}`).join('\n')}`
}

/** What is known of a send whose outcome is not. */
export type Unconfirmed = {
  /** Sending the same again with this token writes nothing twice. */
  readonly token: string
  /** The ids of the messages that stand in the stream, from the first one on. */
  readonly written?: readonly string[]
}

/** Redis did not confirm a write. Whether the message stands in the stream is unknown; `token` makes repeating safe. */
export class SendFailed extends Error {
  override readonly name = 'SendFailed'
  readonly code = 'send.outcome-unknown'
  readonly token: string
  readonly written: readonly string[]

  constructor(channel: string, cause: Error, { token, written = [] }: Unconfirmed = { token: '' }) {
    super(
      `Redis did not confirm the message for ${channel} (${cause.message}); send it again with the token "${token}" of this error, which writes nothing twice.`,
      { cause },
    )
    this.token = token
    this.written = written
  }
}

/** A send ended before Redis was asked. Nothing was written. */
export class NotSent extends Error {
  override readonly name = 'NotSent'
  readonly code = 'send.nothing-written'

  constructor(channel: string, cause: Error) {
    super(`Nothing was written to ${channel}: ${cause.message}; it may be sent again.`, { cause })
  }
}

export class ProducerClosed extends Error {
  override readonly name = 'ProducerClosed'
  readonly code = 'producer.closed'

  constructor(channel: string) {
    super(`The producer of ${channel} is closed; send before it is disposed of.`)
  }
}
