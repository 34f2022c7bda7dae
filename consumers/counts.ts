import type { Backlog, DeadReason } from '../streams/index.ts'
import type { CounterSeries, HistogramSeries, Metrics, Reading } from '../telemetry/index.ts'
import { type Call, whenOver } from './call.ts'

/** Whose counts: of which consumer in which group of which channel. */
export type Counted = { readonly channel: string; readonly group: string; readonly consumer: string }

/** What can be asked of a running consumer. */
export type Watched = {
  readonly state: string
  readonly lastTick: number
  readonly isReady: () => boolean
  readonly inHand: number
  /** Asks Redis what the group has before it. */
  readonly readBacklog: () => Promise<Backlog>
}

/** What a consumer counts. */
export type Counts = {
  readonly handled: CounterSeries
  readonly redelivered: CounterSeries
  readonly takenOver: CounterSeries
  readonly seconds: HistogramSeries
  readonly parked: (reason: DeadReason) => void
  readonly failed: (error: Error) => void
  /** Shows the consumer, and its group, until the function that it returns is called. */
  readonly watch: (watched: Watched) => () => void
}

/** Asking more often than that asks Redis no more often. */
const FRESH_MS = 1_000

const STATES = ['running', 'paused', 'stopped-by-breaker']
const REASONS: readonly DeadReason[] = ['contract_broken', 'handler_error', 'max_deliveries', 'trimmed']
const CODES = ['consumer.no-answer', 'consumer.group-missing', 'consumer.stopped-by-breaker']
const OTHER = 'other'

/** Several consumers of one group count together. */
export function createCounts(metrics: Metrics, whose: Counted): Counts {
  const { channel, group } = whose
  const of = { channel, group }
  const labels = ['channel', 'group'] as const
  const counter = (name: string, help: string) => metrics.counter({ name, help, labels }).of(of)
  const parked = metrics.counter({
    name: 'concordat_messages_parked_total',
    help: 'Messages that became dead letters, by the reason.',
    labels: ['channel', 'group', 'reason'],
  })
  const failed = metrics.counter({
    name: 'concordat_consumer_errors_total',
    help: 'Failures that the consumer survived, or that stopped it, by the code of the error.',
    labels: ['channel', 'group', 'code'],
  })
  // What never happened is shown as 0, so that the first time is seen as a change.
  for (const reason of REASONS) parked.of({ ...of, reason })
  for (const code of [...CODES, OTHER]) failed.of({ ...of, code })
  return {
    handled: counter('concordat_messages_handled_total', 'Messages whose handler came to its end.'),
    redelivered: counter('concordat_messages_redelivered_total', 'Messages that were given to the handler once more.'),
    takenOver: counter(
      'concordat_messages_taken_over_total',
      'Pending entries that had lain idle and were taken over.',
    ),
    seconds: metrics
      .histogram({ name: 'concordat_handler_duration_seconds', help: 'How long one call of the handler took.', labels })
      .of(of),
    parked: (reason) => parked.of({ ...of, reason }).add(1),
    failed: (error) => failed.of({ ...of, code: codeOf(error) }).add(1),
    watch: watchWith(metrics, whose),
  }
}

/** The same call, counted. A message whose batch failed, or whose handler was without what it needs, comes again in its first try. */
export function counted(call: Call, { handled, redelivered, seconds }: Counts): Call {
  return (works) => {
    for (const { attempt, half, troubles } of works)
      if (attempt > 1 || half !== undefined || troubles > 0) redelivered.add(1)
    const started = performance.now()
    return whenOver(
      () => call(works),
      (ending) => {
        seconds.observe((performance.now() - started) / 1_000)
        if (!('error' in ending)) handled.add(works.length)
      },
    )
  }
}

function watchWith(metrics: Metrics, { channel, group, consumer }: Counted): Counts['watch'] {
  const ofOne = { channel, group, consumer }
  const ofGroup = { channel, group }
  const one = gaugesOfOne(metrics)
  const all = gaugesOfGroup(metrics)

  const readOne = (watched: Watched): Reading[] => [
    ...STATES.map((state) => one.state.at({ ...ofOne, state }, Number(state === watched.state))),
    one.ready.at(ofOne, Number(watched.isReady())),
    one.inHand.at(ofOne, watched.inHand),
    one.lastTickAge.at(ofOne, Math.max(0, Date.now() - watched.lastTick) / 1_000),
  ]
  const readGroup = ({ pending, oldestPendingAge, lag, unread, deadLetters }: Backlog): Reading[] => [
    all.pending.at(ofGroup, pending),
    all.oldestPendingAge.at(ofGroup, oldestPendingAge),
    all.lag.at(ofGroup, lag),
    ...(unread === undefined ? [] : [all.unread.at(ofGroup, unread)]),
    all.deadLetters.at(ofGroup, deadLetters),
  ]
  return (watched) => {
    const collectGroup = async () => readGroup(await watched.readBacklog())
    const stops = [
      metrics.collect(`consumer ${JSON.stringify(ofOne)}`, () => readOne(watched)),
      metrics.collect(`group ${JSON.stringify(ofGroup)}`, collectGroup, { freshMs: FRESH_MS }),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }
}

function gaugesOfOne(metrics: Metrics) {
  const labels = ['channel', 'group', 'consumer'] as const
  return {
    state: metrics.gauge({
      name: 'concordat_consumer_state',
      help: 'Which state the consumer is in: 1 for that one, 0 for the others.',
      labels: [...labels, 'state'],
    }),
    ready: metrics.gauge({
      name: 'concordat_consumer_ready',
      help: 'Whether the consumer reads: it runs, and Redis has answered.',
      labels,
    }),
    inHand: metrics.gauge({
      name: 'concordat_consumer_in_hand',
      help: 'Entries that were read and are neither acknowledged nor parked.',
      labels,
    }),
    lastTickAge: metrics.gauge({
      name: 'concordat_consumer_last_tick_age_seconds',
      help: 'How long ago the loop of the consumer came round.',
      labels,
    }),
  }
}

function gaugesOfGroup(metrics: Metrics) {
  const labels = ['channel', 'group'] as const
  const gauge = (name: string, help: string) => metrics.gauge({ name, help, labels })
  return {
    pending: gauge('concordat_group_pending', 'Entries that the group was given and has not acknowledged.'),
    oldestPendingAge: gauge(
      'concordat_group_oldest_pending_age_seconds',
      'How long ago the oldest pending entry was written.',
    ),
    lag: gauge('concordat_group_lag_seconds', 'How long ago the oldest entry was written that nobody in it was given.'),
    unread: gauge('concordat_group_unread', 'Entries that nobody in the group was given, where Redis can tell.'),
    deadLetters: gauge('concordat_group_dead_letters', 'Dead letters that stand in the stream of the group.'),
  }
}

function codeOf(error: Error): string {
  return CODES.find((code) => 'code' in error && error.code === code) ?? OTHER
}
