import { Client } from 'undici'

export type Request = { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: string }

/** Clients that each keep one connection open and send one request after the other. */
export type Load = AsyncDisposable & {
  /** Sends for so long and answers how many answers came a second. Any answer but 200 fails. */
  readonly run: (forMs: number, next: () => Request) => Promise<number>
}

export function openLoad(url: string, connections: number, headers: Headers = {}): Load {
  const clients = Array.from({ length: connections }, () => new Client(url))
  return {
    run: async (forMs, next) => {
      const started = performance.now()
      const until = started + forMs
      const counts = await Promise.all(clients.map((client) => sendUntil(client, headers, until, next)))
      const answers = counts.reduce((sum, count) => sum + count, 0)
      return answers / ((performance.now() - started) / 1000)
    },
    [Symbol.asyncDispose]: async () => void (await Promise.all(clients.map((client) => client.close()))),
  }
}

async function sendUntil(client: Client, headers: Headers, until: number, next: () => Request): Promise<number> {
  let count = 0
  while (performance.now() < until) {
    await send(client, headers, next())
    count++
  }
  return count
}

type Headers = Readonly<Record<string, string>>

const HEADERS = { 'content-type': 'application/json' }

async function send(client: Client, headers: Headers, { method, path, body }: Request): Promise<void> {
  const sent = body === undefined ? { headers } : { body, headers: { ...headers, ...HEADERS } }
  const answer = await client.request({ method, path, ...sent })
  if (answer.statusCode === 200) return answer.body.dump()
  throw new Error(`${method} ${path} was answered ${answer.statusCode}: ${await answer.body.text()}`)
}

/** Numbers from 1 to `count`, the small ones often and the large ones seldom: as Zipf's law has it, with exponent 1. */
export function zipf(count: number): number {
  return Math.min(count, Math.floor(Math.exp(Math.random() * Math.log(count + 1))))
}
