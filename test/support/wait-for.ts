import { setTimeout as delay } from 'node:timers/promises'

type Answer<T> = T | undefined | null | false

/** Asks until the condition holds and gives its value; after `timeoutMs` the error names what was waited for. */
export async function waitFor<T>(
  what: string,
  condition: () => Answer<T> | Promise<Answer<T>>,
  timeoutMs = 5_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const value = await condition()
    if (value !== undefined && value !== null && value !== false) return value
    if (performance.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}.`)
    await delay(20)
  }
}
