import { setTimeout as wait } from 'node:timers/promises'
import { Client, type Dispatcher } from 'undici'
import { seededRandom } from '../support/random.ts'

export type Option = 'cats' | 'dogs'
export type Accepted = { readonly option: Option; readonly streamId: string }

/** What the clients were told. */
export type Told = {
  /** The votes that were answered with 201, by their Idempotency-Key. */
  readonly accepted: Map<string, Accepted>
  /** How often each status came; beside them `hung up`, where the client did not wait, and `no answer`. */
  readonly statuses: Map<string, number>
  /** The answers that no client should get: anything but 201, and 503 with Retry-After. */
  readonly wrong: string[]
  /** How long the answers 201 took, one by one. */
  readonly answerMs: number[]
  /** How long it took from the first request for a vote to its 201, however often it was sent. */
  readonly voteMs: number[]
}

export type Voting = {
  readonly url: string
  readonly votes: number
  readonly clients: number
  readonly seed: number
  readonly signal: AbortSignal
}

/** One in so many requests is given up before its answer, and one in so many votes is sent once more after it. */
const IMPATIENCE = 0.01

export function noneTold(): Told {
  return { accepted: new Map(), statuses: new Map(), wrong: [], answerMs: [], voteMs: [] }
}

/** Clients with a connection each, who vote until all votes are accepted: each is sent under its key until it has a 201. */
export async function vote({ url, votes, clients, seed, signal }: Voting, told: Told): Promise<void> {
  let next = 0
  const client = async (number: number): Promise<void> => {
    const connection = new Client(url, { headersTimeout: 15_000 })
    const random = seededRandom(seed + number)
    while (next < votes) {
      const cast = { key: `${seed}-${next++}`, option: random.pick<Option>(['cats', 'dogs']) }
      const begun = performance.now()
      do {
        told.accepted.set(cast.key, await castUntilAccepted(connection, cast, { told, signal, random }))
      } while (random.isHit(IMPATIENCE))
      told.voteMs.push(performance.now() - begun)
    }
    await connection.close()
  }
  await Promise.all(Array.from({ length: clients }, (_, number) => client(number)))
}

type Cast = { readonly key: string; readonly option: Option }
type Surroundings = {
  readonly told: Told
  readonly signal: AbortSignal
  readonly random: ReturnType<typeof seededRandom>
}

async function castUntilAccepted(connection: Client, cast: Cast, around: Surroundings): Promise<Accepted> {
  const { told, signal, random } = around
  for (;;) {
    signal.throwIfAborted()
    const patience = random.isHit(IMPATIENCE) ? AbortSignal.timeout(random.below(20)) : signal
    const begun = performance.now()
    const { status, retryAfter, body } = await send(connection, cast, patience)
    told.statuses.set(status, (told.statuses.get(status) ?? 0) + 1)
    if (status === '201') {
      told.answerMs.push(performance.now() - begun)
      return { option: cast.option, streamId: String((JSON.parse(body) as { stream_id?: unknown }).stream_id) }
    }
    if (status === 'hung up') continue
    if (status !== '503' || retryAfter === undefined) told.wrong.push(`${cast.key}: ${status} ${body}`)
    await wait(1000 * Number(retryAfter ?? 1), undefined, { signal })
  }
}

type Answer = { readonly status: string; readonly retryAfter?: string | undefined; readonly body: string }

async function send(connection: Client, { key, option }: Cast, signal: AbortSignal): Promise<Answer> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': key }
  const request: Dispatcher.RequestOptions = {
    method: 'POST',
    path: '/api/vote',
    headers,
    body: `{"option":"${option}"}`,
    signal,
  }
  try {
    const answer = await connection.request(request)
    const { 'retry-after': retryAfter } = answer.headers
    return { status: String(answer.statusCode), retryAfter: retryAfter?.toString(), body: await answer.body.text() }
  } catch {
    return { status: signal.aborted ? 'hung up' : 'no answer', body: '' }
  }
}
