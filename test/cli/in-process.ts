import { Console } from 'node:console'
import { Readable, Writable } from 'node:stream'
import { runCli } from '../../cli/run.ts'

export type Ended = { readonly code: number | null; readonly stdout: string; readonly stderr: string }
export type Options = {
  readonly env?: Readonly<Record<string, string>>
  /** The folder that it runs in; ours unless another is named. */
  readonly cwd?: string
  /** What stands on stdin. */
  readonly input?: string | Uint8Array
}

let turn: Promise<unknown> = Promise.resolve()

/**
 * Runs `concordat` to its end without a process of its own: what a process has is put in the place of ours meanwhile, so
 * commands take turns. For exit codes, signals and pipes as they really are, see `concordat-process.ts`.
 */
export function concordat(args: readonly string[], options: Options = {}): Promise<Ended> {
  const ended = turn.then(() => runAlone(args, options))
  turn = ended.catch(() => {})
  return ended
}

async function runAlone(args: readonly string[], { env = {}, cwd, input = '' }: Options): Promise<Ended> {
  const { env: ours, exitCode } = process
  const [folder, { PATH = '' }] = [process.cwd(), ours]
  const [stdout, stderr] = [collect(), collect()]
  using _ = replaceStreams({ stdin: Readable.from([Buffer.from(input)]), stdout: stdout.stream, stderr: stderr.stream })
  try {
    process.env = { PATH, ...env }
    process.exitCode = undefined
    if (cwd !== undefined) process.chdir(cwd)
    const code = await runCli([process.execPath, 'concordat', ...args])
    return { code, stdout: stdout.text(), stderr: stderr.text() }
  } finally {
    process.chdir(folder)
    process.env = ours
    process.exitCode = exitCode
  }
}

function collect(): { readonly stream: Writable; text(): string } {
  const chunks: Buffer[] = []
  const write = (chunk: Buffer, _encoding: string, done: () => void): void => {
    chunks.push(chunk)
    done()
  }
  return { stream: new Writable({ write }), text: () => Buffer.concat(chunks).toString() }
}

type Streams = { readonly stdin: Readable; readonly stdout: Writable; readonly stderr: Writable }

function replaceStreams(streams: Streams): Disposable {
  const names = ['stdin', 'stdout', 'stderr'] as const
  const before = names.map((name) => Object.getOwnPropertyDescriptor(process, name) ?? {})
  const { console } = globalThis
  for (const name of names) Object.defineProperty(process, name, { value: streams[name], configurable: true })
  globalThis.console = new Console(streams.stdout, streams.stderr)
  return {
    [Symbol.dispose]: () => {
      globalThis.console = console
      for (const [i, name] of names.entries()) Object.defineProperty(process, name, before[i] ?? {})
    },
  }
}
