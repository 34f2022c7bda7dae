import { once } from 'node:events'

/** Whether somebody sits at a terminal. */
export function isSomebodyThere(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY
}

/** Waits for Enter, q or Ctrl+C on the terminal; answers whether it was Enter, and somebody wants to go on. */
export async function waitForEnter(signal: AbortSignal): Promise<boolean> {
  const { stdin } = process
  stdin.setRawMode(true).resume().setEncoding('utf8')
  try {
    for (;;) {
      const [key] = (await once(stdin, 'data', { signal })) as [string]
      if (['\r', '\n'].includes(key)) return true
      // In this mode Ctrl+C and Ctrl+D are keys like others.
      if (['q', 'Q', '\u0003', '\u0004'].includes(key)) return false
    }
  } finally {
    stdin.setRawMode(false).pause()
  }
}
