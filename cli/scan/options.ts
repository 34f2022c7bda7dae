import { type Command, InvalidArgumentError } from 'commander'
import type { Reader, Scanned } from './scan.ts'

/** Whether to look at messages that are already written, and where. */
export type ScanOptions = { readonly scan?: true; readonly group?: string; readonly redis?: string }

export function addScanOptions(command: Command): Command {
  return command
    .option('--scan', 'also hold a sample of unread messages in Redis against what is read; evidence, never proof')
    .option('--group <name>', "the consumer group that reads them (else the service's name)")
    .option('--redis <url>', 'the Redis that has the streams (else REDIS_URL)')
}

/** Looks at the streams of all readers, one after the other; nothing where nobody asked for it. */
export async function scan(
  command: Command,
  { scan: isWanted, redis: url }: ScanOptions,
  findReaders: () => Promise<readonly Reader[]>,
): Promise<readonly Scanned[]> {
  if (!isWanted) return []
  const [{ scanBacklog, scannable }, readers] = await Promise.all([import('./scan.ts'), findReaders()])
  const wanted = readers.flatMap((reader) => scannable(reader).map((contract) => ({ reader, contract })))
  if (wanted.length === 0) return []
  const { withRedis } = await import('../redis.ts')
  return withRedis(command, await checkUrl(command, url), async (redis) => {
    const found: Scanned[] = []
    for (const { reader, contract } of wanted) found.push(await scanBacklog(redis, reader, contract))
    return found
  })
}

/** Read as late as this, so that a command which looks at no Redis loads nothing of it. */
async function checkUrl(command: Command, url: string | undefined): Promise<string | undefined> {
  const { readRedisOption } = await import('../redis.ts')
  try {
    return url === undefined ? undefined : readRedisOption(url)
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    return command.error(`error: option '--redis <url>' is invalid. ${error.message}`)
  }
}
