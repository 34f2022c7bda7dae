import type { Redis } from 'ioredis'

/** An answer of the vote API, as it came. */
export type Answer = { readonly status: number; readonly text: string }

/** How many votes each option has. */
export type Counts = { readonly cats: number; readonly dogs: number }

/** Votes, as those who know nothing of Concordat cast and count them. */
export type Votes = {
  readonly cast: (option: string) => Promise<Answer>
  readonly readResults: () => Promise<Answer>
  /** What the results count. */
  readonly counted: () => Promise<Counts>
  /** What a foreign writer does: it puts fields on the stream by a plain XADD, past every guard. Answers the entry's id. */
  readonly add: (...fields: string[]) => Promise<string>
  /** The votes that were accepted: what stands in the stream and names an option. */
  readonly accepted: () => Promise<Counts>
  /** The entries that somebody was promised, and that are not in the stream. */
  readonly lost: () => Promise<string[]>
  /** How many dead letters the tally has. */
  readonly dead: () => Promise<number>
}

export function createVotes(url: string, redis: Redis): Votes {
  const promised: string[] = []
  const entries = () => redis.xrange('votes', '-', '+')
  return {
    cast: async (option) => {
      const answer = await answerOf(
        await fetch(`${url}/api/vote`, { method: 'POST', headers: JSON_BODY, body: JSON.stringify({ option }) }),
      )
      if (answer.status === 201) promised.push((JSON.parse(answer.text) as { stream_id: string }).stream_id)
      return answer
    },
    readResults: async () => answerOf(await fetch(`${url}/api/results`)),
    counted: async () => countsIn((await answerOf(await fetch(`${url}/api/results`))).text),
    add: async (...fields) => {
      const id = String(await redis.call('XADD', 'votes', '*', ...fields))
      promised.push(id)
      return id
    },
    accepted: async () => {
      // A press of the page that was sent again stands there twice, under one request.
      const votes = new Map(
        (await entries()).map(([, fields]) => [fieldOf(fields, 'request_id'), fieldOf(fields, 'option')]),
      )
      const countOf = (option: string) => [...votes.values()].filter((cast) => cast === option).length
      return { cats: countOf('cats'), dogs: countOf('dogs') }
    },
    lost: async () => {
      const there = new Set((await entries()).map(([id]) => id))
      return promised.filter((id) => !there.has(id))
    },
    dead: () => redis.xlen('{votes}:dead:tally'),
  }
}

const JSON_BODY = { 'content-type': 'application/json' }

async function answerOf(response: Response): Promise<Answer> {
  return { status: response.status, text: await response.text() }
}

function fieldOf(fields: readonly string[], wanted: string): string | undefined {
  return fields.find((_value, i) => i % 2 === 1 && fields[i - 1] === wanted)
}

type Results = { readonly results: readonly { readonly option: string; readonly count: number }[] }

function countsIn(text: string): Counts {
  const { results } = JSON.parse(text) as Results
  const countOf = (wanted: string) => results.find(({ option }) => option === wanted)?.count ?? 0
  return { cats: countOf('cats'), dogs: countOf('dogs') }
}
