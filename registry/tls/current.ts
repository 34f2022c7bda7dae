import { readTlsFiles, stampOf, type TlsContent, type TlsFiles } from './files.ts'

export type Log = { readonly [level in 'info' | 'warn' | 'error']: (sentence: string) => void }

/** What the files held when they could last be used. */
export type Current = {
  readonly content: () => TlsContent
  /** Reads the files where they have changed, or where it is told to, and answers whether there is something new. */
  readonly look: (log: Log, isForced: boolean) => Promise<boolean>
}

/** Reads the files for the first time, and again whenever it is asked to look. It throws for files that cannot be used. */
export async function readCurrent(files: TlsFiles): Promise<Current> {
  // Taken before the files are read: what changes meanwhile is seen at the next look.
  let seen = await stampOf(files)
  let content = readTlsFiles(files)
  let lastProblem: string | undefined
  const take = (stamp: string, log: Log): void => {
    content = readTlsFiles(files)
    seen = stamp
    lastProblem = undefined
    const until = new Date(content.expiresAt).toISOString()
    log.info(`The certificate in "${files.certFile}" was read again and is shown from now on; it ends on ${until}.`)
  }
  // A file that is being written is unusable for a moment: it is tried at each look, and told once.
  const complain = (error: unknown, log: Log, isForced: boolean): void => {
    const problem = error instanceof Error ? error.message : String(error)
    if (isForced || problem !== lastProblem) log.error(`${problem} What was read before goes on.`)
    lastProblem = problem
  }
  const look = async (log: Log, isForced: boolean): Promise<boolean> => {
    const stamp = await stampOf(files)
    if (stamp === seen && !isForced) return false
    try {
      take(stamp, log)
      return true
    } catch (error) {
      complain(error, log, isForced)
      return false
    }
  }
  return { content: () => content, look }
}
