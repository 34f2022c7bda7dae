import { randomInt } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { createRegistryClient, type RegistryClient } from '../../registry/client.ts'
import { type Options, serve } from '../cli/concordat-process.ts'

/** Where the registry keeps its data, and what else is killed with it. */
export type CrashPlan = {
  readonly kills: number
  readonly args: readonly string[]
  readonly env?: Options['env']
  /** Told before every kill, and after it. */
  readonly onKill?: (kill: number) => Promise<void>
  readonly onKilled?: (kill: number) => Promise<void>
}

/** What was acknowledged, and what a look at everything afterwards found wrong: nothing, if all is well. */
export type CrashReport = { readonly kills: number; readonly acknowledged: number; readonly wrong: readonly string[] }

type Acknowledged = { readonly subject: string; readonly version: number; readonly id: number; readonly text: string }

const SUBJECTS = ['votes', 'orders', 'payments']
const WRITERS = 12

/**
 * Starts `concordat serve`, lets several clients write into a few subjects at once, under BACKWARD, and kills the
 * process at a random moment; again and again over the same data. Then looks whether all that was acknowledged is there.
 */
export async function killWhileWriting({
  kills,
  args,
  env,
  onKill = async () => {},
  onKilled,
}: CrashPlan): Promise<CrashReport> {
  const acknowledged: Acknowledged[] = []
  for (let kill = 0; kill < kills; kill++) {
    await using running = await serve(args, env ? { env } : {})
    const client = createRegistryClient(running.url)
    const before = acknowledged.length
    // Counted from the first acknowledgement, so that there always is something to lose.
    const writing = writeForEver(client, `${kill}`, (one) => {
      if (acknowledged.push(one) === before + 1) setTimeout(killIt, randomInt(300))
    })
    const killed = Promise.withResolvers<void>()
    const killIt = () => {
      void Promise.all([onKill(kill), running.stop('SIGKILL')]).then(() => killed.resolve(), killed.reject)
    }
    await killed.promise
    await writing
    await onKilled?.(kill)
  }
  await using running = await serve(args, env ? { env } : {})
  const wrong = await findWrong(createRegistryClient(running.url), acknowledged)
  await running.stop('SIGTERM')
  return { kills, acknowledged: acknowledged.length, wrong }
}

/** Until the registry is gone. Distinct schemas, each of which reads what the others wrote. */
async function writeForEver(
  client: RegistryClient,
  series: string,
  onAcknowledged: (one: Acknowledged) => void,
): Promise<void> {
  const writers = Array.from({ length: WRITERS }, async (_, writer) => {
    const subject = SUBJECTS[writer % SUBJECTS.length] ?? ''
    for (let i = 0; ; i++) {
      const text = JSON.stringify({ title: `${series} ${writer} ${i}`, type: 'object', required: ['option'] })
      const { id, version = 0 } = await client.register(subject, text)
      onAcknowledged({ subject, version, id, text })
    }
  })
  await Promise.allSettled(writers)
}

/** Every acknowledged version stands where it was said to be, and no version is half there or out of line. */
async function findWrong(client: RegistryClient, acknowledged: readonly Acknowledged[]): Promise<string[]> {
  const wrong: string[] = []
  const there = new Map<string, { readonly id: number; readonly schema: string }>()
  for (const subject of await client.subjects()) {
    const versions = await client.versions(subject)
    if (
      !isDeepStrictEqual(
        versions,
        versions.map((_, i) => i + 1),
      )
    )
      wrong.push(`${subject} has gaps: ${versions.join(' ')}`)
    for (const version of versions) {
      const { id, schema } = await client.version(subject, version)
      there.set(`${subject} ${version}`, { id, schema })
      if ((await client.schemaById(id)).schema !== schema)
        wrong.push(`${subject} ${version}: not the schema of its id ${id}`)
    }
  }
  for (const { subject, version, id, text } of acknowledged) {
    const found = there.get(`${subject} ${version}`)
    if (!isDeepStrictEqual(found, { id, schema: text }))
      wrong.push(`${subject} ${version} was acknowledged as ${id} ${text}, and is ${JSON.stringify(found)}`)
  }
  return wrong
}
