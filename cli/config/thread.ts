import { enableCompileCache, registerHooks } from 'node:module'
import { fileURLToPath } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import { type Declared, readService } from './declared.ts'
import { originHooks } from './origins.ts'

/** What the thread is asked to load; `moved` says where a commit's files were written, and where they belong. */
export type Wanted = { readonly url: string; readonly moved?: Moved }
export type Moved = { readonly from: string; readonly to: string }

/** What the thread answers: the service that a module exports, or why it exports none. */
export type Heard = Declared | Failure
export type Failure = {
  readonly failure: string
  /** Where the error says that it happened. */
  readonly place?: string
  /** The module that was loaded last, where the error does not say where it happened. */
  readonly lastLoaded?: string
}

// A thread has no part in the cache of the one that started it.
enableCompileCache()

const { url, moved } = workerData as Wanted
let lastLoaded = url

registerHooks(originHooks(moved))
registerHooks({
  load: (loading, context, next) => {
    lastLoaded = loading
    return next(loading, context)
  },
})
parentPort?.postMessage(await load())

async function load(): Promise<Heard> {
  try {
    const module: { readonly default?: unknown } = await import(url)
    return readService(module.default)
  } catch (error) {
    return failureOf(error)
  }
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { failure: `it throws ${JSON.stringify(error) ?? String(error)}` }
  const place = placeIn(error.stack ?? '')
  const failure = error.name === 'SyntaxError' ? error.message : `${error.name}: ${error.message}`
  return { failure, ...(place === undefined ? { lastLoaded } : { place }) }
}

/** Node writes the place of what it cannot parse above the stack; what throws stands in the first line of our caller's files. */
function placeIn(stack: string): string | undefined {
  const [, file, line, indent] =
    /^(?:file:\/\/)?(\/[^\n]+|[A-Za-z]:[^\n]+):(\d+)\n(?:[^\n]*\n){1,4}?( *)\^/.exec(stack) ?? []
  if (file !== undefined && indent !== undefined) return `${file}:${line}:${indent.length + 1}`
  const frames = [...stack.matchAll(/\(?(file:\/\/\S+?)(:\d+:\d+)\)?$/gm)]
  const [, address, at] = frames.find(([, frame = '']) => !frame.includes('/node_modules/') && !isOurs(frame)) ?? []
  // an address writes spaces and much else otherwise than the file is called
  return address === undefined || at === undefined ? undefined : fileURLToPath(address) + at
}

function isOurs(address: string): boolean {
  return ['..', '../../contracts/'].some((folder) => address.startsWith(new URL(folder, import.meta.url).href))
}
