import type { Registry } from '../registry.ts'
import { oppositeOf } from '../services/channel.ts'
import type { VersionName } from '../store/services.ts'
import { type Asked, canDeploy } from './gate.ts'
import type { Stop } from './judge.ts'

/** A service that something would break, and one that it would break in turn. */
export type Broken = VersionName & {
  readonly channel: string
  readonly reason: 'incompatible' | 'unknown' | 'missing'
  readonly text: string
}
export type Affected = { readonly service: string; readonly through: readonly string[] }

export type Impact = {
  readonly breaks: readonly Broken[]
  readonly affected: readonly Affected[]
  /** Everybody who must be told, those first who break. */
  readonly tell: readonly string[]
  readonly isWhole: boolean
}

/** Contracts of one environment that are looked at. */
const MOST_RUNNING = 50_000

/** What a candidate would break, and who lives on what the broken ones write and serve. */
export async function impactOf(
  registry: Registry,
  asked: Asked & { readonly destination: { readonly to: string } },
): Promise<Impact> {
  const { stops, overridden } = await canDeploy(registry, asked)
  const breaks = [...stops, ...overridden].flatMap(brokenBy)
  const running = await registry.store.channels.runningAll(asked.destination.to, MOST_RUNNING + 1)
  const affected = findAffected(breaks, running)
  const tell = new Set([...breaks, ...affected].map(({ service }) => service))
  return { breaks, affected, tell: [...tell], isWhole: running.length <= MOST_RUNNING }
}

/** A reader is broken by what it cannot read, and a client by what its server refuses as well. */
function brokenBy({ reason, writer, reader, channel = '', text }: Stop): Broken[] {
  const broken = channel.endsWith('#request') ? writer : reader
  if (!broken || reason === 'unpublished') return []
  return [{ service: broken.service, version: broken.version, channel, reason, text }]
}

type Taking = {
  readonly service: string
  readonly place: string
  readonly verb: 'writes' | 'reads' | 'serves' | 'calls'
}

/** Level by level, so that each is reached by its shortest way. */
function findAffected(breaks: readonly Broken[], running: readonly Taking[]): Affected[] {
  const byService = Map.groupBy(running, ({ service }) => service)
  const byPlace = Map.groupBy(running, ({ place, verb }) => `${verb} ${place}`)
  const ways = new Map<string, readonly string[]>(breaks.map(({ service }) => [service, []]))
  const queue = [...ways.keys()]
  for (let service = queue.shift(); service !== undefined; service = queue.shift()) {
    const gives = (byService.get(service) ?? []).filter(({ verb }) => verb === 'writes' || verb === 'serves')
    for (const { place, verb } of gives)
      for (const next of byPlace.get(`${oppositeOf(verb)} ${place}`) ?? []) {
        if (ways.has(next.service)) continue
        ways.set(next.service, [...(ways.get(service) ?? []), service, place])
        queue.push(next.service)
      }
  }
  return [...ways].filter(([, through]) => through.length > 0).map(([service, through]) => ({ service, through }))
}
