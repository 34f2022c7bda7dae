import type { RegisterHooksOptions } from 'node:module'
import { fileURLToPath } from 'node:url'
import { getCallSites } from 'node:util'
import type * as Contracts from '../../contracts/index.ts'
import type { Moved } from './thread.ts'

/** Where in somebody's files a contract was declared. */
export type Origin = { readonly place?: string }

const NAME = 'concordat/contracts'
const WATCHED = '?concordat-origins'

/** The origins of a service's contracts, by direction and channel. */
const originsOf = new WeakMap<object, ReadonlyMap<string, Origin>>()

/** Where the contracts of a service come from, as far as it was declared by what the hooks watch. */
export function findOrigins(service: object): ReadonlyMap<string, Origin> {
  return originsOf.get(service) ?? new Map()
}

/** The key under which `findOrigins` tells a contract. */
export function originKey({ direction, channel }: { readonly direction: string; readonly channel: string }): string {
  return `${direction} ${channel}`
}

/**
 * Module hooks that see where contracts are declared: whoever imports `concordat/contracts` gets the same functions, which
 * note who called them. Files of a commit that were written elsewhere find their packages where they belong.
 */
export function originHooks(moved?: Moved): RegisterHooksOptions {
  Object.assign(globalThis, { [WATCH]: watch })
  return {
    resolve: (specifier, context, next) => {
      const resolved = moved ? resolveMoved(specifier, context, next, moved) : next(specifier, context)
      if (specifier !== NAME || !context.conditions.includes('import')) return resolved
      return { ...resolved, url: resolved.url + WATCHED, shortCircuit: true }
    },
    load: (url, context, next) => {
      if (!url.endsWith(WATCHED)) return next(url, context)
      return { format: 'module', source: watchedModule(url.slice(0, -WATCHED.length)), shortCircuit: true }
    },
  }
}

type Resolve = NonNullable<RegisterHooksOptions['resolve']>

/** Packages are looked for beside the real files; what leads back from there to a file of the commit is the commit's. */
function resolveMoved(
  specifier: string,
  context: Parameters<Resolve>[1],
  next: Parameters<Resolve>[2],
  { from, to }: Moved,
): ReturnType<Resolve> {
  const { parentURL } = context
  const isPackage = !/^(?:\.|\/|file:|node:|data:)/.test(specifier)
  if (!isPackage || !parentURL?.startsWith(from)) return next(specifier, context)
  const resolved = next(specifier, { ...context, parentURL: to + parentURL.slice(from.length) })
  const isOfTheCommit = resolved.url.startsWith(to) && !resolved.url.includes('/node_modules/')
  return isOfTheCommit ? { ...resolved, url: from + resolved.url.slice(to.length) } : resolved
}

const WATCH = 'concordatWatch'
const DECLARING = ['stream', 'endpoint', 'reads', 'accepts', 'service'] as const

function watchedModule(url: string): string {
  const real = JSON.stringify(url)
  return [
    `import * as real from ${real}`,
    `export * from ${real}`,
    `const watched = globalThis.${WATCH}(real)`,
    ...DECLARING.map((name) => `export const ${name} = watched.${name}`),
  ].join('\n')
}

type Part = typeof Contracts
type Declaring = Pick<Part, (typeof DECLARING)[number]>
type Declare = (...args: readonly never[]) => object

function watch(real: Part): { readonly [name in keyof Declaring]: Declare } {
  const places = new WeakMap<object, string>()
  const noting =
    (declare: Declare): Declare =>
    (...args) => {
      const made = declare(...args)
      const place = callerOf()
      if (place !== undefined) places.set(made, place)
      return made
    }
  const service: Declare = (...args) => {
    const [name, options] = args as unknown as Parameters<Part['service']>
    const made = real.service(name, options)
    originsOf.set(made, originsIn(name, options, { real, places }))
    return made
  }
  return {
    stream: noting(real.stream),
    endpoint: noting(real.endpoint),
    reads: noting(real.reads),
    accepts: noting(real.accepts),
    service,
  }
}

type Known = { readonly real: Part; readonly places: WeakMap<object, string> }

function originsIn(
  name: string,
  { writes = [], reads = [], serves = [], calls = [] }: Contracts.ServiceOptions,
  { real, places }: Known,
): Map<string, Origin> {
  const placeOf = (contract: object) => {
    const place = places.get(contract)
    return place === undefined ? {} : { place }
  }
  const origins = new Map<string, Origin>()
  const addStream = (direction: string) => (contract: Contracts.StreamContract) => {
    origins.set(originKey({ direction, channel: contract.channel }), placeOf(contract))
  }
  const addEndpoint = (request: string, response: string) => (contract: Contracts.EndpointContract) => {
    for (const part of ['request', ...Object.keys(contract.responses)]) {
      const channel = real.endpointChannel(contract.provider ?? name, contract, part)
      const direction = part === 'request' ? request : response
      origins.set(originKey({ direction, channel }), placeOf(contract))
    }
  }
  writes.forEach(addStream('writes'))
  reads.forEach(addStream('reads'))
  serves.forEach(addEndpoint('reads', 'writes'))
  calls.forEach(addEndpoint('writes', 'reads'))
  return origins
}

/** The first file of the caller's own that called, with its line. */
function callerOf(): string | undefined {
  const own = getCallSites(20).find(
    ({ scriptName }) =>
      scriptName.startsWith('file:') &&
      !scriptName.endsWith(WATCHED) &&
      !scriptName.startsWith(new URL('..', import.meta.url).href) &&
      !scriptName.includes('/node_modules/'),
  )
  return own && `${fileURLToPath(own.scriptName)}:${own.lineNumber}`
}
