import type { Meeting, Verb } from '../store/services.ts'
import type { Reads } from '../store/store.ts'
import { findEnvironment } from './find.ts'

export type Edge = {
  readonly service: string
  readonly verb: Verb
  readonly channel: string
  readonly versions?: readonly string[]
}
export type Graph = {
  readonly services: readonly string[]
  readonly channels: readonly string[]
  readonly edges: readonly Edge[]
  /** False where there is more than one graph tells. */
  readonly isWhole: boolean
}

/** Services, and contracts, that one graph tells at most. */
const MOST_SERVICES = 1000
const MOST_RUNNING = 50_000

/** Who takes part where: in an environment, what runs there; without one, what has ever been published. */
export async function graphOf(
  reads: Pick<Reads, 'channels' | 'services' | 'environments'>,
  environment?: string,
): Promise<Graph> {
  if (environment === undefined) {
    const services = (await reads.services.list({ limit: MOST_SERVICES + 1 })).map(({ name }) => name)
    const some = services.slice(0, MOST_SERVICES)
    const edges = (await reads.channels.meetingsOf(some)).map(({ place, ...edge }) => ({ ...edge, channel: place }))
    return withNodes(edges, services.length <= MOST_SERVICES)
  }
  const { name } = await findEnvironment(reads, environment)
  const running = await reads.channels.runningAll(name, MOST_RUNNING + 1)
  return withNodes(edgesOf(running.slice(0, MOST_RUNNING)), running.length <= MOST_RUNNING)
}

function edgesOf(running: readonly (Meeting & { readonly version: string })[]): Edge[] {
  const groups = Map.groupBy(running, ({ service, verb, place }) => JSON.stringify([service, verb, place]))
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (!first) return []
    const versions = [...new Set(group.map(({ version }) => version))]
    return [{ service: first.service, verb: first.verb, channel: first.place, versions }]
  })
}

function withNodes(edges: readonly Edge[], isWhole: boolean): Graph {
  const services = [...new Set(edges.map(({ service }) => service))].sort()
  const channels = [...new Set(edges.map(({ channel }) => channel))].sort()
  return { services, channels, edges, isWhole }
}

/** As a Mermaid flowchart. Names stand as entities, so that none of them is read as anything else. */
export function asMermaid({ services, channels, edges }: Graph): string {
  const idOf = idsOf(services, channels)
  return [
    'flowchart LR',
    ...services.map((name) => `  ${idOf.service(name)}["${asEntities(name)}"]`),
    ...channels.map((name) => `  ${idOf.channel(name)}(["${asEntities(name)}"])`),
    ...edges.map(({ service, verb, channel }) =>
      givesTo(verb)
        ? `  ${idOf.service(service)} -->|${verb}| ${idOf.channel(channel)}`
        : `  ${idOf.channel(channel)} -->|${verb}| ${idOf.service(service)}`,
    ),
    '',
  ].join('\n')
}

/** As a graph for Graphviz. */
export function asDot({ services, channels, edges }: Graph): string {
  const idOf = idsOf(services, channels)
  return [
    'digraph concordat {',
    '  rankdir=LR',
    ...services.map((name) => `  ${idOf.service(name)} [shape=box, label=${quoted(name)}]`),
    ...channels.map((name) => `  ${idOf.channel(name)} [shape=ellipse, label=${quoted(name)}]`),
    ...edges.map(({ service, verb, channel }) =>
      givesTo(verb)
        ? `  ${idOf.service(service)} -> ${idOf.channel(channel)} [label=${verb}]`
        : `  ${idOf.channel(channel)} -> ${idOf.service(service)} [label=${verb}]`,
    ),
    '}',
    '',
  ].join('\n')
}

/** Arrows go the way that messages go; those of an operation go from who calls to who serves. */
function givesTo(verb: Verb): boolean {
  return verb === 'writes' || verb === 'calls'
}

function idsOf(services: readonly string[], channels: readonly string[]) {
  const [ofServices, ofChannels] = [services, channels].map((names) => new Map(names.map((name, i) => [name, i])))
  return {
    service: (name: string) => `s${ofServices?.get(name) ?? ''}`,
    channel: (name: string) => `c${ofChannels?.get(name) ?? ''}`,
  }
}

function asEntities(name: string): string {
  return Array.from(name, (letter) => (/[\w ./:-]/.test(letter) ? letter : `#${letter.codePointAt(0)};`)).join('')
}

/** In Graphviz, a backslash may begin an escape even before a letter. */
function quoted(name: string): string {
  return `"${name.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}
