import { type Command, InvalidArgumentError } from 'commander'
import type { Redis } from 'ioredis'
import {
  countDeadLetters,
  discard,
  type LetterFilter,
  type Letters,
  listDeadLetters,
  retryKey,
  sendAgain,
  sendAllAgain,
  showDeadLetter,
} from '../streams/index.ts'
import { EXIT } from './exit.ts'
import { tellLetter, tellLetters } from './letters.ts'
import { exampleOf } from './options.ts'
import { count, showEnd, showSteps } from './progress.ts'
import { readRedisOption, withRedis } from './redis.ts'

type Where = Letters & { readonly redis?: string; readonly json?: true }
type Which = Where & LetterFilter & { readonly limit?: number }

export function addDeadLetters(program: Command): void {
  const letters = program
    .command('dead-letters')
    .description('look at the messages that a consumer group could not take, send them again, or discard them')
    .addHelpText('after', exampleOf('concordat dead-letters list --stream votes --group tally'))
  addWhich(addWhere(letters.command('list').description('list dead letters, oldest first')), '20')
    .option('--values', 'show the values of the messages, too')
    .action(list)
  addWhere(
    letters.command('show').description('show one dead letter, whole, and why it is one').argument('<id>', ID, readId),
  ).action(show)
  const again = "put dead letters on their group's retry stream; without an id all that match"
  addWhich(addWhere(letters.command('send-again').description(again).argument('[id]', ID, readId)))
    .option('--per-second <number>', 'send no more than so many in a second', readRate)
    .action(sendLettersAgain)
  const discarding = 'remove dead letters for good; without an id all that match'
  addWhich(addWhere(letters.command('discard').description(discarding).argument('[id]', ID, readId)))
    .option('--yes', 'do so even when it is more than one')
    .action(discardLetters)
}

const ID = "a dead letter's id, as list tells it"

function addWhere(command: Command): Command {
  return command
    .requiredOption('--stream <name>', 'the stream that the group reads')
    .requiredOption('--group <name>', 'the consumer group')
    .option('--redis <url>', 'the Redis that has the stream (else REDIS_URL)', readRedisOption)
    .option('--json', 'print one line of JSON')
}

function addWhich(command: Command, limit?: string): Command {
  const time = "a dead letter's id, milliseconds since 1970, or a time such as 2026-11-20T08:00:00Z"
  return command
    .option('--reason <reason>', 'only those that were parked for it')
    .option('--after <when>', `only those that were parked after: ${time}`, readWhen)
    .option('--before <when>', 'only those that were parked before', readWhen)
    .option('--limit <number>', 'no more than so many', readCount, limit && Number(limit))
}

type ListOptions = Which & { readonly values?: true }

async function list(options: ListOptions, command: Command): Promise<void> {
  const { redis: url, json, ...wanted } = options
  await withRedis(command, url, async (redis) => {
    const page = await listDeadLetters(redis, wanted)
    if (json) return console.log(JSON.stringify(page))
    if (page.letters.length > 0) console.log(tellLetters(page.letters))
    showEnd(page.letters.length === 0 ? 'No dead letters.' : tellRest(page.letters.length, page.next))
  })
}

function tellRest(shown: number, next: string | null): string {
  return `${tellCount(shown)}${next === null ? '.' : `; the next page begins --after ${next}`}`
}

async function show(id: string, { redis: url, json, ...letters }: Where, command: Command): Promise<void> {
  await withRedis(command, url, async (redis) => {
    const letter = await showDeadLetter(redis, { ...letters, id })
    if (letter === null) return sayNo(json, { error: 'letter.unknown', id }, tellMissing(letters, id))
    console.log(json ? JSON.stringify(letter) : tellLetter(letter))
  })
}

type SendOptions = Which & { readonly perSecond?: number }

async function sendLettersAgain(id: string | undefined, options: SendOptions, command: Command): Promise<void> {
  refuseBoth(id, options, command)
  await withRedis(command, options.redis, (redis) =>
    id === undefined ? sendMany(redis, options) : sendOne(redis, options, id),
  )
}

async function sendOne(redis: Redis, { json, ...letters }: SendOptions, id: string): Promise<void> {
  const sent = await sendAgain(redis, { ...letters, id })
  switch (sent.outcome) {
    case 'sent':
      return console.log(
        json ? JSON.stringify(sent) : `Sent again to ${retryKey(letters.stream, letters.group)}, as ${sent.id}.`,
      )
    case 'gone':
      return sayNo(json, { error: 'letter.unknown', id }, tellMissing(letters, id))
    case 'empty':
      return sayNo(json, { error: 'letter.empty', id }, `${id} has no fields left: its entry was trimmed; discard it.`)
  }
}

