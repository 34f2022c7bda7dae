import { globSync } from 'node:fs'
import { readFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import type { RedisServer } from './redis.ts'

const [BEGIN, END] = ['*1\r\n$5\r\nMULTI\r\n', '*1\r\n$4\r\nEXEC\r\n'].map((text) => Buffer.from(text)) as [
  Buffer,
  Buffer,
]

/**
 * Kills a Redis that appends to a file, and starts it again. Returns whether the kill had torn a transaction in two. Redis
 * forgets such a transaction when it starts, but leaves its beginning in the file, and carries that out at the start after
 * the next one; so the file is mended first (docs/redis.md).
 */
export async function crash(server: RedisServer): Promise<boolean> {
  await server.stop('KILL')
  const wasTorn = await mend(server.folder)
  await server.start()
  return wasTorn
}

/** Cuts off a transaction that has no end. Only the newest file can have one. */
export async function mend(folder: string): Promise<boolean> {
  const files = globSync('appendonlydir/*.incr.aof', { cwd: folder }).toSorted(byNumber)
  const newest = files.at(-1)
  if (newest === undefined) return false
  const path = join(folder, newest)
  const bytes = await readFile(path)
  const begun = bytes.lastIndexOf(BEGIN)
  if (begun < 0 || bytes.indexOf(END, begun) >= 0) return false
  await truncate(path, begun)
  return true
}

function byNumber(one: string, other: string): number {
  return numberOf(one) - numberOf(other)
}

function numberOf(file: string): number {
  return Number(/\.(\d+)\.incr\.aof$/.exec(file)?.[1])
}
