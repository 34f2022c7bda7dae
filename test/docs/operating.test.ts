import { expect, test } from 'vitest'
import { createRegistryMetrics, type RegistryMetrics } from '../../registry/operations/metrics.ts'
import { watchProcess } from '../../registry/operations/process.ts'
import { parseMetrics } from '../telemetry/prometheus-text.ts'
import { codesIn, read, rowsUnder } from './markdown.ts'

/** Gives every metric a series, whose labels can be read from the text. */
function touch(metrics: RegistryMetrics): void {
  const closed = { state: 'closed', onFailure: () => {} } as const
  metrics.requests.of({ method: 'GET', route: '/', status: '200' })
  metrics.requestSeconds.of({ method: 'GET', route: '/' })
  metrics.rateLimits.requests.of({ class: 'write' })
  metrics.rateLimits.rejections.of({ class: 'write' })
  metrics.shed.of({ reason: 'event-loop' })
  metrics.watchBreaker('database', closed)
  metrics.watchCertificate({ expiresAt: () => 1 })
  metrics.store.watchConnections(() => ({ idle: 1, busy: 0, waiting: 0 }))
}

type Listed = Readonly<Record<string, readonly [type: string, labels: string]>>

async function shown(): Promise<Listed> {
  const metrics = createRegistryMetrics()
  touch(metrics)
  const stop = watchProcess(metrics)
  const families = [...parseMetrics(await metrics.text()).values()]
  stop()
  const ours = families.filter(({ name }) => !name.startsWith('concordat_metrics_'))
  return Object.fromEntries(
    ours.map(({ name, type, samples }) => {
      const labels = Object.keys(samples[0]?.labels ?? {}).filter((label) => label !== 'le')
      return [name, [type, labels.join(' ')]]
    }),
  )
}

const HEADINGS = [
  'Requests',
  'What the registry answers',
  'Database, circuit breakers, certificate',
  'The process',
] as const

test('docs/operating.md lists every metric of the registry, with its type and its labels, and no other', async () => {
  const rows = HEADINGS.flatMap((heading) => rowsUnder('docs/operating.md', heading))
  const told = rows.map(([name = '', type = '', labels = '']) => [codesIn(name)[0], [type, codesIn(labels).join(' ')]])
  expect(Object.fromEntries(told)).toEqual(await shown())
})

test('docs/operating.md alerts on metrics that there are', async () => {
  const names = new Set(Object.keys(await shown()))
  names.add('concordat_metrics_series_refused_total')
  const [, section = ''] = read('docs/operating.md').split('## What to alert on')
  const [alerts = ''] = section.split(/^## /m)
  const used = [...alerts.matchAll(/\b[a-z]+(?:_[a-z0-9]+)*_(?:total|seconds|bucket|state|connections)\b/g)].map(
    ([name]) => name.replace(/_bucket$/, ''),
  )
  expect(used.length).toBeGreaterThanOrEqual(11)
  expect(used.filter((name) => !names.has(name))).toEqual([])
})
