import { explain, type Finding } from '../contracts/index.ts'

/** A message that breaks its contract. Nothing was written. */
export class MessageRefused extends Error {
  override readonly name = 'MessageRefused'
  readonly code = 'message.refused'
  readonly channel: string
  readonly findings: readonly Finding[]

  constructor(channel: string, findings: readonly Finding[]) {
    super(
      `Nothing was written to ${channel}: the message breaks its contract.\n${findings.map((f) => `  ${explain(f)}`).join('\n')}`,
    )
    this.channel = channel
    this.findings = findings
  }
}

/** Redis did not confirm a write. Whether the message stands in the stream is unknown. */
export class SendFailed extends Error {
  override readonly name = 'SendFailed'
  readonly code = 'send.outcome-unknown'

  constructor(channel: string, cause: Error) {
    super(
      `Redis did not confirm the message for ${channel} (${cause.message}); look into the stream before sending it again.`,
      { cause },
    )
  }
}

export class ProducerClosed extends Error {
  override readonly name = 'ProducerClosed'
  readonly code = 'producer.closed'

  constructor(channel: string) {
    super(`The producer of ${channel} is closed; send before it is disposed of.`)
  }
}
