import type { TransferCounts } from '../registry/transfer/form.ts'

const FIRST_AFTER_MS = 1000
const AGAIN_AFTER_MS = 200

/** Shows on a terminal how far a transfer has come, once it takes long. */
export function showProgress(verb: string): (counts: TransferCounts) => void {
  const show = showSteps()
  return (counts) => show(() => `${verb} ${tellCounts(counts)}`)
}

/** Shows on a terminal how far something has come, once it takes long. */
export function showSteps(): (tell: () => string) => void {
  if (!process.stderr.isTTY) return () => {}
  let next = Date.now() + FIRST_AFTER_MS
  return (tell) => {
    if (Date.now() < next) return
    next = Date.now() + AGAIN_AFTER_MS
    process.stderr.write(`\r${tell()} …\u001b[K`)
  }
}

/** Tells on stderr what was transferred, in the place of the progress. */
export function showEnd(sentence: string): void {
  process.stderr.write(`${process.stderr.isTTY ? '\r\u001b[K' : ''}${sentence}\n`)
}

export function tellCounts({ schemas, versions, subjects }: TransferCounts): string {
  return `${count(schemas, 'schema')}, ${count(versions, 'version')} and ${count(subjects, 'subject')}`
}

/** A number of things, in words. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`
}
