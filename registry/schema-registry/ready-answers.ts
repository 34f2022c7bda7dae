import { setTimeout as wait } from 'node:timers/promises'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ByteCache } from '../byte-cache.ts'
import type { Reads, StoredSchema } from '../store/store.ts'
import { findSchema } from '../subjects/find.ts'
import { contentTypeFor, describeContent } from './answers.ts'

type Ready = { readonly body: Buffer; readonly etag: string }
type Answer = (request: FastifyRequest, reply: FastifyReply, id: number) => FastifyReply | Promise<FastifyReply>

export type ReadyAnswers = {
  readonly answerById: Answer
  readonly answerTextById: Answer
  /** Forgets all answers, for when this registry itself takes a schema away. */
  readonly forget: () => void
}

/** How many bytes of answers are kept in memory. */
const BYTES_KEPT = 96 * 1024 * 1024
const TEXT_BYTES_KEPT = 16 * 1024 * 1024
/** For how long a schema that another registry took away for good may still be answered. */
const REMOVALS_MS = 1000
/** How long one waits for a store that does not answer before what is kept is taken for good. */
const PATIENCE_MS = 250

/** Answers with schemas by id as ready bytes, since they never change: until one is taken away for good, and then all anew. */
export function createReadyAnswers(store: Pick<Reads, 'schemas'>): ReadyAnswers {
  const kept = { whole: new ByteCache(BYTES_KEPT), text: new ByteCache(TEXT_BYTES_KEPT) }
  let forgotten = 0
  const forget = () => {
    forgotten++
    for (const kind of Object.values(kept)) kind.clear()
  }
  const look = watchRemovals(store, forget)

  const answerWith = (kind: keyof typeof kept, write: (schema: StoredSchema) => string): Answer => {
    const make = async (request: FastifyRequest, reply: FastifyReply, id: number) => {
      // What is read may be taken away before it is kept.
      const before = forgotten
      const schema = await findSchema(store.schemas, id)
      // The guid is of all that the schema is, and no id is given twice.
      const bytes = Buffer.from(`"${kind[0]}-${schema.guid}"${write(schema)}`)
      if (forgotten === before) kept[kind].set(id, bytes)
      return send(request, reply, readyIn(bytes))
    }
    const answer: Answer = (request, reply, id) => {
      const known = kept[kind].get(id)
      return known ? send(request, reply, readyIn(known)) : make(request, reply, id)
    }
    return (request, reply, id) => look()?.then(() => answer(request, reply, id)) ?? answer(request, reply, id)
  }
  return {
    answerById: answerWith('whole', (schema) => JSON.stringify(describeContent(schema))),
    answerTextById: answerWith('text', ({ text }) => text),
    forget,
  }
}

const ETAG_LENGTH = 40

/** The answer's tag stands before it. */
function readyIn(bytes: Buffer): Ready {
  return { etag: bytes.toString('latin1', 0, ETAG_LENGTH), body: bytes.subarray(ETAG_LENGTH) }
}

function send(request: FastifyRequest, reply: FastifyReply, { body, etag }: Ready): FastifyReply {
  const { accept, 'if-none-match': known } = request.headers
  reply.header('etag', etag)
  if (known !== undefined && isAmong(etag, known)) return reply.code(304).send()
  return reply.header('content-type', contentTypeFor(accept)).send(body)
}

function isAmong(etag: string, known: string): boolean {
  return known === '*' || known.split(',').some((one) => one.trim().replace(/^W\//, '') === etag)
}

/**
 * Asks the store now and then, and only while there are requests. While it does not answer, what is kept is good. The first
 * request after a quiet time has something to wait for, since much may have been taken away meanwhile.
 */
function watchRemovals(store: Pick<Reads, 'schemas'>, forget: () => void): () => Promise<void> | undefined {
  let seen: number | undefined
  let asked = Number.NEGATIVE_INFINITY
  let asking = false
  const ask = async (): Promise<void> => {
    asking = true
    try {
      const removals = await store.schemas.removals()
      if (seen !== removals) forget()
      seen = removals
    } catch {
      // Whoever needs the store will be told; these answers do not.
    } finally {
      asking = false
    }
  }
  return () => {
    const now = performance.now()
    const quietMs = now - asked
    if (asking || quietMs < REMOVALS_MS) return undefined
    asked = now
    const answered = ask() // mostly in the background; it never rejects
    return quietMs > 2 * REMOVALS_MS ? Promise.race([answered, wait(PATIENCE_MS)]) : undefined
  }
}
