import { readFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { RegistryMetrics } from './metrics.ts'

/** How often it is looked whether the event loop comes round in time. */
const RESOLUTION_MS = 10

/** Shows how the process does: memory, event loop, age and version. Answers what ends the looking. */
export function watchProcess(metrics: Pick<RegistryMetrics, 'collect' | 'gauge'>): () => void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  const memory = metrics.gauge({
    name: 'process_resident_memory_bytes',
    help: 'Memory that the process has in use.',
  })
  const late = metrics.gauge({
    name: 'nodejs_eventloop_lag_p99_seconds',
    help: 'How late the event loop came round, 99 of 100 times at most, since this was last asked.',
  })
  const uptime = metrics.gauge({ name: 'process_uptime_seconds', help: 'How long the process has been running.' })
  const build = metrics.gauge({
    name: 'concordat_build_info',
    help: 'Always 1; its label says which version of Concordat runs.',
    labels: ['version'],
  })
  const version = ownVersion()
  const takeLateness = (): number => {
    const seconds = Math.max(0, delay.percentile(99) / 1e9 - RESOLUTION_MS / 1000)
    delay.reset()
    return seconds
  }
  const stop = metrics.collect('process', () => [
    memory.at({}, process.memoryUsage.rss()),
    late.at({}, takeLateness()),
    uptime.at({}, process.uptime()),
    build.at({ version }, 1),
  ])
  delay.enable()
  return () => {
    delay.disable()
    stop()
  }
}

function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(findPackageJSON(import.meta.url) ?? 'package.json', 'utf8')) as {
    version: string
  }
  return version
}
