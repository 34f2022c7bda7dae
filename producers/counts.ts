import type { CounterSeries, GaugeSeries, HistogramSeries, Metrics } from '../telemetry/index.ts'
import { MessageRefused, SendFailed } from './errors.ts'
import type { Lost, Swept } from './lost.ts'
import type { Sends } from './producer.ts'

/** What a producer counts. */
export type Counts = {
  readonly sent: CounterSeries
  readonly refused: CounterSeries
  readonly unknown: CounterSeries
  readonly notSent: CounterSeries
  readonly suppressed: CounterSeries
  readonly buffered: GaugeSeries
  readonly steps: HistogramSeries
  readonly seconds: HistogramSeries
}

const STEPS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000]

/** Several producers of one channel count together. */
export function createCounts(metrics: Metrics, channel: string): Counts {
  const produced = metrics.counter({
    name: 'concordat_messages_produced_total',
    help: 'Messages by how their send ended: sent, refused, unknown (whether Redis has it) or not_sent.',
    labels: ['channel', 'outcome'],
  })
  const labels = ['channel'] as const
  const suppressed = metrics.counter({
    name: 'concordat_duplicates_suppressed_total',
    help: 'Messages that a repeat found written already, and did not write again.',
    labels,
  })
  const buffered = metrics.gauge({
    name: 'concordat_messages_buffered',
    help: 'Messages that wait to be written, or are being written.',
    labels,
  })
  const steps = metrics.histogram({
    name: 'concordat_send_batch_messages',
    help: 'Messages that one step wrote to Redis together.',
    labels,
    buckets: STEPS,
  })
  const seconds = metrics.histogram({
    name: 'concordat_send_duration_seconds',
    help: 'How long a call of send or sendBatch took, whatever its end.',
    labels,
  })
  return {
    sent: produced.of({ channel, outcome: 'sent' }),
    refused: produced.of({ channel, outcome: 'refused' }),
    unknown: produced.of({ channel, outcome: 'unknown' }),
    notSent: produced.of({ channel, outcome: 'not_sent' }),
    suppressed: suppressed.of({ channel }),
    buffered: buffered.of({ channel }),
    steps: steps.of({ channel }),
    seconds: seconds.of({ channel }),
  }
}

/** What a janitor counts. */
export type SweepCounts = { readonly swept: (swept: Swept) => void; readonly lost: (lost: Lost) => void }

export function createSweepCounts(metrics: Metrics, channel: string): SweepCounts {
  const trimmed = metrics.counter({
    name: 'concordat_entries_trimmed_total',
    help: 'Entries that the janitor took away.',
    labels: ['channel'],
  })
  const lost = metrics.counter({
    name: 'concordat_entries_lost_total',
    help: "Entries that somebody else's trimming or deleting took before the group had read them.",
    labels: ['channel', 'group'],
  })
  const trimmedHere = trimmed.of({ channel })
  return {
    swept: ({ trimmed: entries, groups }) => {
      trimmedHere.add(entries)
      // What was never lost is shown as 0, so that the first time is seen as a change.
      for (const { name } of groups) lost.of({ channel, group: name })
    },
    lost: ({ group, entries }) => lost.of({ channel, group }).add(entries),
  }
}

/** The same ways of sending, counted. */
export function counted<M>({ send, sendBatch }: Sends<M>, counts: Counts): Sends<M> {
  const count = async <T>(messages: number, sending: () => Promise<T>): Promise<T> => {
    const started = performance.now()
    try {
      const answer = await sending()
      counts.sent.add(messages)
      return answer
    } catch (error) {
      countFailed(counts, messages, error)
      throw error
    } finally {
      counts.seconds.observe((performance.now() - started) / 1_000)
    }
  }
  return {
    send: (message, options) => count(1, () => send(message, options)),
    sendBatch: (messages, options) => count(messages.length, () => sendBatch(messages, options)),
  }
}

function countFailed({ sent, refused, unknown, notSent }: Counts, messages: number, error: unknown): void {
  if (error instanceof MessageRefused) {
    refused.add(error.refused.length)
    notSent.add(messages - error.refused.length)
  } else if (error instanceof SendFailed) {
    sent.add(error.written.length)
    unknown.add(messages - error.written.length)
  } else notSent.add(messages)
}
