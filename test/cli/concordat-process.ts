import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Ended } from './in-process.ts'

const MAIN = join(import.meta.dirname, '../../cli/main.ts')

export type Options = {
  readonly env?: Readonly<Record<string, string>>
  readonly node?: readonly string[]
  /** The folder that it runs in; ours unless another is named. */
  readonly cwd?: string
}

/** A `concordat` that runs; it is killed when the test ends before it does. */
export type Running = AsyncDisposable & {
  readonly url: string
  readonly greeting: string
  /** Stops it, and tells how it ended. */
  stop(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<Ended>
}

/** Runs `concordat` to its end in a process of its own; what needs none is faster by `in-process.ts`. */
export async function concordatProcess(args: readonly string[], options: Options = {}): Promise<Ended> {
  return ended(start(args, options))
}

/** Starts `concordat serve` on any free port and waits until it has said that it listens. */
export async function serve(args: readonly string[], options: Options = {}): Promise<Running> {
  const child = start(['serve', '--port', '0', ...args], options)
  const result = ended(child)
  const greeting = await firstOutput(child, result)
  const stop = (signal: NodeJS.Signals) => {
    child.kill(signal)
    return result
  }
  return {
    greeting,
    url: /https?:\/\/[^\s"]+/.exec(greeting)?.[0] ?? '',
    stop,
    [Symbol.asyncDispose]: async () => void (await stop('SIGKILL')),
  }
}

function start(args: readonly string[], { env = {}, node = [], cwd }: Options): ChildProcess {
  const { PATH = '' } = process.env
  const stdio = ['ignore', 'pipe', 'pipe'] as const
  return spawn(process.execPath, [...node, MAIN, ...args], { cwd, env: { PATH, ...env }, stdio: [...stdio] })
}

async function ended(child: ChildProcess): Promise<Ended> {
  const { stdout, stderr } = child
  if (!stdout || !stderr) throw new Error('The process was started without pipes')
  const [out, err] = await Promise.all([text(stdout), text(stderr), once(child, 'close')])
  return { code: child.exitCode, stdout: out, stderr: err }
}

async function firstOutput(child: ChildProcess, result: Promise<Ended>): Promise<string> {
  const failed = result.then(({ code, stderr }) => {
    throw new Error(`It ended with ${code} before it listened: ${stderr}`)
  })
  const [chunk] = await Promise.race([once(child.stdout ?? child, 'data'), failed])
  return String(chunk)
}
