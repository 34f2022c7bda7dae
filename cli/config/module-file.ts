import { execFile } from 'node:child_process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { wrongUsage } from '../refused.ts'
import type { Declared } from './declared.ts'
import type { FileNames } from './json-file.ts'
import type { Failure, Heard, Moved, Wanted } from './thread.ts'

const LONGEST_LOAD_MS = 20_000

/**
 * Loads a configuration that is a module, in a thread of its own: whatever it does besides declaring a service (ending
 * the process, printing, keeping connections open, never ending) is not done to the command.
 */
export async function loadModule(file: string, names: FileNames, moved?: Moved): Promise<Declared> {
  const heard = await hear({ url: pathToFileURL(file).href, ...(moved && { moved: movedUrls(moved) }) })
  if (!('failure' in heard)) return heard
  const shown = names.shown(file)
  const place = await placeOf(heard)
  const where = place === undefined ? shown : shownPlace(place, names)
  const sentence = (heard.failure.split('\n')[0] ?? '').replace(/\.$/, '')
  throw wrongUsage('config.failed', `${where}: The configuration ${shown} cannot be loaded: ${sentence}.`)
}

function movedUrls({ from, to }: Moved): Moved {
  return { from: `${pathToFileURL(from).href}/`, to: `${pathToFileURL(to).href}/` }
}

function hear(wanted: Wanted): Promise<Heard> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const thread = new Worker(new URL(`./thread.${extension}`, import.meta.url), { workerData: wanted, stdout: true })
  // What it prints would stand amid the command's own answer.
  thread.stdout.pipe(process.stderr, { end: false })
  const { promise, resolve } = Promise.withResolvers<Heard>()
  const late = `it did not end within ${LONGEST_LOAD_MS / 1000} seconds`
  const timer = setTimeout(() => resolve({ failure: late }), LONGEST_LOAD_MS)
  thread.once('message', resolve)
  thread.once('error', (error) => resolve({ failure: error instanceof Error ? error.message : String(error) }))
  thread.once('exit', () => resolve({ failure: 'it ended the process before its service was there' }))
  return promise.finally(() => {
    clearTimeout(timer)
    thread.stdout.unpipe(process.stderr)
    void thread.terminate() // it has answered, and whatever it still does is not waited for
  })
}

/** Of a module in JavaScript that cannot be parsed, only a Node that checks it says where. */
async function placeOf({ place, lastLoaded, failure }: Failure): Promise<string | undefined> {
  if (place !== undefined || !lastLoaded?.startsWith('file:') || /^\w*Error: /.test(failure)) return place
  const file = fileURLToPath(lastLoaded)
  const told = await promisify(execFile)(process.execPath, ['--check', file]).then(
    () => '',
    (error: { readonly stderr?: string }) => error.stderr ?? '',
  )
  const [, line, indent] = /^[^\n]*:(\d+)\n[^\n]*\n( *)\^/.exec(told) ?? []
  return line === undefined || indent === undefined ? undefined : `${file}:${line}:${indent.length + 1}`
}

function shownPlace(place: string, names: FileNames): string {
  const [, file = place, rest = ''] = /^(.*?)((?::\d+)+)$/.exec(place) ?? []
  return names.shown(file) + rest
}
