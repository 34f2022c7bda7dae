import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'

export type StopSignal = 'TERM' | 'INT' | 'QUIT' | 'KILL'

export type Command = {
  readonly command: string
  readonly args: readonly string[]
  /** Where it works, and its own: when this process is killed while the command runs, the guardian removes it. */
  readonly folder: string
  readonly stopSignal?: StopSignal
  readonly env?: Readonly<Record<string, string>>
  readonly user?: { readonly uid: number; readonly gid: number }
}

/** A command that ends with this process at the latest, whatever ends that. Disposing of it removes its folder too. */
export type GuardedProcess = AsyncDisposable & {
  /** Its exit code; null when a signal ended the guardian itself. */
  readonly ended: Promise<number | null>
  hasEnded(): boolean
  /** What it printed; of much, the end. */
  output(): string
  /** Passes the signal on, kills after five seconds, and resolves when the command has ended. Twice is fine. */
  stop(signal?: StopSignal): Promise<void>
}

/**
 * The command runs under a small shell whose standard input is a pipe held by us. A word on it is a signal to pass on;
 * its end means that we are gone, even by SIGKILL: then the shell ends the command and removes its folder.
 */
const guardian = `
signal=$1 folder=$2
shift 2
exec 3<&0
"$@" 3<&- & server=$!
watch() {
  read -r word <&3; gone=$?
  trap '' TERM
  kill -"\${word:-$signal}" "$server"
  tries=0
  while kill -0 "$server"; do
    sleep 0.05
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || kill -KILL "$server"
  done
  return "$gone"
}
watch >/dev/null 2>&1 & watcher=$!
wait "$server"; code=$?
kill "$watcher" 2>/dev/null
wait "$watcher" 2>/dev/null
[ $? -ne 1 ] || rm -rf "$folder"
exit "$code"
`

/** Runs a command to its end; throws what it printed when it fails. */
export async function runGuarded(command: Command): Promise<void> {
  const running = await spawnGuarded(command)
  const code = await running.ended
  if (code !== 0) throw new Error(`${command.command} ended with exit code ${code}:\n${running.output()}`)
}

export async function spawnGuarded(command: Command): Promise<GuardedProcess> {
  const { folder, stopSignal = 'TERM' } = command
  const args = ['-c', guardian, 'guardian', stopSignal, folder, command.command, ...command.args]
  // Detached: what ends our process group, Ctrl-C included, must not end the guardian before its work is done.
  const options = { cwd: folder, env: { ...process.env, ...command.env }, detached: true, ...command.user }
  const child = spawn('sh', args, options)
  const output = collectOutput(child)
  await once(child, 'spawn')
  return { ...endingOf(child, stopSignal), output }
}

function collectOutput(child: ChildProcessWithoutNullStreams): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-65_536)
    })
  }
  return () => text
}

function endingOf(child: ChildProcessWithoutNullStreams, stopSignal: StopSignal) {
  let isOver = false
  // Not `exit`: its last words may still be in the pipes then, and PostgreSQL's children at work.
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      isOver = true
      resolve(code)
    })
  })
  // A guardian that has just ended takes no more words; that it has ended is what the word was for.
  child.stdin.on('error', () => {})
  const endPipe = async (word: string) => {
    child.stdin.end(word)
    await ended
  }
  return {
    ended,
    hasEnded: () => isOver,
    stop: (signal = stopSignal) => endPipe(`${signal}\n`),
    [Symbol.asyncDispose]: () => endPipe(''),
  }
}
