import { setTimeout as wait } from 'node:timers/promises'
import { type RegistryError, registryError } from '../../errors.ts'

// Primary result codes, https://www.sqlite.org/rescode.html; node:sqlite reports extended ones, whose low byte they are.
const BUSY = 5
const UNUSABLE = new Set([8, 14, 23]) // read-only, cannot open, not authorised
const DAMAGED = new Set([11, 26]) // corrupt, not a database
const FAILING = new Set([10, 13]) // input or output failed, disk full

/**
 * Tries until no other process holds the lock. SQLite itself waits only briefly (`BUSY_TIMEOUT_MS`), since it blocks the
 * event loop meanwhile; the longer waiting is done here. Times are random, so that two processes do not keep in step.
 */
export async function retryWhileBusy<T>(attempt: () => T, deadlineMs: number): Promise<T> {
  const started = Date.now()
  for (;;) {
    try {
      return attempt()
    } catch (error) {
      if (!isBusy(error)) throw error
      const waitedMs = Date.now() - started
      if (waitedMs >= deadlineMs) throw registryError('store.busy', { waitedMs }, { cause: error })
    }
    await wait(1 + Math.random() * 9)
  }
}

/** Whether another process holds the lock. */
export function isBusy(error: unknown): boolean {
  return primaryCode(error) === BUSY
}

/** What keeps a write from the disk, in words; undefined where it is something else. */
export function explainWriting(error: unknown): RegistryError | undefined {
  const code = primaryCode(error)
  if (code === undefined || !FAILING.has(code) || !(error instanceof Error)) return undefined
  return registryError('store.unavailable', { reason: error.message }, { cause: error })
}

/** What keeps a database file from being opened, in words; undefined where nobody foresaw it. */
export function explainOpening(error: unknown, file: string): RegistryError | undefined {
  const code = primaryCode(error)
  if (code === undefined || !(error instanceof Error)) return undefined
  if (DAMAGED.has(code)) return registryError('store.damaged', { file, reason: error.message }, { cause: error })
  return UNUSABLE.has(code)
    ? registryError('store.not-writable', { file, reason: error.message }, { cause: error })
    : undefined
}

function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined
  return error.errcode & 0xff
}