async function sendMany(redis: Redis, { json, limit, perSecond, ...options }: SendOptions): Promise<void> {
  const progress = showSteps()
  const counts = await sendAllAgain(redis, {
    stream: options.stream,
    group: options.group,
    filter: filterOf(options),
    ...(limit !== undefined && { limit }),
    ...(perSecond !== undefined && { perSecond }),
    onProgress: ({ sent }) => progress(() => `Sending again: ${tellCount(sent)}`),
  })
  if (json) return console.log(JSON.stringify(counts))
  const left = counts.empty === 0 ? '' : ` ${count(counts.empty, 'other')} had been trimmed, and stay: discard them.`
  showEnd(`Sent ${tellCount(counts.sent)} again to ${retryKey(options.stream, options.group)}.${left}`)
}

type DiscardOptions = Which & { readonly yes?: true }

async function discardLetters(id: string | undefined, options: DiscardOptions, command: Command): Promise<void> {
  refuseBoth(id, options, command)
  await withRedis(command, options.redis, (redis) =>
    id === undefined ? discardMany(redis, options, command) : discardOne(redis, options, id),
  )
}

async function discardOne(redis: Redis, { json, ...letters }: DiscardOptions, id: string): Promise<void> {
  const discarded = await discard(redis, { stream: letters.stream, group: letters.group, id })
  if (discarded === 0) return sayNo(json, { error: 'letter.unknown', id }, tellMissing(letters, id))
  console.log(json ? JSON.stringify({ discarded }) : `Discarded ${id}.`)
}

async function discardMany(redis: Redis, options: DiscardOptions, command: Command): Promise<void> {
  const { stream, group, json, yes } = options
  const many = yes ? 0 : Math.min(options.limit ?? Number.POSITIVE_INFINITY, await countMatching(redis, options))
  if (many > 1) command.error(`error: this would discard ${tellCount(many)} for good: say --yes, or name one by its id`)
  // others may be parked meanwhile
  const limit = yes ? options.limit : 1
  const progress = showSteps()
  const discarded = await discard(redis, {
    stream,
    group,
    filter: filterOf(options),
    ...(limit !== undefined && { limit }),
    onProgress: (done) => progress(() => `Discarding: ${tellCount(done)}`),
  })
  if (json) console.log(JSON.stringify({ discarded }))
  else showEnd(`Discarded ${tellCount(discarded)}.`)
}

async function countMatching(redis: Redis, options: Which): Promise<number> {
  const counts = await countDeadLetters(redis, options)
  if (options.reason !== undefined) return counts.get(options.reason) ?? 0
  return [...counts.values()].reduce((sum, some) => sum + some, 0)
}

function filterOf({ reason, after, before }: LetterFilter): LetterFilter {
  return {
    ...(reason !== undefined && { reason }),
    ...(after !== undefined && { after }),
    ...(before !== undefined && { before }),
  }
}

/** An id names one letter: what would choose among many beside it would be ignored. */
function refuseBoth(id: string | undefined, options: SendOptions, command: Command): void {
  const { reason, after, before, limit, perSecond } = options
  if (id !== undefined && [reason, after, before, limit, perSecond].some((option) => option !== undefined))
    command.error('error: an id names one dead letter: leave --reason, --after, --before, --limit and --per-second out')
}

function sayNo(
  json: true | undefined,
  answer: { readonly error: string; readonly id: string },
  sentence: string,
): void {
  process.exitCode = EXIT.no
  if (json) console.log(JSON.stringify(answer))
  else console.error(sentence)
}

function tellMissing({ stream, group }: Letters, id: string): string {
  return `${group} has no dead letter ${id} of ${stream}: it was sent again or discarded, or has never been; list tells which there are.`
}

function tellCount(letters: number): string {
  return count(letters, 'dead letter')
}

function readId(value: string): string {
  if (/^\d{1,20}-\d{1,20}$/.test(value)) return value
  throw new InvalidArgumentError('It must be an id such as 1795000000000-0, as list tells it.')
}

function readWhen(value: string): string {
  if (/^\d{1,20}(-\d{1,20})?$/.test(value)) return value
  const time = /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN
  if (time >= 0) return String(time)
  throw new InvalidArgumentError('It must be an id, milliseconds since 1970, or a time such as 2026-11-20T08:00:00Z.')
}

function readCount(value: string): number {
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value)
  throw new InvalidArgumentError('It must be a whole number from 1 to 999999999.')
}

function readRate(value: string): number {
  if (/^\d{1,6}(\.\d{1,3})?$/.test(value) && Number(value) > 0) return Number(value)
  throw new InvalidArgumentError('It must be a number above 0, such as 50 or 0.5.')
}
