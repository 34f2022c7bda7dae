import { once } from 'node:events'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where a process spent its time while it was not idle, in shares of that time. */
export type Shares = {
  readonly busyMs: number
  /** Of each of Concordat's parts: their own code, what they generate, and what they call of ajv and the like. */
  readonly concordat: Readonly<Record<string, number>>
  /** Of everything else: the example, each package, Node, the garbage collector. */
  readonly others: Readonly<Record<string, number>>
}

export type Profiling = { readonly stop: () => Promise<Shares> }

/** What V8 tells of a profile: which function ran at each sample, and how long ago the sample before was, in µs. */
export type CpuProfile = {
  readonly nodes: readonly ProfileNode[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}
type ProfileNode = {
  readonly id: number
  readonly callFrame: { readonly url: string; readonly functionName: string }
  readonly children?: readonly number[]
}

const PARTS = ['contracts', 'producers', 'consumers', 'streams', 'telemetry']
const PARTS_USE = [
  'ajv',
  'ajv-formats',
  'fast-deep-equal',
  'fast-uri',
  'json-schema-traverse',
  '@eslint-community/regexpp',
]

/** Begins V8's CPU profile of a process that was started with --inspect, whose inspector listens at a ws: address. */
export async function startProfile(inspector: string, root: string): Promise<Profiling> {
  const socket = new WebSocket(inspector)
  await once(socket, 'open')
  let id = 0
  const ask = async (method: string, params: object = {}): Promise<unknown> => {
    const { promise, resolve } = Promise.withResolvers<unknown>()
    const asked = ++id
    const hear = ({ data }: MessageEvent): void => {
      const answer = JSON.parse(String(data)) as { readonly id?: number; readonly result?: unknown }
      if (answer.id !== asked) return
      socket.removeEventListener('message', hear)
      resolve(answer.result)
    }
    socket.addEventListener('message', hear)
    socket.send(JSON.stringify({ id: asked, method, params }))
    return promise
  }
  await ask('Profiler.enable')
  await ask('Profiler.start')
  return {
    stop: async () => {
      const { profile } = (await ask('Profiler.stop')) as { readonly profile: CpuProfile }
      socket.close()
      return sharesOf(profile, root)
    },
  }
}

/** Adds up who ran; what has no file of its own, such as built-in and generated functions, counts for its caller. */
export function sharesOf({ nodes, samples, timeDeltas }: CpuProfile, root: string): Shares {
  const owners = ownersOf(nodes, root)
  const spentUs = new Map<string, number>()
  for (const [i, sample] of samples.entries()) {
    const owner = owners.get(sample) ?? '(unknown)'
    spentUs.set(owner, (spentUs.get(owner) ?? 0) + (timeDeltas[i] ?? 0))
  }
  spentUs.delete('(idle)')
  const busyUs = [...spentUs.values()].reduce((sum, us) => sum + us, 0)
  const shares = [...spentUs]
    .map(([owner, us]): [string, number] => [owner, us / busyUs])
    .toSorted(([, a], [, b]) => b - a)
  return {
    busyMs: busyUs / 1000,
    concordat: Object.fromEntries(shares.filter(([owner]) => PARTS.includes(owner))),
    others: Object.fromEntries(shares.filter(([owner]) => !PARTS.includes(owner))),
  }
}

function ownersOf(nodes: readonly ProfileNode[], root: string): Map<number, string> {
  const owners = new Map<number, string>()
  // a caller stands before those whom it calls
  for (const { id, callFrame, children = [] } of nodes) {
    const owner = ownerOf(callFrame, owners.get(id), root)
    owners.set(id, owner)
    for (const child of children) owners.set(child, owner)
  }
  return owners
}

function ownerOf({ url, functionName }: ProfileNode['callFrame'], caller: string | undefined, root: string): string {
  if (/^\((root|program|idle|garbage collector)\)$/.test(functionName)) return functionName
  if (url === '') return caller ?? '(root)'
  if (!url.startsWith('file:')) return 'node'
  const path = relative(root, fileURLToPath(url))
  const [, name] = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? []
  if (PARTS_USE.includes(name ?? '') && PARTS.includes(caller ?? '')) return caller ?? ''
  return name ?? (path.split('/')[0] || path)
}

/** Of all parts of Concordat together. */
export function guardsShare({ concordat }: Shares): number {
  return Object.values(concordat).reduce((sum, share) => sum + share, 0)
}
