import { expect, test } from 'vitest'
import { createCounts as countsOfConsumer } from '../../consumers/counts.ts'
import { createCounts as countsOfProducer, createSweepCounts } from '../../producers/counts.ts'
import { createMetrics, type Metrics } from '../../telemetry/index.ts'
import { type ParsedFamily, parseMetrics } from '../telemetry/prometheus-text.ts'
import { codesIn, rowsUnder } from './markdown.ts'

const channel = 'stream:votes'
const of = { channel, group: 'tally', consumer: 'one' }
const backlog = { pending: 1, oldestPendingAge: 1, lag: 1, unread: 1, deadLetters: 1 }
const watched = {
  state: 'running',
  lastTick: 0,
  inHand: 0,
  isReady: () => true,
  readBacklog: () => Promise.resolve(backlog),
}

/** The names of the labels, but for the one that every histogram has. */
function labelsOf({ samples }: ParsedFamily): string[] {
  return Object.keys(samples[0]?.labels ?? {}).filter((label) => label !== 'le')
}

type Listed = Readonly<Record<string, readonly [type: string, labels: readonly string[]]>>

/** Type and labels of all that is shown, but of what metrics say of themselves. */
async function shown(metrics: Metrics): Promise<Listed> {
  const families = [...parseMetrics(await metrics.text()).values()]
  const ours = families.filter(({ name }) => !name.startsWith('concordat_metrics_'))
  return Object.fromEntries(ours.map((family) => [family.name, [family.type, labelsOf(family)]]))
}

function told(heading: string): Listed {
  const rows = rowsUnder('docs/telemetry.md', heading)
  return Object.fromEntries(
    rows.map(([name = '', type = '', labels = '']) => [codesIn(name)[0], [type, codesIn(labels)]]),
  )
}

test.each<[string, (metrics: Metrics) => unknown]>([
  ['Producers', (metrics) => countsOfProducer(metrics, channel)],
  ['Janitors', (metrics) => createSweepCounts(metrics, channel).lost({ ...of, entries: 1, after: '', before: '' })],
  ['Consumers', (metrics) => countsOfConsumer(metrics, of).watch(watched)],
])(
  'docs/telemetry.md lists every metric under %s, with its type and its labels, and no other',
  async (heading, count) => {
    const metrics = createMetrics()
    count(metrics)
    expect(told(heading)).toEqual(await shown(metrics))
  },
)

test('docs/telemetry.md lists what the metrics say of themselves', async () => {
  const names = [...parseMetrics(await createMetrics().text()).keys()]
  expect(Object.keys(told('The metrics themselves')).sort()).toEqual(names)
})
