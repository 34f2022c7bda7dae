/** Where lines of the log go. */
export type Lines = { readonly write: (text: string) => unknown }

export type GatheredLines = Lines & {
  /** Passes on what has gathered. */
  readonly flush: () => void
}

/** So many characters are passed on at once, however soon they came. */
const MOST_GATHERED = 64 * 1024
const GATHERED_MS = 10

/**
 * Passes lines on together, a few milliseconds later: each write to a file or a pipe holds everybody up. What has gathered is
 * passed on when the process exits, and lost when it is killed.
 */
export function gatherLines(to: Lines): GatheredLines {
  let gathered = ''
  let timer: NodeJS.Timeout | undefined
  const flush = (): void => {
    const text = gathered
    clearTimeout(timer)
    timer = undefined
    gathered = ''
    if (text !== '') to.write(text)
  }
  process.once('exit', flush)
  return {
    write: (line) => {
      gathered += line
      if (gathered.length >= MOST_GATHERED) flush()
      else timer ??= setTimeout(flush, GATHERED_MS).unref()
    },
    flush,
  }
}
