import { EXIT } from './exit.ts'

/** A command that could not say all that it had to say has failed, whatever its own exit code. */
export type Output = { readonly exitCodeFor: (code: number) => number }

/** Watches what is written: who stops reading ends nothing, and what cannot be written otherwise is told, and is a failure. */
export function watchOutput({ stdout, stderr }: Pick<NodeJS.Process, 'stdout' | 'stderr'>): Output {
  let isLost = false
  stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE' || isLost) return
    isLost = true
    process.exitCode = EXIT.failed
    stderr.write(`What this command says cannot be written (${code}).\n`)
  })
  // There is nobody left to tell.
  stderr.on('error', () => {})
  return { exitCodeFor: (code) => (isLost ? EXIT.failed : code) }
}
