import { explain, type Finding } from '../contracts/index.ts'
import type { RedisClient } from './client.ts'
import { fieldsOf } from './entry.ts'
import { deadKey } from './keys.ts'
import { COUNT, PAGE } from './letter-scripts.ts'
import { run } from './scripts.ts'

/** Whose dead letters. */
export type Letters = { readonly stream: string; readonly group: string }

/** Which of them: parked for a reason, and after or before an id of a dead letter or a time in milliseconds since 1970. */
export type LetterFilter = { readonly reason?: string; readonly after?: string; readonly before?: string }

/** What is said of a dead letter; the entry's own fields only where they were asked for. */
export type DeadLetter = {
  readonly id: string
  /** The id that the entry had in the stream. */
  readonly originalId: string
  readonly reason: string
  readonly findings: readonly Finding[]
  /** What the handler's error said. */
  readonly error?: string
  readonly consumer: string
  /** When it was parked, in milliseconds since 1970, by the clock of Redis. */
  readonly at: number
  /** How often the entry had been delivered, where the consumer counted. */
  readonly attempts?: number
  readonly fields?: readonly string[]
}

export type ListOptions = Letters & LetterFilter & { readonly limit?: number; readonly values?: boolean }

/** A page of dead letters, oldest first; `next` is the `after` of the next page, or null when there is none. */
export type LetterPage = { readonly letters: readonly DeadLetter[]; readonly next: string | null }

/** Lists dead letters. Payload values stay on the server unless `values` asks for them. */
export async function listDeadLetters(redis: RedisClient, options: ListOptions): Promise<LetterPage> {
  const { limit = 100, values: isWhole = false, reason = '' } = options
  const { from: first, to } = rangeOf(options)
  const letters: DeadLetter[] = []
  let from: string | null = first
  while (from !== null && letters.length < limit) {
    const page: Page = await readPage(redis, options, { from, to, wanted: limit - letters.length, reason, isWhole })
    letters.push(...page.letters)
    from = page.goOn
  }
  return { letters, next: from === null ? null : (letters.at(-1)?.id ?? null) }
}

/** A dead letter, whole, and why it is one, in words. */
export type ShownDeadLetter = DeadLetter & { readonly fields: readonly string[]; readonly words: readonly string[] }

/** Shows one dead letter, whole; null where there is none under that id. */
export async function showDeadLetter(
  redis: RedisClient,
  { id, ...letters }: Letters & { readonly id: string },
): Promise<ShownDeadLetter | null> {
  const page = await readPage(redis, letters, { from: checkId(id), to: id, wanted: 1, reason: '', isWhole: true })
  const [letter] = page.letters
  if (letter === undefined) return null
  return { ...letter, fields: letter.fields ?? [], words: wordsOf(letter) }
}

/** Why a message was parked, in words. */
export function wordsOf({ findings, error }: DeadLetter): string[] {
  return [...findings.map(inWords), ...(error === undefined ? [] : [error])]
}

/** Counts dead letters by reason. */
export async function countDeadLetters(
  redis: RedisClient,
  options: Letters & Omit<LetterFilter, 'reason'>,
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>()
  const key = deadKey(options.stream, options.group)
  const { from: first, to } = rangeOf(options)
  let from: string | null = first
  while (from !== null) {
    const reply = await run(redis, COUNT, [key], [from, to, LOOKED_AT])
    const [counted, goOn] = reply as [(string | number)[], string | null]
    for (let i = 0; i < counted.length; i += 2) {
      const reason = String(counted[i]) || UNKNOWN
      counts.set(reason, (counts.get(reason) ?? 0) + Number(counted[i + 1]))
    }
    from = goOn
  }
  return counts
}

/** Ids as XRANGE takes them. */
export type Range = { readonly from: string; readonly to: string }

/** The range that a filter's ids and times name; both ends are left out. */
export function rangeOf({ after, before }: LetterFilter): Range {
  for (const end of [after, before])
    if (end !== undefined && !/^\d{1,20}(-\d{1,20})?$/.test(end))
      throw new TypeError(`"${end}" is neither the id of a dead letter nor a time in milliseconds since 1970.`)
  return {
    from: after === undefined ? '-' : `(${after.includes('-') ? after : `${after}-${LAST_OF_A_MILLISECOND}`}`,
    to: before === undefined ? '+' : `(${before.includes('-') ? before : `${before}-0`}`,
  }
}

/** Refuses what is no whole id: half of one would name a whole millisecond. */
export function checkId(id: string): string {
  if (/^\d{1,20}-\d{1,20}$/.test(id)) return id
  throw new TypeError(`"${id}" is no id of a dead letter: they look like 1795000000000-0.`)
}

const LAST_OF_A_MILLISECOND = '18446744073709551615'
/** How many letters one script looks at: a few milliseconds of the server's time. */
const LOOKED_AT = 200
/** The reason of what somebody else put among the dead letters. */
const UNKNOWN = 'unknown'

/** What of a range is wanted: so many letters, parked for this reason (or any, ''), with their own fields or without. */
type Wanted = Range & { readonly wanted: number; readonly reason: string; readonly isWhole: boolean }

export type Page = { readonly letters: readonly DeadLetter[]; readonly goOn: string | null }

/** Reads one page of a range; `goOn` is where the next one begins. */
export async function readPage(
  redis: RedisClient,
  { stream, group }: Letters,
  { from, to, wanted, reason, isWhole }: Wanted,
): Promise<Page> {
  // one at a time where they are whole, so that no answer holds more than one large letter
  const args = [from, to, LOOKED_AT, isWhole ? 1 : wanted, reason, isWhole ? '1' : '0']
  const reply = await run(redis, PAGE, [deadKey(stream, group)], args)
  const [found, goOn] = reply as [LetterReply[], string | null]
  return { letters: found.map((letter) => letterOf(letter, isWhole)), goOn }
}

type LetterReply = [id: string, about: string[], own: string[]]

function letterOf([id, said, own]: LetterReply, isWhole: boolean): DeadLetter {
  const about = fieldsOf(said)
  const findings = findingsIn(about._dead_findings ?? '')
  return {
    id,
    originalId: about._dead_id ?? '',
    reason: about._dead_reason ?? UNKNOWN,
    findings: findings ?? [],
    ...(findings === undefined && about._dead_findings ? { error: about._dead_findings } : {}),
    consumer: about._dead_consumer ?? '',
    at: Number(about._dead_at ?? id.split('-')[0]),
    ...(about._dead_attempts !== undefined && { attempts: Number(about._dead_attempts) }),
    ...(isWhole && { fields: about._dead_fields === undefined ? own : (JSON.parse(about._dead_fields) as string[]) }),
  }
}

/** The findings in a text, or undefined where it is an error's message. */
function findingsIn(text: string): readonly Finding[] | undefined {
  try {
    const value = JSON.parse(text) as unknown
    return Array.isArray(value) && value.every(isFinding) ? value : undefined
  } catch {
    return undefined
  }
}

function isFinding(value: unknown): value is Finding {
  return typeof value === 'object' && value !== null && 'code' in value && 'at' in value
}

/** A newer Concordat may have parked it, with findings that this one has no words for. */
function inWords(finding: Finding): string {
  try {
    return explain(finding)
  } catch {
    return JSON.stringify(finding)
  }
}
